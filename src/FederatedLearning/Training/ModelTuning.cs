using System.Text.Json;
using Consilience.Analyses;
using Consilience.Analyses.Schema;
using Consilience.FederatedLearning.Models;

namespace Consilience.FederatedLearning.Training;

/// <summary>A model fitted further to rows of one's own, on this machine alone.</summary>
/// <param name="Weights">After it.</param>
/// <param name="Rows">Fitted on.</param>
/// <param name="Skipped">Left out, because a value was not what the schema says.</param>
/// <param name="LossBefore">Mean over those fitted on.</param>
/// <param name="LossAfter">The same; lower on these very rows than on others.</param>
public sealed record ModelTuning(ModelWeights Weights, int Rows, int Skipped, double LossBefore, double LossAfter)
{
    /// <summary>Null, with faults added, where the settings have any.</summary>
    /// <param name="model">That is fitted.</param>
    /// <param name="schema">It was declared against.</param>
    /// <param name="weights">To begin with.</param>
    /// <param name="rows">To fit to; at least one.</param>
    /// <param name="settings"><c>layers</c> (those to fit: <c>all</c>, <c>normalisation</c>, or by name), and how, as <c>local</c> of <c>training-round</c>.</param>
    /// <param name="faults">Takes every fault.</param>
    /// <exception cref="ArithmeticException">The weights left the range of numbers.</exception>
    public static ModelTuning? Fit(ModelDeclaration model, StudySchema schema, ModelWeights weights, IRows rows, JsonElement settings, ICollection<Fault> faults)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(faults);
        var before = faults.Count;
        var layers = PersonalLayers.ReadAll(new ParameterReader(settings, schema, faults, "settings"), model, mayBeAll: true, hasRows: false);
        var read = TrainingRows.Read(model, rows);
        if (read.Count == 0)
            faults.Add(new("rows", "at least one with every value that the model reads", "none", "check columns and codes against the model's schema"));
        if (layers is null || faults.Count > before)
            return null;
        var fitted = layers.Fit(model, read, weights);
        var gradients = new Gradients(model, read, read.Count, null);
        double Loss(ModelWeights at) => gradients.LossOfAll(at.Values.ToArray()) / read.Count;
        return new(fitted, read.Count, read.Skipped, Loss(weights), Loss(fitted));
    }
}
