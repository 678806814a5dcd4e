using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Distribution;
using Consilience.Analyses.Parameters;
using Consilience.Analyses.Schema;
using Consilience.Analyses.Sums;
using Consilience.Analyses.Survival;

namespace Consilience.Analyses.Histogram;

/// <summary>
/// A number's distribution over public bins, and quantiles from it. Parameters: <c>variable</c> (integer or real), <c>grid</c> (edges of the bins), <c>by</c> (as in count), <c>quantiles</c> (probabilities;
/// quartiles without), <c>level</c> (0.95).
/// </summary>
internal sealed class HistogramMethod : Method
{
    public override string Name => "histogram";

    public override string Summary => "How a number is distributed over public bins, and its quantiles by interpolation inside them.";

    public override string Example => """
        variable: age
        grid: {from: 0, to: 240, step: 30}
        by: [histol]
        quantiles: [0.25, 0.5, 0.75]
        """;

    public override IReadOnlyList<Parameter> Parameters { get; } =
    [
        Parameter.Variable("variable", "The number described.", VariableType.Integer, VariableType.Real),
        Parameter.Grid.As("Edges of the bins, increasing, two or more: {from, to, step}, {edges: […]}, or {persons, landmarks, to, epsilon} of how many are expected and what is paid."),
        Parameter.By,
        Parameter.Numbers("quantiles", "Probabilities; quartiles without.", 0, 1),
        Parameter.Level,
    ];

    private protected override MethodPlan? Read(ParameterReader reader)
    {
        var variable = reader.Variable("variable", VariableType.Integer, VariableType.Real);
        var grid = Grid.Read(reader, "grid");
        var by = Grouping.Read(reader);
        var probabilities = Probabilities.Read(reader);
        var confidence = Confidence.Read(reader);
        if (grid is { Count: < 2 })
            reader.Add("grid", "two edges or more", "one", "add the end of the last bin");
        if (variable is null || grid is not { Count: >= 2 })
            return null;
        var bins = Bins.Of(variable, grid);
        return new HistogramPlan(PersonTable.Of(by.Then(new Grouping([bins.Axis]), reader, "by"), reader, "grid"), by, bins, probabilities, confidence);
    }
}

/// <summary>Checked parameters of <see cref="HistogramMethod"/>. The table's axes: those of <c>by</c>, then the bins.</summary>
internal sealed class HistogramPlan(PersonTable table, Grouping by, Bins bins, IReadOnlyList<decimal> probabilities, Confidence confidence) : MethodPlan(table)
{
    private static readonly string[] Columns = ["from", "to", "n", "density", "conf.low", "conf.high"];
    private static readonly string[] QuantileColumns = ["probability", "estimate", "conf.low", "conf.high"];

    /// <summary>Where rules hide a bin, neither densities nor quantiles of its group are shown: both tell the sum of all bins.</summary>
    public override MethodResult Finish(ReadOnlySpan<long> total, NoiseModel noise, DisclosureRules rules)
    {
        var (rows, quantiles, group) = (new List<ResultRow>(), new List<ResultRow>(), 0);
        foreach (var names in by.Names())
        {
            var opened = total.Slice(bins.Count * group++, bins.Count).ToArray();
            var isHidden = opened.Any(c => rules.KindOf(c) == AnswerKind.Suppressed);
            double[] cells = [.. opened.Select(c => (double)(rules.Presets.Count > 0 ? rules.Round(Math.Max(0, c)) : c))];
            var values = new BinnedValues(bins, cells, noise.Variance + rules.RoundingVariance, confidence.Z);
            for (var k = 0; k < bins.Count; k++)
                rows.Add(Bin([.. names, bins.From(k), bins.To(k)], values, k, rules.KindOf(opened[k]) == AnswerKind.Suppressed, isHidden));
            quantiles.AddRange(probabilities.Select(p => Quantile(names, values, p, isHidden)));
        }

        return new MethodResult(new ResultTable("bins", [.. by.Variables, .. Columns], rows), new ResultTable("quantiles", [.. by.Variables, .. QuantileColumns], quantiles));
    }

    private static ResultRow Bin(ResultCell[] names, BinnedValues values, int bin, bool isHidden, bool isAnyHidden)
    {
        if (isHidden)
            return ResultRow.Hidden(AnswerKind.Suppressed, names.Length + 4, names);
        var density = isAnyHidden ? null : values.Density(bin);
        return ResultRow.Of([.. names, Math.Max(0, values.At(bin)), density?.Estimate, density?.Lower, density?.Upper]);
    }

    private static ResultRow Quantile(ResultCell[] names, BinnedValues values, decimal probability, bool isHidden)
    {
        ResultCell[] named = [.. names, (double)probability];
        if (isHidden)
            return ResultRow.Hidden(AnswerKind.Suppressed, named.Length + 3, named);
        var (lower, upper) = values.Limits((double)probability);
        return ResultRow.Of([.. named, values.Quantile((double)probability), lower, upper]);
    }
}
