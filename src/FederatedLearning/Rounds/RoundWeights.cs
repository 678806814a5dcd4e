using System.Text.Json;
using Consilience.Analyses;
using Consilience.Analyses.Sums;
using Consilience.FederatedLearning.Models;

namespace Consilience.FederatedLearning.Rounds;

/// <summary>The weights that a round is asked at, and what its steps are corrected by: written in the parameters, or attached.</summary>
internal sealed class RoundWeights : IAskedWeights
{
    private const string Attached = "attached";

    private readonly ModelDeclaration model;
    private readonly ModelWeights? written;
    private readonly ModelWeights? control;
    private readonly bool hasControl;

    private RoundWeights(ModelDeclaration model, string digest, ModelWeights? written, ModelWeights? control, bool hasControl) =>
        (this.model, Digest, this.written, this.control, this.hasControl) = (model, digest, written, control, hasControl);

    public string Digest { get; }

    internal string? ControlDigest => control?.Digest ?? (hasControl ? Attached : null);

    public Attachment? Attachment => written is null ? new(Digest, (long)model.ParameterCount * sizeof(float) * (hasControl ? 2 : 1)) : null;

    /// <summary>Null, with faults added, where they do not fit the model.</summary>
    internal static RoundWeights? Read(ParameterReader reader, ModelDeclaration model, bool mayHaveControl)
    {
        var expected = $"{model.ParameterCount} finite little-endian single-precision numbers in base64, or {{sha256}} of an attachment";
        if (reader.Element("weights", expected, required: true) is not { } weights)
            return null;
        var isAttached = weights.ValueKind == JsonValueKind.Object;
        var control = mayHaveControl ? reader.Element("control", "a mean gradient", required: false) : null;
        var (written, corrected) = (isAttached ? null : Numbers(weights, model), isAttached || control is null ? null : Numbers(control.Value, model));
        var digest = isAttached ? ReadDigest(reader.At(weights, "weights")) : written?.Digest;
        if (digest is null && !isAttached)
            reader.Add("weights", expected, "something else", "take the weights of the round before, or initialise them");
        if (control is { } given && (isAttached ? given.ValueKind != JsonValueKind.String || given.GetString() != Attached : corrected is null))
            reader.Add("control", isAttached ? $"'{Attached}'" : expected, "something else", "write it where the weights are, in the parameters or behind them in the attachment");
        return digest is null ? null : new(model, digest, written, corrected, control is not null);
    }

    public IScorer ScorerOf(ReadOnlyMemory<byte> attached) => new ModelScorer(model, Open(attached.Span).Weights);

    /// <exception cref="ArithmeticException">What is attached is not finite numbers, as many as the model has.</exception>
    internal (ModelWeights Weights, ModelWeights? Control) Open(ReadOnlySpan<byte> attached)
    {
        if (written is not null)
            return (written, control);
        var half = hasControl ? attached.Length / 2 : attached.Length;
        var weights = ModelWeights.TryRead(attached[..half], model.ParameterCount);
        var corrected = hasControl ? ModelWeights.TryRead(attached[half..], model.ParameterCount) : null;
        return weights is not null && corrected is null != hasControl
            ? (weights, corrected)
            : throw new ArithmeticException($"weights: not {model.ParameterCount} finite numbers (attached: {attached.Length} bytes); attach those of the model declared");
    }

    private static ModelWeights? Numbers(JsonElement written, ModelDeclaration model) =>
        written.ValueKind == JsonValueKind.String && written.TryGetBytesFromBase64(out var bytes) ? ModelWeights.TryRead(bytes, model.ParameterCount) : null;

    private static string? ReadDigest(ParameterReader reader)
    {
        const string Expected = "64 lower-case hexadecimal digits";
        var written = reader.Element("sha256", Expected, required: true);
        reader.Finish();
        if (written is null)
            return null;
        if (written is { ValueKind: JsonValueKind.String } text && new Attachment(text.GetString()!, 1).IsWellFormed)
            return text.GetString();
        reader.Add("sha256", Expected, "something else", "write the digest of the weights' bytes");
        return null;
    }
}
