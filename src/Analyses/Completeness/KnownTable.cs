using System.Text.Json;
using Consilience.Analyses.Sums;
using Consilience.DifferentialPrivacy.Mechanisms;

namespace Consilience.Analyses.Completeness;

/// <summary>For each variable, and each cell of a grouping, persons of whom the variable is missing and persons of whom it is known. A person is in one cell for each variable.</summary>
internal sealed class KnownTable(IReadOnlyList<string> variables, Grouping grouping) : SiteSums
{
    internal IReadOnlyList<string> Variables => variables;

    internal Grouping Grouping => grouping;

    public override int VectorLength => variables.Count * Stride;

    public override ContributionBound Bound => new(variables.Count, 1, variables.Count, variables.Count);

    public override string Canonical => CanonicalOf(writer =>
    {
        writer.WriteString("known", JsonSerializer.Serialize(variables));
        grouping.WriteCanonical(writer);
    });

    /// <summary>Counters of one variable.</summary>
    private int Stride => 2 * (int)grouping.Count;

    internal (long Missing, long Known) At(ReadOnlySpan<long> total, int variable, int group) => (total[(variable * Stride) + (2 * group)], total[(variable * Stride) + (2 * group) + 1]);

    public override void Encode(IRows rows, Span<long> vector)
    {
        for (var v = 0; v < variables.Count; v++)
            rows.Tabulate([.. grouping.Axes, new KnownAxis(variables[v])], vector.Slice(v * Stride, Stride));
    }
}
