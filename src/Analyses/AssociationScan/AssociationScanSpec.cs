using System.Text.Json;
using System.Text.Json.Nodes;
using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Glm;
using Consilience.Analyses.Models;
using Consilience.Analyses.Parameters;
using Consilience.Analyses.Schema;
using Consilience.Analyses.Sums;

namespace Consilience.Analyses.AssociationScan;

/// <summary>What is asked of every variant of a panel: whether it adds to a model of the outcome without it.</summary>
/// <param name="Panel">The variants.</param>
/// <param name="Family">Binomial or Gaussian.</param>
/// <param name="Matrix">The columns of the model without variants.</param>
/// <param name="Outcome">What is explained.</param>
/// <param name="At">That model's coefficients, of scaled columns.</param>
internal sealed record ScanModel(Panel Panel, Family Family, ModelMatrix Matrix, Outcome Outcome, IReadOnlyList<double> At);

/// <summary>
/// A score test of every variant. Parameters: <c>panel</c>; <c>formula</c>, <c>family</c> (binomial | gaussian), <c>event</c> and <c>reference</c> of the model without variants as in <c>glm</c>;
/// <c>at</c> (its scaled coefficients; without, that model is fitted first).
/// </summary>
internal sealed class AssociationScanMethod : Method
{
    public override string Name => "association-scan";

    public override string Summary => "A genome-wide association scan: a score test of every variant of a panel, as on the pooled persons.";

    public override string Example => """
        panel: array
        formula: relapse ~ age + sex
        family: binomial
        """;

    public override string Sample => "scan";

    public override IReadOnlyList<Parameter> Parameters { get; } =
    [
        Parameter.Named("panel", "A panel of variants of the study."),
        Parameter.Formula("outcome ~ terms: of the model without variants, as in glm."),
        Parameter.Choice("family", "The distribution of the outcome; binomial without.", "binomial", "gaussian"),
        Parameter.Code("event", "The code of a category that counts as 1."),
        Parameter.References,
        Parameter.At,
    ];

    public override (string Method, JsonElement Parameters)? NullModel(JsonElement parameters)
    {
        if (parameters.ValueKind != JsonValueKind.Object || parameters.TryGetProperty("at", out _))
            return null;
        var model = JsonSerializer.SerializeToNode(parameters)!.AsObject();
        model.Remove("panel");
        return ("glm", JsonSerializer.SerializeToElement<JsonNode>(model));
    }

    private protected override MethodPlan? Read(ParameterReader reader)
    {
        var panel = reader.Panel("panel");
        var formula = Formula.Read(reader);
        var family = reader.Choice("family", "binomial", "gaussian") == "gaussian" ? Family.Gaussian : Family.Binomial;
        var matrix = formula is null ? null : ModelMatrix.Read(reader, formula);
        var outcome = matrix is null ? null : GlmMethod.ReadOutcome(reader, formula!, family, matrix);
        if (panel is null || matrix is null || outcome is null || ScaledCoefficients.Read(reader, matrix.Count) is not { } at)
            return null;
        var layout = new ScanLayout(matrix.Count, panel.Variants);
        if (layout.Length > SiteSums.LargestVector)
        {
            reader.Add("panel", $"at most {SiteSums.LargestVector} counters, {layout.OfVariant} for each variant", $"{layout.Length}", "use fewer covariates, or a study whose panels are parts of this one");
            return null;
        }

        return new AssociationScanPlan(new ScanModel(panel, family, matrix, outcome, at), formula!);
    }
}

/// <summary>Checked parameters of <see cref="AssociationScanMethod"/>.</summary>
internal sealed class AssociationScanPlan(ScanModel model, Formula formula) : MethodPlan(new ScanSums(model, Canonical(model, formula)))
{
    public override string ObjectionToNoise =>
        "a hundred thousand tests would share one budget, and noise that hides a person hides their results too; ask risk or association of a single variant coded as a variable";

    public override MethodResult Finish(ReadOnlySpan<long> total, NoiseModel noise, DisclosureRules rules) => new AssociationScanFinish(model).From(total, rules);

    private static string Canonical(ScanModel model, Formula formula) => JsonSerializer.Serialize(new
    {
        scan = model.Panel.Digest, fit = model.Family.ToString().ToLowerInvariant(), outcome = formula.Outcome, code = model.Outcome.Event, terms = model.Matrix.Terms, at = ScaledCoefficients.Texts(model.At),
    });
}
