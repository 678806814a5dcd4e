using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Parameters;
using Consilience.Analyses.Schema;

namespace Consilience.Analyses.Moments;

/// <summary>Mean, spread and shape of a number. Parameters: <c>variable</c> (integer or real, with minimum and maximum in the schema), <c>by</c> (variables with codes).</summary>
internal sealed class MomentsMethod : Method
{
    internal const string Objection = "sums of measured values have no bound that small noise could hide; ask histogram with a few edges, or risk for shares above a limit";

    public override string Name => "moments";

    public override string Summary => "Mean, spread and shape of a measured number, as from the pooled values.";

    public override string Example => """
        variable: age
        by: [histol]
        """;

    public override IReadOnlyList<Parameter> Parameters { get; } =
    [
        Parameter.Variable("variable", "The number described, with a minimum and a maximum in the schema.", VariableType.Integer, VariableType.Real),
        Parameter.CodedAxes("by", "Variables with codes: a group for each combination; without, everybody together."),
    ];

    private protected override MethodPlan? Read(ParameterReader reader) => MomentSums.Read(reader) is { } sums ? new MomentsPlan(sums) : null;
}

/// <summary>Checked parameters of <see cref="MomentsMethod"/>.</summary>
internal sealed class MomentsPlan(MomentSums sums) : MethodPlan(sums)
{
    private static readonly string[] Columns = ["n", "mean", "variance", "std.dev", "skewness", "kurtosis"];

    public override string ObjectionToNoise => MomentsMethod.Objection;

    public override MethodResult Finish(ReadOnlySpan<long> total, NoiseModel noise, DisclosureRules rules)
    {
        var rows = new List<ResultRow>();
        foreach (var names in sums.Grouping.Names())
            rows.Add(Row(names, new GroupMoments(total.Slice(rows.Count * MomentSums.Stride, MomentSums.Stride), sums.Variable), rules));
        return new MethodResult(new ResultTable("moments", [.. sums.Grouping.Variables, .. Columns], rows));
    }

    private static ResultRow Row(ResultCell[] names, GroupMoments group, DisclosureRules rules)
    {
        if (group.IsHidden(rules))
            return ResultRow.Hidden(AnswerKind.Suppressed, names.Length + Columns.Length, names);
        return group.Persons == 0
            ? ResultRow.Of([.. names, 0, .. Enumerable.Repeat(ResultCell.Undefined, Columns.Length - 1)])
            : ResultRow.Of([.. names, rules.Round(group.Persons), group.Mean, group.Variance, Math.Sqrt(group.Variance), group.Skewness, group.Kurtosis]);
    }
}
