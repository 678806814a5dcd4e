using System.Text.Json.Nodes;
using Consilience.Analyses;
using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Parameters;
using Consilience.FederatedLearning.Heads;
using Consilience.FederatedLearning.Models;
using Consilience.FederatedLearning.Training;

namespace Consilience.FederatedLearning.Rounds;

/// <summary>
/// One round of federated training. Parameters: <c>model</c> (a declaration), <c>weights</c> (base64 of little-endian single-precision numbers, or {sha256} of an attachment), <c>local</c> (how sites train before they answer, or each of
/// their persons by itself; without it they answer one gradient of everybody), <c>clip</c> (the longest update of a site or person, or gradient of a person), <c>bits</c> (what is added up are whole multiples of 2⁻ᵇⁱᵗˢ), <c>weighting</c> (patients | site), <c>patients</c> (the most that a
/// site weighs, 1000; of persons, how many their sum is divided by, where that is known and their noised number would blur it), <c>counted</c> (of persons: how closely those clipped are counted), <c>control</c> (the mean gradient at the weights, in base64, against which sites correct their steps; or "attached" behind the weights), <c>personal</c> (layers that every site has to itself, and how it fits them).
/// </summary>
public sealed class TrainingRoundMethod : Method
{
    internal const decimal LeastClip = 0.000_001m;

    internal const decimal LargestClip = 1_000_000;

    private const int MostBits = 24;

    private const int MostParts = 64;

    private const int MostPatients = 1 << 20;

    private static readonly string[] Units = ["site", "person"];

    private static readonly string[] Weightings = ["patients", "site"];

    private const int MostRows = 4096, UsualRows = 64;

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
        Parameter.Value("local", "How sites train before they answer, or each of their persons by itself; without, they answer one gradient of all their persons.", Local()),
        Parameter.Number("clip", "The longest update of a site or person, or gradient of a person.", LeastClip, LargestClip).Required(),
        Parameter.Whole("bits", "What is added up are whole multiples of 2 to minus this; as many as fit without.", 0, MostBits),
        Parameter.Choice("weighting", "Whether sites that train weigh as their persons do, or all the same; patients without.", Weightings),
        Parameter.Whole("patients", "The most persons that a site weighs, 1000 without; of persons, what their sum is divided by.", 1, MostPatients),
        Parameter.Whole("counted", "Of persons: one whose gradient or update is clipped is counted as this part of the clip, a 16th without; more of it tells their share more closely.", 1, MostParts),
        Parameter.Value("control", "The mean gradient at the weights in base64, or attached behind them, by which sites that train correct their steps.", Parameter.Text()),
        Parameter.Value("personal", "Layers that every site has to itself, and how it fits them before it trains the others.", PersonalLayers.Schema(isEvaluated: false)),
    ];

    private protected override MethodPlan? Read(ParameterReader reader)
    {
        var model = reader.Element("model", "a model", required: true) is { } written ? ModelDeclaration.Read(reader.At(written, "model"), written) : null;
        var local = reader.Object("local", "{epochs, batch, rate}", required: false);
        var rows = local is null ? null : ReadRows(local);
        var settings = local is null ? null : LocalSettings.Read(local);
        var clip = reader.Within("clip", LeastClip, LargestClip, isRequired: true);
        var bits = reader.Whole("bits", 0, MostBits);
        var isBySite = local is not null && rows is null;
        var weights = model is null ? null : RoundWeights.Read(reader, model, mayHaveControl: isBySite);
        var personal = model is null ? null : PersonalLayers.Read(reader, model, isEvaluated: false);
        if (!isBySite && personal is not null)
            reader.Add("personal", "nothing, unless sites train on all their persons together", "layers", "add 'local' with 'unit: site': what persons contribute would depend on how each site's own layers were fitted");
        if (personal is not null && weights?.ControlDigest is not null)
            reader.Add("control", "nothing, with 'personal'", "a mean gradient", "remove it: sites' gradients are taken at layers that differ");
        if (rows is not null && settings?.Clip is not null)
            local!.Add("clip", "nothing, where persons train", $"{settings.Clip}", "remove it: a person's whole update is clipped");
        var patients = reader.Whole("patients", 1, MostPatients);
        var counted = reader.Whole("counted", 1, MostParts);
        if (counted is not null && isBySite)
            reader.Add("counted", "nothing, where sites train on all their persons together", $"{counted}", "remove it");
        var most = isBySite ? ReadMostWeight(reader, patients) : 0;
        if (!isBySite && reader.Choice("weighting", Weightings) is { } weighting)
            reader.Add("weighting", "nothing, unless sites train on all their persons together", weighting, "remove it: every person weighs the same");
        if (model is null || weights is null || clip is null || (local is not null && settings is null))
            return null;
        if (isBySite)
            return new TrainingRoundPlan(Update(model, weights, settings!, clip.Value, bits, most, personal));
        return ReadTerms(reader, model, clip.Value, bits, patients, counted) is not { } terms ? null
            : new TrainingRoundPlan(rows is null ? new GradientSums(model, weights, terms) : new PersonUpdateSums(model, weights, settings!, rows.Value, terms));
    }

    /// <summary>What <see cref="LocalSettings"/> reads, and of whom each trains by itself.</summary>
    private static JsonObject Local()
    {
        var schema = LocalSettings.Schema();
        schema["properties"]!.AsObject()["unit"] = Parameter.OneOf(Units);
        schema["properties"]!.AsObject()["rows"] = Parameter.WholeOf(1, MostRows);
        return schema;
    }

    /// <summary>Of a person, at most; null where sites train on all their persons together.</summary>
    private static int? ReadRows(ParameterReader local)
    {
        var isByPerson = local.Choice("unit", Units) == "person";
        var rows = local.Whole("rows", 1, MostRows);
        if (rows is not null && !isByPerson)
            local.Add("rows", "nothing, where sites train on all their persons together", $"{rows}", "remove it, or add 'unit: person'");
        return isByPerson ? rows ?? UsualRows : null;
    }

    private static int ReadMostWeight(ParameterReader reader, int? patients)
    {
        var isBySite = reader.Choice("weighting", Weightings) == "site";
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

    private static ClippedTerms? ReadTerms(ParameterReader reader, ModelDeclaration model, decimal clip, int? bits, int? patients, int? counted)
    {
        if (model.Head == HeadKind.Cox)
            reader.Add("local", "how sites train, for a Cox model", "nothing, or persons by themselves", "what a person contributes depends on the others at risk: add 'local' with 'unit: site', or use the head discrete-survival");
        var written = bits ?? ClippedTerms.UsualBits;
        var units = decimal.Floor(clip * (1 << written));
        if (units is >= ClippedTerms.LeastClip and <= ClippedTerms.LargestClip)
            return new((int)units, written, patients, counted ?? ClippedTerms.UsualPart);
        reader.Add("bits", $"{ClippedTerms.LeastClip} to {ClippedTerms.LargestClip} units in 'clip'", $"{units}", "choose more bits for a short clip, fewer for a long one");
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
        var round = sums.Figures(total);
        if (rules.KindOf(round.Persons) == AnswerKind.Suppressed)
            return new MethodResult([new ResultTable("round", Columns, [ResultRow.Hidden(AnswerKind.Suppressed, Columns.Length)])]);
        return new MethodResult([new ResultTable("round", Columns,
            [ResultRow.Of((double)rules.Round(round.Persons), (double)round.Skipped, round.Clipped, round.Loss, round.UpdateNorm, Math.Sqrt(noise.Variance) / sums.Unit, sums.Weights.Digest)])]);
    }
}
