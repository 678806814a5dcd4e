using Consilience.Analyses;
using Consilience.FederatedLearning.Heads;
using Consilience.FederatedLearning.Models;

namespace Consilience.FederatedLearning.Training;

/// <summary>The persons of a site as a model sees them. In an order of its own, so that what is made of them does not depend on how they are stored.</summary>
internal sealed class TrainingRows
{
    private readonly List<float> inputs = [];
    private readonly List<Target> targets = [];
    private readonly int width;

    private TrainingRows(int width) => this.width = width;

    internal int Count => targets.Count;

    /// <summary>Rows left out, because a value is not what the schema says.</summary>
    internal int Skipped { get; private set; }

    internal static TrainingRows Read(ModelDeclaration model, IRows rows)
    {
        TrainingRows read = null!;
        rows.Read(model.Variables, () =>
        {
            read = new TrainingRows(model.Inputs.Sum(i => i.Width));
            return values => read.Add(model, values);
        });
        return read ?? new TrainingRows(model.Inputs.Sum(i => i.Width));
    }

    internal Target TargetOf(int row) => targets[row];

    internal void CopyInputs(int row, Span<float> to)
    {
        for (var i = 0; i < width; i++)
            to[i] = inputs[(row * width) + i];
    }

    private void Add(ModelDeclaration model, ReadOnlySpan<double> values)
    {
        var target = model.Outcome.Read(values[model.Inputs.Count..]);
        for (var i = 0; i < model.Inputs.Count; i++)
            target = model.Inputs[i].Holds(values[i]) ? target : null;
        if (target is null)
        {
            Skipped++;
            return;
        }

        Span<float> row = stackalloc float[width];
        var at = 0;
        for (var i = 0; i < model.Inputs.Count; at += model.Inputs[i++].Width)
            model.Inputs[i].Write(values[i], row.Slice(at, model.Inputs[i].Width));
        foreach (var value in row)
            inputs.Add(value);
        targets.Add(target.Value);
    }
}
