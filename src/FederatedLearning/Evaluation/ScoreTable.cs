using Consilience.Analyses;
using Consilience.FederatedLearning.Heads;
using Consilience.FederatedLearning.Models;
using Consilience.FederatedLearning.Numerics;

namespace Consilience.FederatedLearning.Evaluation;

/// <summary>
/// The table of persons that a model is evaluated from, group by group: whether they had the event × class of time × class of score; of classes, true class × predicted class. One person is in one cell.
/// </summary>
/// <param name="model">What is evaluated.</param>
/// <param name="groups">Compared; one cell where there is no grouping.</param>
/// <param name="bins">Classes of scores from 0 to 1, equally wide.</param>
/// <param name="edges">Ends of classes of time, of survival; what is beyond the last is a class too.</param>
internal sealed class ScoreTable(DeclaredModel model, Grouping groups, int bins, IReadOnlyList<double> edges)
{
    internal DeclaredModel Model => model;

    internal Grouping Groups => groups;

    internal int Bins => model.Head == HeadKind.Softmax ? model.Outputs : bins;

    /// <summary>Classes of time; 1 where there is no time.</summary>
    internal int Times => edges.Count + 1;

    internal IReadOnlyList<double> Edges => edges;

    /// <summary>Cells of one group.</summary>
    internal int GroupLength => model.Head == HeadKind.Softmax ? Bins * Bins : 2 * Times * Bins;

    internal long Length => groups.Count * (long)GroupLength;

    /// <summary>Reads the outcome, the groups, and then the model's inputs.</summary>
    internal void Read(IRows rows, Func<RowReader> begin)
    {
        IReadOnlyList<string> known = [.. model.OutcomeVariables, .. groups.Variables];
        if (model.TakesMissing)
            rows.ReadWithMissing(known, model.InputVariables, begin);
        else
            rows.Read([.. known, .. model.InputVariables], begin);
    }

    /// <summary>The cell of an event or none, in a class of time and of score, within its group.</summary>
    internal int Cell(bool isEvent, int time, int bin) => ((((isEvent ? 1 : 0) * Times) + time) * Bins) + bin;

    /// <summary>The cell of a person; null where a value is not what the schema says.</summary>
    /// <param name="scorer">Of the model.</param>
    /// <param name="values">As <see cref="Read"/> has them.</param>
    internal long? CellOf(IScorer scorer, ReadOnlySpan<double> values)
    {
        var outcomes = model.OutcomeVariables.Count;
        if (model.Outcome.Read(values[..outcomes]) is not { } target || scorer.Predict(values[(outcomes + groups.Axes.Count)..]) is not { } predicted || !Array.TrueForAll(predicted, double.IsFinite))
            return null;
        long group = 0;
        for (var axis = 0; axis < groups.Axes.Count; axis++)
            group = (group * groups.Axes[axis].Length) + (int)values[outcomes + axis];
        if (model.Head == HeadKind.Softmax)
            return (group * GroupLength) + ((int)target.Value * Bins) + Array.IndexOf(predicted, predicted.Max());
        var score = model.Head switch { HeadKind.Cox => Elementary.Sigmoid(predicted[0]), HeadKind.DiscreteSurvival => 1 - predicted[^1], _ => predicted[0] };
        return (group * GroupLength) + Cell(target.Value > 0, ClassOf(target.Time), Math.Min(Bins - 1, (int)(score * Bins)));
    }

    /// <summary>The class (edge before, edge] of a time.</summary>
    private int ClassOf(double time)
    {
        var at = 0;
        while (at < edges.Count && time > edges[at])
            at++;
        return at;
    }
}
