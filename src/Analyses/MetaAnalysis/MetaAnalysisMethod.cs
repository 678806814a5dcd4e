using System.Text.Json;
using Consilience.Analyses.Cox;
using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Glm;
using Consilience.Analyses.Models;
using Consilience.Analyses.Parameters;
using Consilience.Analyses.Survival;

namespace Consilience.Analyses.MetaAnalysis;

/// <summary>
/// Estimates of sites, pooled. Parameters: <c>method</c> (glm | cox), <c>model</c> (the parameters of that method), <c>level</c> (0.95), <c>at</c> (standard deviations between sites, by which a round weighs them; 0).
/// </summary>
internal sealed class MetaAnalysisMethod : Method
{
    public override string Name => "meta-analysis";

    public override string Summary => "What sites' own regressions come to together: fixed- and random-effects summaries of their coefficients, and how far sites differ.";

    public override string Example => """
        method: cox
        model:
          formula: Surv(edrel, rel) ~ histol + stage + age
        """;

    public override IReadOnlyList<Parameter> Parameters { get; } =
    [
        Parameter.Choice("method", "The regression that each site fits; glm without.", "glm", "cox"),
        Parameter.Value("model", "The parameters of that method.", MethodSchema.Members(new GlmMethod().Parameters), MethodSchema.Members(new CoxMethod().Parameters)).Required(),
        Parameter.Level,
        Parameter.At.As("Standard deviations between sites, by which a round weighs them; the program fills them in."),
    ];

    private protected override MethodPlan? Read(ParameterReader reader)
    {
        Method method = reader.Choice("method", "glm", "cox") == "cox" ? new CoxMethod() : new GlmMethod();
        var confidence = Confidence.Read(reader);
        var model = reader.Object("model", "the parameters of the method", required: true) is { } parameters ? method.PlanWithin(parameters) as FittedPlan : null;
        if (model is null)
            return null;
        var slopes = new Slopes(model);
        if (slopes.Count == 0)
            reader.Add("model", "a formula with covariates", "an intercept alone", "add terms");
        if (ScaledCoefficients.Read(reader, slopes.Count) is not { } between)
            return null;
        var canonical = JsonSerializer.Serialize(new { pooled = model.Sums.Canonical, between = ScaledCoefficients.Texts(between) });
        return new MetaAnalysisPlan(slopes, between, confidence, canonical);
    }
}

/// <summary>The coefficients of a model that are pooled one by one: all but the intercept.</summary>
internal sealed record Slopes(FittedPlan Model)
{
    internal int Columns => Model.Matrix.Count;

    /// <summary>Columns before the first slope.</summary>
    internal int First => Model.Matrix.Terms.Count > 0 && Model.Matrix.Terms[0] == ModelMatrix.Intercept ? 1 : 0;

    internal int Count => Columns - First;
}

/// <summary>Checked parameters of <see cref="MetaAnalysisMethod"/>.</summary>
internal sealed class MetaAnalysisPlan(Slopes slopes, IReadOnlyList<double> between, Confidence confidence, string canonical) : MethodPlan(new SiteEstimates(slopes, between, canonical))
{
    public override string ObjectionToNoise =>
        "a site's estimate is one number however many persons stand behind it, and noise that hid one of them would hide it; ask risk or grouped-hazards over the persons of all sites";

    public override MethodResult Finish(ReadOnlySpan<long> total, NoiseModel noise, DisclosureRules rules) => new MetaAnalysisFinish(slopes, between, confidence.Z).From(total, rules);
}
