using Consilience.Analyses;
using Consilience.Analyses.NetSurvival;
using Consilience.Analyses.Schema;

namespace Consilience.Site.Analyse;

/// <summary>The rows of a cohort; notes which variables decide who is counted, which are read row by row, and which numbers among those single out a few persons.</summary>
/// <param name="rows">The rows.</param>
/// <param name="schema">Of the study.</param>
/// <param name="few">Fewer persons than this are few.</param>
internal sealed class NotedRows(IRows rows, StudySchema schema, int few) : IRows
{
    private readonly Dictionary<string, Dictionary<double, long>> counts = new(StringComparer.Ordinal);

    internal HashSet<string> Variables { get; } = new(StringComparer.Ordinal);

    internal IReadOnlyCollection<string> Values => counts.Keys;

    /// <summary>
    /// A number that all but a few persons have alike: sums of its products with others are sums over those few, as with a mask of 0 and 1. Null where there is none. Codes that few persons have are no masks:
    /// every site has some, and the study declares them.
    /// </summary>
    internal string? Mask => counts.FirstOrDefault(c => schema.Find(c.Key)?.Type is VariableType.Integer or VariableType.Real && IsMask(c.Value)).Key;

    private bool IsMask(Dictionary<double, long> persons)
    {
        var others = persons.Values.Sum() - persons.Values.DefaultIfEmpty().Max();
        return persons.Count <= few && others > 0 && others < few;
    }

    public void Tabulate(IReadOnlyList<Axis> axes, Span<long> cells)
    {
        Variables.UnionWith(axes.Where(a => a is not KnownAxis).Select(a => a.Variable));
        rows.Tabulate(axes, cells);
    }

    public void Read(IReadOnlyList<string> variables, Func<RowReader> begin)
    {
        Variables.UnionWith(variables);
        rows.Read(variables, Noting(variables, begin));
    }

    /// <summary>Values that may be missing decide nobody's being counted, and stand for classes, not for numbers that are added up: they are not noted.</summary>
    public void ReadWithMissing(IReadOnlyList<string> known, IReadOnlyList<string> others, Func<RowReader> begin)
    {
        Variables.UnionWith(known);
        rows.ReadWithMissing(known, others, Noting(known, begin));
    }

    /// <summary>A value counts once for each person who has it in some row.</summary>
    public void ReadPersons(IReadOnlyList<string> variables, int most, Func<PersonReader> begin)
    {
        Variables.UnionWith(variables);
        rows.ReadPersons(variables, most, () =>
        {
            var (note, reader, own) = (NoteValues(variables), begin(), new HashSet<(int, double)>());
            return (place, values) =>
            {
                if (place == 0)
                    own.Clear();
                for (var i = 0; i < values.Length; i++)
                {
                    if (own.Add((i, values[i])))
                        note(i, values[i]);
                }

                reader(place, values);
            };
        });
    }

    public LifeTable LifeTable(string name) => rows.LifeTable(name);

    public void ReadGenotypes(Panel panel, IReadOnlyList<string> variables, Func<int, GenotypeReader> begin)
    {
        Variables.UnionWith(variables);
        rows.ReadGenotypes(panel, variables, places => new NotedGenotypes(Note(variables), begin(places)));
    }

    private Func<RowReader> Noting(IReadOnlyList<string> variables, Func<RowReader> begin) => () =>
    {
        var note = Note(variables);
        var reader = begin();
        return values =>
        {
            note(values);
            reader(values);
        };
    };

    private RowReader Note(IReadOnlyList<string> variables)
    {
        var note = NoteValues(variables);
        return values =>
        {
            for (var i = 0; i < variables.Count; i++)
                note(i, values[i]);
        };
    }

    /// <summary>Counts values, each of a variable by its place, from the start. A set of values that is larger than a few holds no mask; it is not counted further.</summary>
    private Action<int, double> NoteValues(IReadOnlyList<string> variables)
    {
        Dictionary<double, long>[] seen = [.. variables.Select(v => counts[v] = [])];
        return (i, value) =>
        {
            if (seen[i].Count <= few)
                seen[i][value] = seen[i].GetValueOrDefault(value) + 1;
        };
    }

    private sealed class NotedGenotypes(RowReader note, GenotypeReader reader) : GenotypeReader
    {
        public override void Person(ReadOnlySpan<double> values, int place)
        {
            note(values);
            reader.Person(values, place);
        }

        public override void Variants(int first, int count, ReadOnlySpan<byte> packed) => reader.Variants(first, count, packed);
    }
}
