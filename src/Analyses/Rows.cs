using Consilience.Analyses.NetSurvival;
using Consilience.Analyses.Schema;

namespace Consilience.Analyses;

/// <summary>One axis of a table of persons: a public, data-independent list of bins.</summary>
public abstract record Axis(string Variable)
{
    /// <summary>Number of bins; every person whose value fits none, as a missing one does but on a <see cref="KnownAxis"/>, is left out of the table.</summary>
    public abstract int Length { get; }
}

/// <summary>A bin for each code, in this order. Booleans use the codes <c>false</c> and <c>true</c>.</summary>
public sealed record CodeAxis(string Variable, IReadOnlyList<string> Codes) : Axis(Variable)
{
    public override int Length => Codes.Count;

    internal int IndexOf(string code) => Codes.ToList().IndexOf(code);
}

/// <summary>
/// Bins of a numeric variable between increasing edges e₀ &lt; … &lt; e₍J₋₁₎: bin 0 is (−∞, e₀], bin j is (e₍j₋₁₎, e_j], and bin J is (e₍J₋₁₎, ∞).
/// Comparison happens on the exact decimal or integer value, never on a rounded double.
/// </summary>
public sealed record EdgeAxis(string Variable, IReadOnlyList<decimal> Edges) : Axis(Variable)
{
    public override int Length => Edges.Count + 1;
}

/// <summary>Two bins of a variable of any type: bin 0 where its value is missing, bin 1 where it is known. Leaves nobody out.</summary>
public sealed record KnownAxis(string Variable) : Axis(Variable)
{
    public override int Length => 2;
}

/// <summary>Takes the values of one row.</summary>
public delegate void RowReader(ReadOnlySpan<double> values);

/// <summary>Takes the values of one of a person's rows.</summary>
/// <param name="place">Among the rows of the person, from 0 on: 0 begins another person.</param>
/// <param name="values">As a <see cref="RowReader"/> has them.</param>
public delegate void PersonReader(int place, ReadOnlySpan<double> values);

/// <summary>Takes the persons of a cohort, and then the genotypes of all who have any, variant by variant.</summary>
public abstract class GenotypeReader
{
    /// <summary>Takes the values of one person.</summary>
    /// <param name="values">As a <see cref="RowReader"/> has them.</param>
    /// <param name="place">Where the person's genotypes stand within each variant; −1 where there are none.</param>
    public abstract void Person(ReadOnlySpan<double> values, int place);

    /// <summary>Takes whole variants, in the panel's order.</summary>
    /// <param name="first">The number of the first, from 0.</param>
    /// <param name="count">Of variants.</param>
    /// <param name="packed">
    /// For each variant a byte of every four places, two bits a place, the first place lowest: 0 two effect alleles, 1 not known, 2 one, 3 none. Places of nobody in the cohort, and those behind the last, hold anything.
    /// </param>
    public abstract void Variants(int first, int count, ReadOnlySpan<byte> packed);
}

/// <summary>The persons of a cohort at one site, a row each, as sums are made of them there.</summary>
public interface IRows
{
    /// <summary>
    /// Adds the number of persons in each cell to <paramref name="cells"/>, whose length is the product of the axes' lengths: dense, in row-major order (last axis fastest), empty cells too. One person falls
    /// in at most one cell.
    /// </summary>
    void Tabulate(IReadOnlyList<Axis> axes, Span<long> cells);

    /// <summary>
    /// Hands over the rows in which every one of <paramref name="variables"/> is known: a code by its position in the schema, false and true as 0 and 1, a date as days since
    /// 0001-01-01, a number as the double nearest to it.
    /// </summary>
    /// <param name="variables">Of any type.</param>
    /// <param name="begin">Called before the first row, and again, from the start, when the data changed meanwhile; what it returned before is not used any more.</param>
    void Read(IReadOnlyList<string> variables, Func<RowReader> begin);

    /// <summary>The same where some values may be missing: rows in which every one of <paramref name="known"/> is known, with NaN for each of <paramref name="others"/> that is not.</summary>
    /// <param name="known">Of any type; their values come first.</param>
    /// <param name="others">Of any type.</param>
    /// <param name="begin">As of <see cref="Read"/>.</param>
    void ReadWithMissing(IReadOnlyList<string> known, IReadOnlyList<string> others, Func<RowReader> begin) => throw new NotSupportedException("rows with missing values are not kept here");

    /// <summary>
    /// Hands over the persons that <see cref="Read"/> would, with all their rows in which every one of <paramref name="variables"/> is known, the chosen one first: in the cohort is a person whose chosen row is, and then all rows belong to the
    /// person. Which rows, and in which order, follows from the person's own. Where a person has one row, this is <see cref="Read"/>.
    /// </summary>
    /// <param name="variables">Of any type.</param>
    /// <param name="most">Rows of one person.</param>
    /// <param name="begin">As of <see cref="Read"/>.</param>
    void ReadPersons(IReadOnlyList<string> variables, int most, Func<PersonReader> begin) => Read(variables, OneRowEach(begin));

    /// <summary>Takes every row for a person's only one.</summary>
    static Func<RowReader> OneRowEach(Func<PersonReader> begin) => () =>
    {
        var take = begin();
        return values => take(0, values);
    };

    /// <summary>A life table of the study, as agreed to the last byte. Rows that stand beside none have none.</summary>
    LifeTable LifeTable(string name) => throw new NotSupportedException("no life tables stand beside these rows");

    /// <summary>Hands over the persons that <see cref="Read"/> would, and then the genotypes of everybody in a panel's files. Rows that stand beside none have none.</summary>
    /// <param name="panel">Of the schema.</param>
    /// <param name="variables">Of any type but date.</param>
    /// <param name="begin">As of <see cref="Read"/>; is told how many places a variant has.</param>
    void ReadGenotypes(Panel panel, IReadOnlyList<string> variables, Func<int, GenotypeReader> begin) => throw new NotSupportedException("no genotypes stand beside these rows");
}
