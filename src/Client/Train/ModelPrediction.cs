using System.Globalization;
using Consilience.Analyses.Schema;
using Consilience.FederatedLearning.Heads;
using Consilience.FederatedLearning.Models;
using Consilience.FederatedLearning.Trees;

namespace Consilience.Client.Train;

/// <summary>Scores rows as files write them.</summary>
public sealed class ModelPrediction(ModelFile file, IScorer scorer)
{
    private readonly Variable[] variables = [.. file.Model.InputVariables.Select(v => file.Schema.Find(v)!)];

    /// <exception cref="ArgumentException">The model is none with layers, or the weights are another model's.</exception>
    public ModelPrediction(ModelFile file, ModelWeights weights)
        : this(file, new ModelScorer(file?.Model as ModelDeclaration ?? throw new ArgumentException("model: has no layers", nameof(file)), weights))
    {
    }

    /// <summary>The model of a release, as its files say; what they prove is for <see cref="VerifyRelease"/>.</summary>
    /// <exception cref="InvalidDataException">Its weights are no weights of the model.</exception>
    /// <exception cref="FaultyInputException">Its declaration has faults.</exception>
    public static (ModelPrediction Prediction, IReadOnlyList<string> Inputs) OfRelease(string folder)
    {
        var file = ModelFile.Read(File.ReadAllText(Path.Combine(folder, ReleaseModel.Declaration)), ReleaseModel.Declaration);
        byte[] Bytes(string name) => File.ReadAllBytes(Path.Combine(folder, name));
        IScorer scorer = file.Model switch
        {
            TreeModel trees => new EnsembleScorer(trees, Ensemble.TryRead(Bytes(ReleaseModel.Ensemble), trees) ?? throw new InvalidDataException($"{ReleaseModel.Ensemble}: not an ensemble of the model in canonical JSON; take the file that was released")),
            ModelDeclaration layers => new ModelScorer(layers, Safetensors.WeightsOf(layers, Safetensors.Read(Bytes(ReleaseModel.Weights)).Tensors)),
            _ => throw new System.Diagnostics.UnreachableException("a model has layers or trees"),
        };
        return (new ModelPrediction(file, scorer), file.Model.InputVariables);
    }

    /// <summary>What <see cref="Of"/> gives, in words for the head of a column.</summary>
    public IReadOnlyList<string> Names => file.Model.Head switch
    {
        HeadKind.Softmax => [.. file.Schema.Find(file.Model.OutcomeVariables[0])!.Codes.Select(c => $"p.{c.Code}")],
        HeadKind.Logistic => ["p"],
        HeadKind.Cox => ["log.hazard.ratio"],
        HeadKind.DiscreteSurvival => [.. file.Model.Outcome.Edges.Select(e => string.Create(CultureInfo.InvariantCulture, $"survival.{e}"))],
        _ => ["prediction"],
    };

    /// <summary>What <see cref="IScorer.Predict"/> says of a row; null where a value is not what the schema says, or missing in a model that takes none.</summary>
    /// <param name="values">Of <see cref="DeclaredModel.InputVariables"/>, in their order: codes, true and false, numbers.</param>
    public IReadOnlyList<double>? Of(IReadOnlyList<string> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        double?[] read = [.. variables.Zip(values, (variable, text) => file.Model.TakesMissing && text.Trim() is "" or "NA" ? double.NaN : Read(variable, text.Trim()))];
        return Array.TrueForAll(read, v => v is not null) ? scorer.Predict([.. read.Select(v => v!.Value)]) : null;
    }

    private static double? Read(Variable variable, string text)
    {
        if (variable.Type == VariableType.Boolean)
            return text.ToLowerInvariant() switch { "true" or "1" => 1, "false" or "0" => 0, _ => null };
        if (variable.Type == VariableType.Category)
        {
            var position = variable.Codes.ToList().FindIndex(c => c.Code == text);
            return position < 0 ? null : position;
        }

        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;
    }
}
