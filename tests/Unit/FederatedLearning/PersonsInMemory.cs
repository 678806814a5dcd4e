using Consilience.Analyses;

namespace Consilience.FederatedLearning.Tests;

/// <summary>Persons of a site with their rows, the chosen one first; values by variable, in the coding of <see cref="IRows"/>.</summary>
internal sealed class PersonsInMemory(IReadOnlyList<string> variables, IReadOnlyList<double[][]> persons) : IRows
{
    internal IReadOnlyList<double[][]> Persons => persons;

    /// <summary>One row a person, as other questions have it.</summary>
    internal RowsInMemory Chosen => new(variables, [.. persons.Select(p => p[0])]);

    /// <summary>Every row, as if it were a person.</summary>
    internal RowsInMemory Rows => new(variables, [.. persons.SelectMany(p => p)]);

    public void Tabulate(IReadOnlyList<Axis> axes, Span<long> cells) => throw new NotSupportedException("training reads rows");

    public void Read(IReadOnlyList<string> asked, Func<RowReader> begin) => Chosen.Read(asked, begin);

    public void ReadPersons(IReadOnlyList<string> asked, int most, Func<PersonReader> begin)
    {
        var take = begin();
        foreach (var person in persons)
        {
            var place = 0;
            new RowsInMemory(variables, [.. person.Take(most)]).Read(asked, () => values => take(place++, values));
        }
    }

    internal PersonsInMemory With(params double[][] person) => new(variables, [.. persons, person]);

    /// <summary>Persons in reverse, and the rows of each too.</summary>
    internal PersonsInMemory Backwards() => new(variables, [.. persons.Reverse().Select(p => p.Reverse().ToArray())]);

    /// <summary>The persons of one of <paramref name="sites"/>, dealt in turn.</summary>
    internal PersonsInMemory Part(int site, int sites) => new(variables, [.. persons.Where((_, i) => i % sites == site)]);
}
