using Consilience.DifferentialPrivacy.Mechanisms;

namespace Consilience.Analyses.Sums;

/// <summary>Persons in each cell of a grouping: cell i of the vector is cell i of the grouping. A person is in one cell.</summary>
internal sealed class PersonTable(Grouping grouping) : SiteSums
{
    internal Grouping Grouping => grouping;

    /// <summary>The table of a grouping; one too large is a fault at <paramref name="place"/>.</summary>
    internal static PersonTable Of(Grouping grouping, ParameterReader reader, string place)
    {
        if (grouping.Count > LargestVector)
            reader.Add(place, $"at most {LargestVector} cells", $"{grouping.Count}", "group by fewer variables or use fewer edges");
        return new PersonTable(grouping);
    }

    public override int VectorLength => (int)grouping.Count;

    public override ContributionBound Bound => ContributionBound.OneCell;

    public override string Canonical => CanonicalOf(grouping.WriteCanonical);

    public override void Encode(IRows rows, Span<long> vector) => rows.Tabulate(grouping.Axes, vector);
}
