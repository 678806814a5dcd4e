using System.Text.Json;
using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Models;
using Consilience.Analyses.Parameters;
using Consilience.Analyses.Schema;
using Consilience.Analyses.Survival;

namespace Consilience.Analyses.Glm;

/// <summary>
/// A generalised linear model with canonical link. Parameters: <c>formula</c>, <c>family</c> (binomial | poisson | gaussian), <c>event</c> (the code of a category that counts as 1), <c>exposure</c> (what
/// a Poisson outcome is counted over) and <c>per</c> (the exposure rates are for, 1), <c>reference</c> ({variable: code}), <c>level</c> (0.95), <c>at</c> (scaled coefficients to take a step from; 0).
/// </summary>
internal sealed class GlmMethod : Method
{
    public override string Name => "glm";

    public override string Summary => "Logistic, Poisson and linear regression, as fitted to the pooled rows.";

    public override string Example => """
        formula: rel ~ histol + stage + age
        family: binomial
        """;

    public override IReadOnlyList<Parameter> Parameters { get; } =
    [
        Parameter.Formula("outcome ~ terms: variables, score(variable), cut(variable, edge, …), products of them with : or *."),
        Parameter.Choice("family", "The distribution of the outcome; binomial without.", "binomial", "poisson", "gaussian"),
        Parameter.Code("event", "The code of a category that counts as 1."),
        Parameter.Variable("exposure", "What a Poisson outcome is counted over.", VariableType.Integer, VariableType.Real).Optional(),
        Parameter.Number("per", "The exposure that rates are for; 1 without.", 0),
        Parameter.References,
        Parameter.Level,
        Parameter.At,
    ];

    private protected override MethodPlan? Read(ParameterReader reader)
    {
        var formula = Formula.Read(reader);
        var family = reader.Choice("family", "binomial", "poisson", "gaussian") switch { "poisson" => Family.Poisson, "gaussian" => Family.Gaussian, _ => Family.Binomial };
        var matrix = formula is null ? null : ModelMatrix.Read(reader, formula);
        var outcome = matrix is null ? null : ReadOutcome(reader, formula!, family, matrix);
        var confidence = Confidence.Read(reader);
        if (matrix is null || outcome is null)
            return null;
        return ScaledCoefficients.Read(reader, matrix.Count) is { } start ? new GlmPlan(family, matrix, outcome, start, confidence, Canonical(family, formula!, matrix, outcome, start)) : null;
    }

    /// <summary>The outcome of a formula, read as the family wants it; null with faults added where it does not fit.</summary>
    internal static Outcome? ReadOutcome(ParameterReader reader, Formula formula, Family family, ModelMatrix matrix)
    {
        if (matrix.Variables.Contains(formula.Outcome[0]))
            reader.Add("formula", "covariates other than the outcome", $"'{formula.Outcome[0]}'", "remove it on the right of '~'");
        var name = JsonSerializer.SerializeToElement(formula.Outcome[0]);
        var exposure = family == Family.Poisson && reader.Element("exposure", "a numeric variable", required: false) is not null ? reader.Variable("exposure", VariableType.Integer, VariableType.Real) : null;
        var per = (family == Family.Poisson ? reader.Number("per", "a positive number", required: false) : null) ?? 1;
        if (per <= 0)
            reader.Add("per", "a positive number", $"{per}", "write 365.25 for rates per year of days");
        var variable = family switch
        {
            Family.Binomial => reader.Variable("formula", name, "as outcome of this family a variable of type boolean or category", VariableType.Boolean, VariableType.Category),
            Family.Poisson => reader.Variable("formula", name, "as outcome of this family a variable of type integer or boolean", VariableType.Integer, VariableType.Boolean),
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
        if (variable is not { Minimum: { } from, Maximum: { } to } || from >= to || (family == Family.Poisson && from < 0))
        {
            reader.Add("formula", "an outcome with a minimum and a maximum in the schema, of counts a minimum of 0 or more", $"'{variable.Name}'", "ask for a schema that states its range");
            return null;
        }

        return family == Family.Poisson ? new Outcome(position, null, 0, 1, over, (double)per) : new Outcome(position, null, (double)(from + to) / 2, (double)(to - from) / 2, over, 1);
    }

    private static string Canonical(Family family, Formula formula, ModelMatrix matrix, Outcome outcome, double[] at) => JsonSerializer.Serialize(new
    {
        fit = family.ToString().ToLowerInvariant(), outcome = formula.Outcome, code = outcome.Event, over = outcome.Exposure is { } e ? matrix.Variables[e] : null, per = outcome.Per, terms = matrix.Terms,
        at = ScaledCoefficients.Texts(at),
    });
}

/// <summary>Checked parameters of <see cref="GlmMethod"/>.</summary>
internal sealed class GlmPlan(Family family, ModelMatrix matrix, Outcome outcome, IReadOnlyList<double> at, Confidence confidence, string canonical)
    : MethodPlan(new GlmSums(family, matrix, outcome, at, canonical))
{
    public override string ObjectionToNoise => "each round of a fit would need noise of its own; ask risk for one exposure, or grouped-hazards, whose fit needs one table";

    public override MethodResult Finish(ReadOnlySpan<long> total, NoiseModel noise, DisclosureRules rules) =>
        new GlmFinish(family, matrix, outcome, at, (double)confidence.Level).From(new GlmTotals(total, matrix.Count), rules);
}
