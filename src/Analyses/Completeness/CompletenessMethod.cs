using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Parameters;
using Consilience.Analyses.Schema;
using Consilience.Analyses.Statistics;
using Consilience.Analyses.Sums;
using Consilience.Analyses.Survival;

namespace Consilience.Analyses.Completeness;

/// <summary>How often values are known. Parameters: <c>variables</c> (of any type), <c>by</c> (as in count), <c>level</c> (0.95).</summary>
internal sealed class CompletenessMethod : Method
{
    public override string Name => "completeness";

    public override string Summary => "Of how many persons each variable is known, and of how many it is missing.";

    public override string Example => """
        variables: [histol, edrel, age]
        by: [stage]
        """;

    public override IReadOnlyList<Parameter> Parameters { get; } =
    [
        Parameter.Variables("variables", "Variables of any type, none of 'by'.", least: 1),
        Parameter.By,
        Parameter.Level,
    ];

    private protected override MethodPlan? Read(ParameterReader reader)
    {
        const string Expected = "a list of variables";
        VariableType[] any = [VariableType.Category, VariableType.Integer, VariableType.Real, VariableType.Boolean, VariableType.Date];
        var list = reader.List("variables", Expected, required: true);
        var by = Grouping.Read(reader);
        var confidence = Confidence.Read(reader);
        var names = new List<string>();
        for (var i = 0; i < list.Count; i++)
        {
            if (reader.Variable($"variables[{i}]", list[i], "a variable of the study", any) is not { } variable)
                return null;
            if (names.Contains(variable.Name) || by.Variables.Contains(variable.Name))
                reader.Add($"variables[{i}]", "each variable once, and none that persons are grouped by: who lacks it is in no group", $"'{variable.Name}'", "remove it");
            names.Add(variable.Name);
        }

        if (names.Count == 0 || 2 * by.Count * names.Count > SiteSums.LargestVector)
        {
            reader.Add("variables", $"one variable or more, at most {SiteSums.LargestVector} counters", $"{names.Count} variables in {by.Count} groups", "name some, or group by fewer variables");
            return null;
        }

        return new CompletenessPlan(new KnownTable(names, by), confidence);
    }
}

/// <summary>Checked parameters of <see cref="CompletenessMethod"/>.</summary>
internal sealed class CompletenessPlan(KnownTable table, Confidence confidence) : MethodPlan(table)
{
    private static readonly string[] Columns = ["variable", "known", "missing", "estimate", "conf.low", "conf.high"];

    /// <summary>Where rules hide one of the two counts they hide both: with the number of persons, which another variable's row tells, one gives the other.</summary>
    public override MethodResult Finish(ReadOnlySpan<long> total, NoiseModel noise, DisclosureRules rules)
    {
        var rows = new List<ResultRow>();
        var group = 0;
        foreach (var names in table.Grouping.Names())
        {
            for (var v = 0; v < table.Variables.Count; v++)
            {
                var (missing, known) = table.At(total, v, group);
                rows.Add(Row([.. names, table.Variables[v]], missing, known, noise, rules));
            }

            group++;
        }

        return new MethodResult(new ResultTable("completeness", [.. table.Grouping.Variables, .. Columns], rows));
    }

    private ResultRow Row(ResultCell[] names, long missing, long known, NoiseModel noise, DisclosureRules rules)
    {
        if (rules.KindOf(missing) == AnswerKind.Suppressed || rules.KindOf(known) == AnswerKind.Suppressed)
            return ResultRow.Hidden(AnswerKind.Suppressed, names.Length + Columns.Length - 1, names);
        double Shown(long count) => rules.Round(Math.Max(0, count));
        var (x, n) = rules.Presets.Count > 0 ? (Shown(known), Shown(known) + Shown(missing)) : (known, (double)known + missing);
        var share = NoisyIntervals.Share(x, n, 2, noise.Variance + rules.RoundingVariance, confidence.Z);
        return ResultRow.Of([.. names, Shown(known), Shown(missing), share?.Estimate, share?.Lower, share?.Upper]);
    }
}
