using System.Text.Json;
using Consilience.Analyses;
using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Sums;
using Consilience.FederatedLearning.Models;
using Consilience.FederatedLearning.Training;

namespace Consilience.FederatedLearning.Rounds;

/// <summary>
/// One round of federated training. Parameters: <c>model</c> (a declaration), <c>weights</c> (base64 of little-endian single-precision numbers; or <c>{sha256: …}</c> of them, where they are too long for a signed statement and travel beside it), <c>local</c> (how sites train before they answer; a single gradient without), <c>clip</c> (the
/// longest update of a site, or gradient of a person), <c>bits</c> (updates are whole multiples of 2⁻ᵇⁱᵗˢ; 16), <c>weighting</c> (patients | site), <c>patients</c> (the most that a site weighs; 1000).
/// </summary>
public sealed class TrainingRoundMethod : Method
{
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

    private protected override MethodPlan? Read(ParameterReader reader)
    {
        var model = reader.Element("model", "a model", required: true) is { } written ? ModelDeclaration.Read(reader.At(written, "model"), written) : null;
        var local = reader.Object("local", "{epochs, batch, rate}", required: false);
        var settings = local is null ? null : LocalSettings.Read(local);
        var clip = reader.Number("clip", "a number above 0", required: true);
        if (clip <= 0)
            reader.Add("clip", "a number above 0", $"{clip}", "write the longest update of a site, such as 1");
        var bits = reader.Whole("bits", 0, 40) ?? 16;
        var isByPatients = reader.Choice("weighting", "patients", "site") != "site";
        var patients = reader.Whole("patients", 1, 1 << 24) ?? 1000;
        var weights = model is null ? null : ReadWeights(reader, model);
        if (model is null || weights is null || clip is null || (local is not null && settings is null))
            return null;
        return new TrainingRoundPlan(model, new TrainingSums(model, weights, settings!, clip.Value, bits, isByPatients ? patients : 1));
    }

    private static RoundWeights? ReadWeights(ParameterReader reader, ModelDeclaration model)
    {
        var expected = $"{model.ParameterCount} finite little-endian single-precision numbers in base64, or {{sha256: …}} of them";
        if (reader.Element("weights", expected, required: true) is not { } written)
            return null;
        if (written.ValueKind == JsonValueKind.String && written.TryGetBytesFromBase64(out var bytes) && ModelWeights.TryRead(bytes, model.ParameterCount) is { } weights)
            return RoundWeights.Of(weights);
        if (written.ValueKind == JsonValueKind.Object && written.EnumerateObject().ToList() is [{ Name: "sha256", Value.ValueKind: JsonValueKind.String } digest]
            && new Attachment(digest.Value.GetString()!, (long)sizeof(float) * model.ParameterCount) is { IsWellFormed: true } attachment)
            return RoundWeights.Of(attachment);
        reader.Add("weights", expected, "something else", "take the weights of the round before, or initialise them");
        return null;
    }
}

/// <summary>Checked parameters of <see cref="TrainingRoundMethod"/>.</summary>
internal sealed class TrainingRoundPlan(ModelDeclaration model, TrainingSums sums) : MethodPlan(sums)
{
    internal ModelDeclaration Model => model;

    internal TrainingSums Training => sums;

    public override string ObjectionToNoise => "what a site learns in many steps has no bound by person; ask for a single gradient, without 'local'";

    public override MethodResult Finish(ReadOnlySpan<long> total, NoiseModel noise, DisclosureRules rules)
    {
        var round = TrainingRound.Read(this, total);
        return new MethodResult([new ResultTable("round", ["persons", "skipped", "loss", "update.norm", "weights"],
            [ResultRow.Of((double)round.Persons, (double)round.Skipped, round.Loss, round.UpdateNorm, sums.Weights.Digest)])]);
    }
}
