using System.Text.Json;
using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Models;
using Consilience.Analyses.Parameters;
using Consilience.Analyses.Schema;
using Consilience.Analyses.Sums;
using Consilience.Analyses.Survival;
using MathNet.Numerics.LinearAlgebra;

namespace Consilience.Analyses.Cox;

/// <summary>
/// Cox regression. Parameters: <c>formula</c> (<c>Surv(time, event) ~ …</c>, time a whole number), <c>ties</c> (efron | breslow), <c>sites</c> (strata: each site a baseline of its own; pooled: one for all, with <c>grid</c>), <c>strata</c>
/// (variables with codes, each combination with a baseline of its own), <c>proportionality</c> (identity | log, and with pooled sites km | rank: tests the hazards), <c>reference</c> ({variable: code}), <c>level</c> (0.95), <c>at</c> (scaled
/// coefficients to take a step from; 0).
/// </summary>
internal sealed class CoxMethod : Method
{
    public override string Name => "cox";

    public override string Summary => "Hazard ratios of any covariates, each site with a baseline hazard of its own or one for all, as fitted to the pooled rows.";

    public override string Example => """
        formula: Surv(edrel, rel) ~ histol + stage + age
        ties: efron
        """;

    public override IReadOnlyList<Parameter> Parameters { get; } =
    [
        Parameter.Formula("Surv(time, event) ~ terms: variables, score(variable), cut(variable, edge, …), products of them with : or *."),
        Parameter.Choice("ties", "How tied events are treated; efron without.", "efron", "breslow"),
        Parameter.CodedAxes("strata", "Variables with codes, each combination with a baseline hazard of its own."),
        Parameter.Choice("sites", "Whether each site is a stratum with a baseline hazard of its own, or all are pooled, on a grid; strata without.", "strata", "pooled"),
        Parameter.Grid.Optional().As("Public times, where sites are pooled: {from, to, step}, {edges: […]}, or {persons, landmarks, to, epsilon}."),
        Parameter.Choice("proportionality", "What time counts as in a test of proportional hazards, as in R's cox.zph; none without. Where sites are strata, identity or log.", "km", "rank", "identity", "log"),
        Parameter.References,
        Parameter.Level,
        Parameter.At,
    ];

    private protected override MethodPlan? Read(ParameterReader reader)
    {
        var formula = Formula.ReadSurvival(reader);
        var isEfron = reader.Choice("ties", "efron", "breslow") != "breslow";
        var matrix = formula is null ? null : ModelMatrix.Read(reader, formula, hasIntercept: false);
        var strata = Grouping.ReadCoded(reader, "strata");
        var confidence = Confidence.Read(reader);
        var time = formula is null ? null : reader.Variable("formula", JsonSerializer.SerializeToElement(formula.Outcome[0]), "as time a variable of type integer", VariableType.Integer);
        var occurred = formula is null ? null : reader.Variable("formula", JsonSerializer.SerializeToElement(formula.Outcome[1]), "as event a variable of type boolean", VariableType.Boolean);
        if (matrix is null || time is null || occurred is null)
            return null;
        string[] others = [time.Name, occurred.Name, .. strata.Variables];
        if (matrix.Variables.FirstOrDefault(v => others.Contains(v)) is { } twice)
            reader.Add("formula", "covariates other than time, event and strata", $"'{twice}'", "remove it on the right of '~'");
        if (ScaledCoefficients.Read(reader, matrix.Count) is not { } at)
            return null;
        var proportionality = reader.Choice("proportionality", "km", "rank", "identity", "log");
        return reader.Choice("sites", "strata", "pooled") == "pooled"
            ? Pooled(reader, matrix, time, occurred, strata, isEfron, at, proportionality, confidence)
            : ByStrata(reader, matrix, time, occurred, strata, isEfron, at, proportionality, confidence);
    }

    private static CoxPlan ByStrata(ParameterReader reader, ModelMatrix matrix, Variable time, Variable occurred, Grouping strata, bool isEfron, double[] at, string? proportionality, Confidence confidence)
    {
        var latest = (double)(time.Maximum ?? 0);
        if (proportionality is "km" or "rank")
            reader.Add("sites", $"pooled, for proportionality by {proportionality}", "strata", "it is known over all sites together: write 'sites: pooled' with a grid, or 'proportionality: log'");
        if (proportionality is not null && latest < 2)
            reader.Add("proportionality", "a time with a maximum in the schema", $"'{time.Name}'", "ask for a schema that states its range");
        Func<double, double>? scale = proportionality switch { null => null, "log" => t => Math.Log(t) / Math.Log(latest), _ => t => t / latest };
        string[] others = [time.Name, occurred.Name, .. strata.Variables];
        int[] positions = [.. others.Select(matrix.Add)];
        return CoxPlan.Of(matrix, RoundAt, at, confidence);

        CoxRound RoundAt(IReadOnlyList<double> from)
        {
            var canonical = JsonSerializer.Serialize(new { fit = "cox", time = time.Name, occurred = occurred.Name, isEfron, strata = strata.Variables, terms = matrix.Terms, at = ScaledCoefficients.Texts(from), proportionality, latest });
            var sums = new CoxSums(matrix, positions[0], positions[1], positions[2..], isEfron, from, scale, canonical);
            return new CoxRound(sums, (total, _) => sums.Read(total));
        }
    }

    private static CoxPlan? Pooled(ParameterReader reader, ModelMatrix matrix, Variable time, Variable occurred, Grouping strata, bool isEfron, double[] at, string? proportionality, Confidence confidence)
    {
        if (strata.Axes.Count > 0)
            reader.Add("strata", "none, where sites are pooled", string.Join(", ", strata.Variables), "leave it out, or write 'sites: strata'");
        if (Grid.Read(reader, "grid") is not { } edges)
            return null;
        if (proportionality == "log" && edges[0] <= 0)
            reader.Add("grid", "times after 0, for logarithms", $"{edges[0]}", "begin the grid later");
        TimeTransform? transform = proportionality switch
        {
            null => null,
            "rank" => new(TimeScale.Rank),
            "identity" => new(TimeScale.Identity),
            "log" => new(TimeScale.Log),
            _ => new(TimeScale.Km),
        };
        var (exit, isEvent) = (matrix.Add(time.Name), matrix.Add(occurred.Name));
        if (PooledAt(at).Length > SiteSums.LargestVector)
            reader.Add("grid", $"at most {SiteSums.LargestVector} counters", $"{edges.Count} times of {matrix.Count} columns", "use a coarser grid or fewer terms");
        return CoxPlan.Of(matrix, RoundAt, at, confidence);

        CoxRound RoundAt(IReadOnlyList<double> from)
        {
            var sums = PooledAt(from);
            return new CoxRound(sums, (total, isSmall) => sums.Read(total, transform, isSmall));
        }

        PooledCoxSums PooledAt(IReadOnlyList<double> from)
        {
            var canonical = JsonSerializer.Serialize(new { fit = "cox, pooled", time = time.Name, occurred = occurred.Name, isEfron, edges, terms = matrix.Terms, at = ScaledCoefficients.Texts(from) });
            return new PooledCoxSums(matrix, exit, isEvent, edges, isEfron, from, canonical);
        }
    }
}

/// <summary>The step that sums as opened tell; the second argument says whether rules hide a count.</summary>
internal delegate CoxTotals CoxReader(ReadOnlySpan<long> total, Func<long, bool> isSmall);

/// <summary>The sums of a round, and how they are read once opened.</summary>
internal sealed record CoxRound(SiteSums Sums, CoxReader Read);

/// <summary>Checked parameters of <see cref="CoxMethod"/>.</summary>
internal sealed class CoxPlan : FittedPlan
{
    private readonly Func<IReadOnlyList<double>, CoxRound> roundAt;
    private readonly CoxRound round;
    private readonly Confidence confidence;
    private readonly CoxFinish finish;

    private CoxPlan(ModelMatrix matrix, Func<IReadOnlyList<double>, CoxRound> roundAt, CoxRound round, IReadOnlyList<double> at, Confidence confidence)
        : base(matrix, round.Sums) => (this.roundAt, this.round, this.confidence, finish) = (roundAt, round, confidence, new CoxFinish(matrix, at, confidence.Z));

    public override string ObjectionToNoise => "each round of a fit would need noise of its own; ask grouped-hazards, whose fit needs one table";

    internal static CoxPlan Of(ModelMatrix matrix, Func<IReadOnlyList<double>, CoxRound> roundAt, IReadOnlyList<double> at, Confidence confidence) => new(matrix, roundAt, roundAt(at), at, confidence);

    /// <summary>Under rules an interval may have no events, even where empty cells are hidden: no figure is of one interval.</summary>
    public override MethodResult Finish(ReadOnlySpan<long> total, NoiseModel noise, DisclosureRules rules) =>
        finish.From(round.Read(total, count => count > 0 && rules.KindOf(count) == AnswerKind.Suppressed), rules);

    internal override FittedPlan At(IReadOnlyList<double> at) => Of(Matrix, roundAt, at, confidence);

    internal override (Vector<double> Coefficients, Matrix<double> Covariance)? Reached(ReadOnlySpan<long> total) => finish.Reached(round.Read(total, _ => false));
}
