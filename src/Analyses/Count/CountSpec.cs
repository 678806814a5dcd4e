using System.Text;
using System.Text.Json;
using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Schema;
using Consilience.DifferentialPrivacy.Mechanisms;

namespace Consilience.Analyses.Count;

/// <summary>How many persons are in each cell of a declared grouping. Parameters: <c>by</c>, a list of variables or of {variable, edges}; none for one total.</summary>
internal sealed class CountMethod : Method
{
    internal const long LargestVector = 16_000_000;

    public override string Name => "count";

    public override string Summary => "How many persons are in each cell of a declared grouping.";

    public override MethodPlan? Plan(JsonElement parameters, StudySchema schema, ICollection<Fault> faults)
    {
        var before = faults.Count;
        var reader = new ParameterReader(parameters, schema, faults, Name);
        var grouping = Grouping.Read(reader);
        reader.Finish();
        if (grouping.Count > LargestVector)
            reader.Add("by", $"at most {LargestVector} cells", $"{grouping.Count}", "group by fewer variables or use fewer edges");
        return faults.Count == before ? new CountPlan(grouping) : null;
    }
}

/// <summary>Checked parameters of <see cref="CountMethod"/>. Layout: one counter a cell. A person is in one cell.</summary>
internal sealed class CountPlan(Grouping grouping) : MethodPlan
{
    public override int VectorLength => (int)grouping.Count;

    public override ContributionBound Bound => ContributionBound.OneCell;

    public override string Canonical
    {
        get
        {
            using var stream = new MemoryStream();
            using (var writer = new Utf8JsonWriter(stream))
            {
                writer.WriteStartObject();
                grouping.WriteCanonical(writer);
                writer.WriteEndObject();
            }

            return Encoding.UTF8.GetString(stream.ToArray());
        }
    }

    public override void Encode(ITabulator rows, Span<long> vector) => CountEncode.Fill(rows, grouping, vector);

    public override MethodResult Finish(ReadOnlySpan<long> total, NoiseModel noise, DisclosureRules rules) => CountFinish.From(total, grouping, noise, rules);
}
