using System.Text.Json;
using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Models;
using Consilience.Analyses.Parameters;
using Consilience.Analyses.Schema;
using Consilience.Analyses.Survival;
using MathNet.Numerics.LinearAlgebra;

namespace Consilience.Analyses.Glm;

/// <summary>
/// A generalised linear model. Parameters: <c>formula</c>, <c>family</c> (binomial | poisson | negative-binomial | gaussian), <c>event</c> (the code of a category that counts as 1), <c>exposure</c> (what
/// counts are over) and <c>per</c> (the exposure rates are for, 1), <c>reference</c> ({variable: code}), <c>level</c> (0.95), <c>at</c> (scaled coefficients to take a step from; 0).
/// </summary>
internal sealed class GlmMethod : Method
{
    public override string Name => "glm";

    public override string Summary => "Logistic, Poisson, negative binomial and linear regression, as fitted to the pooled rows.";

    public override string Example => """
        formula: rel ~ histol + stage + age
        family: binomial
        """;

    public override IReadOnlyList<Parameter> Parameters { get; } =
    [
        Parameter.Formula("outcome ~ terms: variables, score(variable), cut(variable, edge, …), products of them with : or *."),
        Parameter.Choice("family", "The distribution of the outcome; binomial without.", "binomial", "poisson", "negative-binomial", "gaussian"),
        Parameter.Code("event", "The code of a category that counts as 1."),
        Parameter.Variable("exposure", "What a Poisson or negative binomial outcome is counted over.", VariableType.Integer, VariableType.Real).Optional(),
        Parameter.Number("per", "The exposure that rates are for; 1 without.", 0),
        Parameter.References,
        Parameter.Level,
        Parameter.At,
    ];

    private protected override MethodPlan? Read(ParameterReader reader)
    {
        var formula = Formula.Read(reader);
        var family = reader.Choice("family", "binomial", "poisson", "negative-binomial", "gaussian") switch
        {
            "poisson" => Family.Poisson, "negative-binomial" => Family.NegativeBinomial, "gaussian" => Family.Gaussian, _ => Family.Binomial,
        };
        var matrix = formula is null ? null : ModelMatrix.Read(reader, formula);
        var outcome = matrix is null ? null : ReadOutcome(reader, formula!, family, matrix);
        var confidence = Confidence.Read(reader);
        if (matrix is null || outcome is null || ScaledCoefficients.Read(reader, matrix.Count + (family == Family.NegativeBinomial ? 1 : 0)) is not { } start)
            return null;
        var canonical = Canonical(family, formula!, matrix, outcome, start);
        return family == Family.NegativeBinomial ? new NegativeBinomialPlan(matrix, outcome, start, confidence, canonical) : new GlmPlan(family, matrix, outcome, start, confidence, canonical);
    }

    /// <summary>The outcome of a formula, read as the family wants it; null with faults added where it does not fit.</summary>
    internal static Outcome? ReadOutcome(ParameterReader reader, Formula formula, Family family, ModelMatrix matrix)
    {
        if (matrix.Variables.Contains(formula.Outcome[0]))
            reader.Add("formula", "covariates other than the outcome", $"'{formula.Outcome[0]}'", "remove it on the right of '~'");
        var name = JsonSerializer.SerializeToElement(formula.Outcome[0]);
        var isCount = family is Family.Poisson or Family.NegativeBinomial;
        var exposure = isCount && reader.Element("exposure", "a numeric variable", required: false) is not null ? reader.Variable("exposure", VariableType.Integer, VariableType.Real) : null;
        var per = (isCount ? reader.Number("per", "a positive number", required: false) : null) ?? 1;
        if (per <= 0)
            reader.Add("per", "a positive number", $"{per}", "write 365.25 for rates per year of days");
        var variable = family switch
        {
            Family.Binomial => reader.Variable("formula", name, "as outcome of this family a variable of type boolean or category", VariableType.Boolean, VariableType.Category),
            Family.Poisson or Family.NegativeBinomial => reader.Variable("formula", name, "as outcome of this family a variable of type integer or boolean", VariableType.Integer, VariableType.Boolean),
            _ => reader.Variable("formula", name, "as outcome of this family a variable of type integer or real", VariableType.Integer, VariableType.Real),
        };
        if (variable is null || per <= 0)
            return null;
        var position = matrix.Add(variable.Name);
        int? over = exposure is null ? null : matrix.Add(exposure.Name);
        if (family == Family.Binomial)
            return reader.Code("event", Grouping.Coded(variable), required: variable.Type == VariableType.Category) is { } code ? new Outcome(position, Grouping.Coded(variable).IndexOf(code), 0, 1, over, 1)
                : variable.Type == VariableType.Boolean ? new Outcome(position, 1, 0, 1, over, 1) : null;
        if (variable.Type == VariableType.Boolean)
            return new Outcome(position, 1, 0, 1, over, (double)per);
        if (variable is not { Minimum: { } from, Maximum: { } to } || from >= to || (isCount && from < 0) || (family == Family.NegativeBinomial && to > Grid.Largest))
        {
            reader.Add("formula", $"an outcome with a minimum and a maximum in the schema, of counts a minimum of 0 or more, of a negative binomial one a maximum of at most {Grid.Largest}", $"'{variable.Name}'", "ask for a schema that states its range");
            return null;
        }

        return isCount ? new Outcome(position, null, 0, 1, over, (double)per) { Largest = (int)Math.Min(to, int.MaxValue) } : new Outcome(position, null, (double)(from + to) / 2, (double)(to - from) / 2, over, 1);
    }

    private static string Canonical(Family family, Formula formula, ModelMatrix matrix, Outcome outcome, double[] at) => JsonSerializer.Serialize(new
    {
        fit = family.ToString().ToLowerInvariant(), outcome = formula.Outcome, code = outcome.Event, over = outcome.Exposure is { } e ? matrix.Variables[e] : null, per = outcome.Per, terms = matrix.Terms,
        at = ScaledCoefficients.Texts(at),
    });
}

/// <summary>Checked parameters of <see cref="GlmMethod"/>, of a family with canonical link.</summary>
internal sealed class GlmPlan(Family family, ModelMatrix matrix, Outcome outcome, IReadOnlyList<double> at, Confidence confidence, string canonical)
    : FittedPlan(matrix, new GlmSums(family, matrix, outcome, at, canonical))
{
    internal const string Objection = "each round of a fit would need noise of its own; ask risk for one exposure, or grouped-hazards, whose fit needs one table";

    private readonly GlmFinish finish = new(family, matrix, outcome, at, (double)confidence.Level);

    public override string ObjectionToNoise => Objection;

    internal override double Half => outcome.Half;

    internal override double Centre => outcome.Centre;

    internal override bool AreLogarithms => family != Family.Gaussian;

    public override MethodResult Finish(ReadOnlySpan<long> total, NoiseModel noise, DisclosureRules rules) => finish.From(new GlmTotals(total, Matrix.Count), rules);

    internal override FittedPlan At(IReadOnlyList<double> at) => new GlmPlan(family, Matrix, outcome, at, confidence, canonical);

    internal override (Vector<double> Coefficients, Matrix<double> Covariance)? Reached(ReadOnlySpan<long> total) => finish.Reached(new GlmTotals(total, Matrix.Count));
}

/// <summary>Checked parameters of <see cref="GlmMethod"/>, of a negative binomial outcome; the last of <paramref name="at"/> is log θ.</summary>
internal sealed class NegativeBinomialPlan(ModelMatrix matrix, Outcome outcome, IReadOnlyList<double> at, Confidence confidence, string canonical)
    : FittedPlan(matrix, new NegativeBinomialSums(matrix, outcome, at, canonical))
{
    private readonly NegativeBinomialFinish finish = new(matrix, outcome.Exposure is not null, at, confidence.Z);

    public override string ObjectionToNoise => GlmPlan.Objection;

    public override MethodResult Finish(ReadOnlySpan<long> total, NoiseModel noise, DisclosureRules rules) => finish.From(new NegativeBinomialTotals(total, Matrix.Count), rules);

    internal override FittedPlan At(IReadOnlyList<double> at) => new NegativeBinomialPlan(Matrix, outcome, at, confidence, canonical);

    internal override (Vector<double> Coefficients, Matrix<double> Covariance)? Reached(ReadOnlySpan<long> total) => finish.Reached(new NegativeBinomialTotals(total, Matrix.Count));
}
