using Consilience.Analyses.Sums;
using Consilience.DifferentialPrivacy.Mechanisms;

namespace Consilience.Analyses.Incidence;

/// <summary>
/// For each cell of a grouping, cases, and after them for each cell the follow-up of everybody in it. A case counts as the longest follow-up there can be, so that noise moves cases as much as whole persons' follow-up, not by
/// thousands of days' worth: a person changes one counter of each kind, each by at most that.
/// </summary>
/// <param name="grouping">Cells.</param>
/// <param name="occurred">Whether a person is a case: false, then true.</param>
/// <param name="time">Every value that follow-up can have.</param>
/// <param name="least">The least of them, 0 or more.</param>
internal sealed class PersonTime(Grouping grouping, CodeAxis occurred, EdgeAxis time, long least) : SiteSums
{
    /// <summary>What one case counts as: the longest follow-up.</summary>
    internal long CaseUnit => least + time.Length - 1;

    internal int Cells => (int)grouping.Count;

    public override int VectorLength => 2 * Cells;

    public override ContributionBound Bound => new(2, CaseUnit, 2 * CaseUnit, checked(2 * CaseUnit * CaseUnit));

    public override long LargestCounter => 1L << 54;

    public override string Canonical => CanonicalOf(writer =>
    {
        writer.WriteString("persontime", time.Variable);
        writer.WriteString("event", occurred.Variable);
        grouping.WriteCanonical(writer);
    });

    public override void Encode(IRows rows, Span<long> vector)
    {
        var persons = new long[Cells * 2 * time.Length];
        rows.Tabulate([.. grouping.Axes, occurred, time], persons);
        for (var i = 0; i < persons.Length; i++)
        {
            var (cell, isCase, value) = (i / (2 * time.Length), i / time.Length % 2, i % time.Length);
            vector[cell] += isCase * CaseUnit * persons[i];
            vector[Cells + cell] += (least + value) * persons[i];
        }
    }
}
