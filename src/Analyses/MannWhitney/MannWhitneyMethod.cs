using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Distribution;
using Consilience.Analyses.Parameters;
using Consilience.Analyses.Schema;
using Consilience.Analyses.Statistics;
using Consilience.Analyses.Sums;

namespace Consilience.Analyses.MannWhitney;

/// <summary>
/// The rank-sum test. Parameters: <c>variable</c> (integer or real), <c>by</c> (two groups), <c>grid</c> (edges of the bins that values are ranked by; not needed of a whole-numbered variable whose schema states its range).
/// </summary>
internal sealed class MannWhitneyMethod : Method
{
    public override string Name => "mann-whitney";

    public override string Summary => "Whether one of two groups tends to larger values: the Mann–Whitney (Wilcoxon rank-sum) test on pooled ranks.";

    public override string Example => """
        variable: age
        by: [rel]
        """;

    public override IReadOnlyList<Parameter> Parameters { get; } =
    [
        Parameter.Variable("variable", "The number compared.", VariableType.Integer, VariableType.Real),
        Parameter.Axes("by", "A variable of two codes, or {variable, edges} with one edge: the groups.", least: 1),
        Parameter.Grid.As("Edges of bins to rank values by; every value without, of a whole number whose range the schema states.").Optional(),
    ];

    private protected override MethodPlan? Read(ParameterReader reader)
    {
        var variable = reader.Variable("variable", VariableType.Integer, VariableType.Real);
        var by = Grouping.Read(reader);
        if (by.Count != 2)
            reader.Add("by", "variables that make two groups", $"{by.Count}", "restrict the cohort, or compare shares of more groups with association");
        if (variable is null || ReadAxis(reader, variable) is not { } values || by.Count != 2)
            return null;
        return new MannWhitneyPlan(PersonTable.Of(by.Then(new Grouping([values]), reader, "by"), reader, "grid"), by);
    }

    private static EdgeAxis? ReadAxis(ParameterReader reader, Variable variable)
    {
        if (reader.Element("grid", "{from, to, step}, or {edges: […]}", required: false) is null)
            return UnitBins.Of(reader, "variable", variable, "add 'grid', the edges of bins to rank values by")?.Axis;
        return Grid.Read(reader, "grid") is { } grid ? new EdgeAxis(variable.Name, grid) : null;
    }
}

/// <summary>Checked parameters of <see cref="MannWhitneyMethod"/>. The table's axes: those of <c>by</c>, which make two groups, then the values.</summary>
internal sealed class MannWhitneyPlan(PersonTable table, Grouping by) : MethodPlan(table)
{
    private static readonly string[] TestColumns = ["method", "statistic", "estimate", "z", "p.value"];

    public override string ObjectionToNoise =>
        "the distribution of ranks of noised counts is not known; ask risk for shares above a limit in each group, or histogram";

    public override MethodResult Finish(ReadOnlySpan<long> total, NoiseModel noise, DisclosureRules rules)
    {
        var ranks = new RankSum(total[..(total.Length / 2)], total[(total.Length / 2)..]);
        var isHidden = rules.KindOf(ranks.First) == AnswerKind.Suppressed || rules.KindOf(ranks.Second) == AnswerKind.Suppressed;
        var groups = by.Names().Zip([ranks.First, ranks.Second], (names, persons) => rules.KindOf(persons) == AnswerKind.Suppressed
            ? ResultRow.Hidden(AnswerKind.Suppressed, names.Length + 1, names)
            : ResultRow.Of([.. names, (double)rules.Round(persons)]));
        return new MethodResult(
            new ResultTable("groups", [.. by.Variables, "n"], [.. groups]),
            new ResultTable("test", TestColumns, [Row("Wilcoxon, continuity corrected", ranks, 0.5, isHidden), Row("Wilcoxon", ranks, 0, isHidden)]));
    }

    private static ResultRow Row(string method, RankSum ranks, double correction, bool isHidden)
    {
        if (isHidden)
            return ResultRow.Hidden(AnswerKind.Suppressed, TestColumns.Length, method);
        var z = ranks.Z(correction);
        return ResultRow.Of([method, ranks.Statistic, ranks.Superiority, z, Distributions.NormalTails(z)]);
    }
}
