using System.Text.Json;
using Consilience.Analyses;
using Consilience.Analyses.Schema;
using Consilience.FederatedLearning.Heads;
using Consilience.FederatedLearning.Trees;

namespace Consilience.FederatedLearning.Models;

/// <summary>A model as declared, whatever it is made of: what it reads, and what it predicts. Immutable; never holds code.</summary>
public abstract class DeclaredModel
{
    private protected DeclaredModel(Outcome outcome, IReadOnlyList<string> inputs, string canonical) => (Outcome, InputVariables, Canonical) = (outcome, inputs, canonical);

    public HeadKind Head => Outcome.Kind;

    /// <summary>Numbers that come out for each row: 1, the number of classes, or the number of intervals.</summary>
    public int Outputs => Outcome.Outputs;

    /// <summary>Variables read from a row to predict, in the order of their values.</summary>
    public IReadOnlyList<string> InputVariables { get; }

    /// <summary>Variables that hold the outcome: event, class or number, and then the time where there is one.</summary>
    public IReadOnlyList<string> OutcomeVariables => Outcome.Variables;

    /// <summary>Variables read from a row to train: <see cref="InputVariables"/> and then <see cref="OutcomeVariables"/>.</summary>
    public IReadOnlyList<string> Variables => [.. InputVariables, .. OutcomeVariables];

    /// <summary>Whether a missing input is a value like others, written as NaN; otherwise persons with one are left out.</summary>
    public virtual bool TakesMissing => false;

    /// <summary>Canonical JSON: equal declarations have equal text.</summary>
    public string Canonical { get; }

    internal Outcome Outcome { get; }

    /// <summary>Checks a declaration of either kind as written. Adds every fault found to <paramref name="faults"/>, and then returns null.</summary>
    public static DeclaredModel? ReadAny(JsonElement written, StudySchema schema, ICollection<Fault> faults)
    {
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentNullException.ThrowIfNull(faults);
        var before = faults.Count;
        var model = ReadAny(new ParameterReader(written, schema, faults, "model"), written);
        return faults.Count == before ? model : null;
    }

    /// <summary>Null, or a declaration that is not used, where there are faults.</summary>
    internal static DeclaredModel? ReadAny(ParameterReader reader, JsonElement written) =>
        written.ValueKind == JsonValueKind.Object && written.TryGetProperty(TreeReader.Kind, out _) ? TreeModel.Read(reader, written) : ModelDeclaration.Read(reader, written);
}

/// <summary>A model with weights: says something of persons, one after the other. Not for two threads at once.</summary>
public interface IScorer
{
    /// <summary>
    /// Of one person: the number; the probability of the event; the probability of each class; the log hazard ratio; or the probability to live without the event to the end of each interval. Null where a value is not what
    /// the schema says.
    /// </summary>
    /// <param name="values">Of <see cref="DeclaredModel.InputVariables"/>: a code by its position in the schema, false and true as 0 and 1.</param>
    double[]? Predict(ReadOnlySpan<double> values);
}

/// <summary>The weights a question is asked about: written in its parameters, or attached.</summary>
internal interface IAskedWeights
{
    /// <summary>Of the weights, or of all that is attached.</summary>
    string Digest { get; }

    /// <summary>What sites are handed; null where everything is written.</summary>
    Analyses.Sums.Attachment? Attachment { get; }

    /// <exception cref="ArithmeticException">What is attached is not weights of the model.</exception>
    IScorer ScorerOf(ReadOnlyMemory<byte> attached);
}
