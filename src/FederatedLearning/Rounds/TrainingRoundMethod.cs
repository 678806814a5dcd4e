using Consilience.Analyses;
using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Parameters;
using Consilience.FederatedLearning.Heads;
using Consilience.FederatedLearning.Models;
using Consilience.FederatedLearning.Training;

namespace Consilience.FederatedLearning.Rounds;

/// <summary>
/// One round of federated training. Parameters: <c>model</c> (a declaration), <c>weights</c> (base64 of little-endian single-precision numbers, or {sha256} of an attachment), <c>local</c> (how sites train before they answer; without it they
/// answer one gradient of everybody), <c>clip</c> (the longest update of a site, or gradient of a person), <c>bits</c> (what is added up are whole multiples of 2⁻ᵇⁱᵗˢ), <c>weighting</c> (patients | site), <c>patients</c> (the most that a
/// site weighs, 1000; of gradients, how many persons their sum is divided by, where that is known and their noised number would blur it), <c>counted</c> (of gradients: how closely persons clipped are counted), <c>control</c> (the mean gradient at the weights, in base64, against which sites correct their steps; or "attached" behind the weights), <c>personal</c> (layers that every site has to itself, and how it fits them).
/// </summary>
public sealed class TrainingRoundMethod : Method
{
    internal const decimal LeastClip = 0.000_001m;

    internal const decimal LargestClip = 1_000_000;

    private const int MostBits = 24;

    private const int MostParts = 64;

    private const int MostPatients = 1 << 20;

    /// <summary>Leaves room in 32 bits for 31 sites.</summary>
    private const decimal LargestUpdate = 1 << 26;

    public override string Name => "training-round";

    public override string Summary => "One round of federated training: how sites' data would change a model's weights.";

    public override string Example => """
        model:
          inputs: [age, histol]
          head: logistic
          outcome: rel
        weights: AAAAAAAAAAAAAAAA
        local: {epochs: 1, batch: 32, rate: 0.1}
        clip: 1
        """;

    public override IReadOnlyList<Parameter> Parameters { get; } =
    [
        ModelParameters.Model,
        ModelParameters.Weights,
        Parameter.Value("local", "How sites train before they answer; without, they answer one gradient of all their persons.", LocalSettings.Schema()),
        Parameter.Number("clip", "The longest update of a site, or gradient of a person.", LeastClip, LargestClip).Required(),
        Parameter.Whole("bits", "What is added up are whole multiples of 2 to minus this; as many as fit without.", 0, MostBits),
        Parameter.Choice("weighting", "Whether sites that train weigh as their persons do, or all the same; patients without.", "patients", "site"),
        Parameter.Whole("patients", "The most persons that a site weighs, 1000 without; of gradients, what their sum is divided by.", 1, MostPatients),
        Parameter.Whole("counted", "Of gradients: a person whose gradient is clipped is counted as this part of the clip, a 16th without; more of it tells their share more closely.", 1, MostParts),
        Parameter.Value("control", "The mean gradient at the weights in base64, or attached behind them, by which sites that train correct their steps.", Parameter.Text()),
        Parameter.Value("personal", "Layers that every site has to itself, and how it fits them before it trains the others.", PersonalLayers.Schema(isEvaluated: false)),
    ];

    private protected override MethodPlan? Read(ParameterReader reader)
    {
        var model = reader.Element("model", "a model", required: true) is { } written ? ModelDeclaration.Read(reader.At(written, "model"), written) : null;
        var local = reader.Object("local", "{epochs, batch, rate}", required: false);
        var settings = local is null ? null : LocalSettings.Read(local);
        var clip = reader.Within("clip", LeastClip, LargestClip, isRequired: true);
        var bits = reader.Whole("bits", 0, MostBits);
        var weights = model is null ? null : RoundWeights.Read(reader, model, local is not null);
        var personal = model is null ? null : PersonalLayers.Read(reader, model, isEvaluated: false);
        if (local is null && personal is not null)
            reader.Add("personal", "nothing, without 'local'", "layers", "add 'local': a gradient of shared layers would depend on how each site's own were fitted");
        if (personal is not null && weights?.ControlDigest is not null)
            reader.Add("control", "nothing, with 'personal'", "a mean gradient", "remove it: sites' gradients are taken at layers that differ");
        var patients = reader.Whole("patients", 1, MostPatients);
        var counted = reader.Whole("counted", 1, MostParts);
        if (counted is not null && local is not null)
            reader.Add("counted", "nothing, where sites train before they answer", $"{counted}", "remove it");
        var most = local is null ? patients : ReadMostWeight(reader, patients);
        if (model is null || weights is null || clip is null || (local is not null && settings is null))
            return null;
        return local is null ? Gradient(reader, model, weights, clip.Value, bits, most, counted ?? GradientSums.UsualPart) : new TrainingRoundPlan(Update(model, weights, settings!, clip.Value, bits, most!.Value, personal));
    }

    private static int ReadMostWeight(ParameterReader reader, int? patients)
    {
        var isBySite = reader.Choice("weighting", "patients", "site") == "site";
        if (isBySite && patients is not null)
            reader.Add("patients", "nothing, where sites weigh the same", $"{patients}", "remove it");
        return isBySite ? 1 : patients ?? 1000;
    }

    private static UpdateSums Update(ModelDeclaration model, RoundWeights weights, LocalSettings settings, decimal clip, int? bits, int most, PersonalLayers? personal)
    {
        var fitting = 16;
        while (fitting > 0 && clip * most * (1 << fitting) > LargestUpdate)
            fitting--;
        return new UpdateSums(model, weights, settings, clip, bits ?? fitting, most, personal);
    }

    private static TrainingRoundPlan? Gradient(ParameterReader reader, ModelDeclaration model, RoundWeights weights, decimal clip, int? bits, int? patients, int counted)
    {
        if (model.Head == HeadKind.Cox)
            reader.Add("local", "how sites train, for a Cox model", "nothing", "a person's gradient depends on the others at risk: add 'local', or use the head discrete-survival");
        var units = decimal.Floor(clip * (1 << (bits ?? GradientSums.UsualBits)));
        if (units is >= GradientSums.LeastClip and <= GradientSums.LargestClip)
            return new TrainingRoundPlan(new GradientSums(model, weights, (int)units, bits ?? GradientSums.UsualBits, patients, counted));
        reader.Add("bits", $"{GradientSums.LeastClip} to {GradientSums.LargestClip} units in 'clip'", $"{units}", "choose more bits for a short clip, fewer for a long one");
        return null;
    }
}

/// <summary>Checked parameters of <see cref="TrainingRoundMethod"/>.</summary>
internal sealed class TrainingRoundPlan(RoundSums sums) : MethodPlan(sums)
{
    private static readonly string[] Columns = ["persons", "skipped", "clipped", "loss", "update.norm", "noise", "weights"];

    internal RoundSums Round => sums;

    public override string? ObjectionToNoise => sums.ObjectionToNoise;

    public override MethodResult Finish(ReadOnlySpan<long> total, NoiseModel noise, DisclosureRules rules)
    {
        var round = sums.Read(total);
        if (rules.KindOf(round.Persons) == AnswerKind.Suppressed)
            return new MethodResult([new ResultTable("round", Columns, [ResultRow.Hidden(AnswerKind.Suppressed, Columns.Length)])]);
        return new MethodResult([new ResultTable("round", Columns,
            [ResultRow.Of((double)rules.Round(round.Persons), (double)round.Skipped, round.Clipped, round.Loss, round.UpdateNorm, Math.Sqrt(noise.Variance) / sums.Unit, sums.Weights.Digest)])]);
    }
}
