using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Moments;
using Consilience.Analyses.Parameters;
using MathNet.Numerics.LinearAlgebra;

namespace Consilience.Analyses.Correlation;

/// <summary>Principal components. Parameters: <c>variables</c> (integer or real, with minimum and maximum in the schema), <c>of</c> (correlations | covariances).</summary>
internal sealed class PrincipalComponentsMethod : Method
{
    public override string Name => "principal-components";

    public override string Summary => "The few directions in which persons differ most: principal components of several numbers.";

    public override string Example => """
        variables: [age, edrel]
        """;

    public override IReadOnlyList<Parameter> Parameters { get; } =
    [
        Parameter.Variables("variables", "Numbers, each with a minimum and a maximum in the schema.", least: 2),
        Parameter.Choice("of", "What is decomposed; correlations without.", "correlations", "covariances"),
    ];

    private protected override MethodPlan? Read(ParameterReader reader)
    {
        var sums = ProductSums.Read(reader);
        var areScaled = reader.Choice("of", "correlations", "covariances") != "covariances";
        return sums is null ? null : new PrincipalComponentsPlan(sums, areScaled);
    }
}

/// <summary>Checked parameters of <see cref="PrincipalComponentsMethod"/>.</summary>
internal sealed class PrincipalComponentsPlan(ProductSums sums, bool areScaled) : MethodPlan(sums)
{
    private static readonly string[] Columns = ["component", "std.dev", "variance", "proportion", "cumulative"];

    public override string ObjectionToNoise => MomentsMethod.Objection;

    public override MethodResult Finish(ReadOnlySpan<long> total, NoiseModel noise, DisclosureRules rules)
    {
        var (n, count) = (total[0], sums.Variables.Count);
        if (rules.KindOf(n) == AnswerKind.Suppressed || n - count < Math.Max(1, rules.LeastDegreesOfFreedom))
            return Tables(ResultRow.Hidden(AnswerKind.Suppressed, 1), [], []);
        var (_, covariance) = sums.Read(total);
        var spread = areScaled ? ProductSums.Correlations(covariance) : Matrix<double>.Build.Dense(count, count, (i, j) => covariance[i, j] * sums.Variables[i].Half * sums.Variables[j].Half);
        if (spread.Enumerate().Any(double.IsNaN))
            return Tables(ResultRow.Of(rules.Round(n)), [], []);
        var decomposed = spread.Evd(Symmetricity.Symmetric);
        int[] order = [.. Enumerable.Range(0, count).OrderByDescending(k => decomposed.EigenValues[k].Real)];
        var variances = order.Select(k => Math.Max(0, decomposed.EigenValues[k].Real)).ToArray();
        var components = variances.Select((v, k) => ResultRow.Of($"PC{k + 1}", Math.Sqrt(v), v, v / variances.Sum(), variances.Take(k + 1).Sum() / variances.Sum()));
        var loadings = order.SelectMany((k, place) => Signed(decomposed.EigenVectors.Column(k)).Select((value, i) => ResultRow.Of(sums.Variables[i].Name, $"PC{place + 1}", value)));
        return Tables(ResultRow.Of(rules.Round(n)), [.. components], [.. loadings]);
    }

    private static MethodResult Tables(ResultRow persons, IReadOnlyList<ResultRow> components, IReadOnlyList<ResultRow> loadings) =>
        new(new ResultTable("persons", ["n"], [persons]), new ResultTable("components", Columns, components), new ResultTable("loadings", ["term", "component", "value"], loadings));

    /// <summary>A direction has no sign of its own: the largest loading is made positive.</summary>
    private static Vector<double> Signed(Vector<double> direction) => direction[direction.AbsoluteMaximumIndex()] < 0 ? -direction : direction;
}
