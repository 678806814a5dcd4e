using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Moments;
using Consilience.Analyses.Parameters;
using Consilience.Analyses.Statistics;
using Consilience.Analyses.Survival;

namespace Consilience.Analyses.Correlation;

/// <summary>Pearson's correlation of every two variables. Parameters: <c>variables</c> (integer or real, with minimum and maximum in the schema), <c>level</c> (0.95).</summary>
internal sealed class CorrelationMethod : Method
{
    public override string Name => "correlation";

    public override string Summary => "How strongly numbers go together: Pearson's correlation of every two, with limits and test.";

    public override string Example => """
        variables: [age, edrel]
        """;

    public override IReadOnlyList<Parameter> Parameters { get; } =
    [
        Parameter.Variables("variables", "Numbers, each with a minimum and a maximum in the schema.", least: 2),
        Parameter.Level,
    ];

    private protected override MethodPlan? Read(ParameterReader reader)
    {
        var sums = ProductSums.Read(reader);
        var confidence = Confidence.Read(reader);
        return sums is null ? null : new CorrelationPlan(sums, confidence);
    }
}

/// <summary>Checked parameters of <see cref="CorrelationMethod"/>.</summary>
internal sealed class CorrelationPlan(ProductSums sums, Confidence confidence) : MethodPlan(sums)
{
    private static readonly string[] Columns = ["term1", "term2", "estimate", "statistic", "parameter", "p.value", "conf.low", "conf.high"];

    public override string ObjectionToNoise => MomentsMethod.Objection;

    public override MethodResult Finish(ReadOnlySpan<long> total, NoiseModel noise, DisclosureRules rules)
    {
        var n = total[0];
        var isHidden = rules.KindOf(n) == AnswerKind.Suppressed || n - 2 < rules.LeastDegreesOfFreedom;
        var correlations = isHidden ? null : ProductSums.Correlations(sums.Read(total).Covariance);
        var rows = new List<ResultRow>();
        for (var i = 0; i < sums.Variables.Count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                ResultCell[] names = [sums.Variables[j].Name, sums.Variables[i].Name];
                rows.Add(correlations is null ? ResultRow.Hidden(AnswerKind.Suppressed, Columns.Length, names) : ResultRow.Of([.. names, .. Tested(correlations[i, j], n)]));
            }
        }

        return new MethodResult(
            new ResultTable("persons", ["n"], [isHidden ? ResultRow.Hidden(AnswerKind.Suppressed, 1) : ResultRow.Of(rules.Round(n))]), new ResultTable("correlations", Columns, rows));
    }

    /// <summary>Student's test of no correlation, and Fisher's limits, as R's <c>cor.test</c>.</summary>
    private ResultCell[] Tested(double r, long n)
    {
        if (n < 3 || double.IsNaN(r))
            return [.. Enumerable.Repeat(ResultCell.Undefined, Columns.Length - 2)];
        double degrees = n - 2;
        var t = r * Math.Sqrt(degrees / (1 - (r * r)));
        ResultCell[] tested = [r, t, degrees, Distributions.StudentTails(t, degrees)];
        if (n < 4)
            return [.. tested, ResultCell.Undefined, ResultCell.Undefined];
        var (z, reach) = (Math.Atanh(r), confidence.Z / Math.Sqrt(n - 3));
        return [.. tested, Math.Tanh(z - reach), Math.Tanh(z + reach)];
    }
}
