using System.Text.Json;
using Consilience.Analyses;
using Consilience.Analyses.Sums;
using Consilience.FederatedLearning.Models;

namespace Consilience.FederatedLearning.Trees;

/// <summary>The trees a question is asked about: written in the parameters, or attached.</summary>
internal sealed class AskedEnsemble : IAskedWeights
{
    private readonly TreeModel model;
    private readonly Ensemble? written;

    private AskedEnsemble(TreeModel model, Ensemble written) => (this.model, this.written, Digest) = (model, written, written.Digest);

    private AskedEnsemble(TreeModel model, Attachment attachment) => (this.model, Attachment, Digest) = (model, attachment, attachment.Sha256);

    public string Digest { get; }

    public Attachment? Attachment { get; }

    /// <summary>Null, with faults added, where it is no ensemble of the model, or there is no model; one without trees where it may be left out and is.</summary>
    internal static AskedEnsemble? Read(ParameterReader reader, string key, TreeModel? model, bool required)
    {
        const string Expected = "{base, trees} of finished trees of the model, or {sha256, size} of an attachment that holds them";
        var element = reader.Element(key, Expected, required);
        if (model is null || (element is null && required))
            return null;
        if (element is null)
            return new(model, new Ensemble(0, []));
        if (element.Value.ValueKind == JsonValueKind.Object && element.Value.TryGetProperty("sha256", out _))
            return ReadAttached(reader.At(element.Value, key), model);
        if (Ensemble.Read(element.Value, model) is { } ensemble)
            return new(model, ensemble);
        reader.Add(key, Expected, "something else", "take the trees that the level before led to");
        return null;
    }

    private static AskedEnsemble? ReadAttached(ParameterReader reader, TreeModel model)
    {
        const string Expected = "64 lower-case hexadecimal digits";
        var digest = reader.Element("sha256", Expected, required: true);
        var size = reader.Whole("size", 1, int.MaxValue, isRequired: true);
        reader.Finish();
        if (digest is null || size is null)
            return null;
        if (digest is { ValueKind: JsonValueKind.String } text && new Attachment(text.GetString()!, size.Value) is { IsWellFormed: true } attachment)
            return new(model, attachment);
        reader.Add("sha256", Expected + $", and a size of at most {Attachment.Largest} bytes", "something else", "write the digest and size of the ensemble's canonical JSON");
        return null;
    }

    public IScorer ScorerOf(ReadOnlyMemory<byte> attached) => new EnsembleScorer(model, Open(attached));

    /// <exception cref="ArithmeticException">What is attached is no ensemble of the model.</exception>
    internal Ensemble Open(ReadOnlyMemory<byte> attached) =>
        written ?? Ensemble.TryRead(attached, model) ?? throw new ArithmeticException($"trees: not an ensemble of the model in canonical JSON (attached: {attached.Length} bytes); attach the model's own");
}
