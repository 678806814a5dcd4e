using Consilience.Analyses;
using Consilience.FederatedLearning.Heads;
using Consilience.FederatedLearning.Models;
using Consilience.FederatedLearning.Numerics;

namespace Consilience.FederatedLearning.Training;

/// <summary>The persons of a site as a model sees them, in an order that follows from what they are: what is made of them does not depend on how they are stored.</summary>
internal sealed class TrainingRows
{
    private readonly int width;
    private readonly int[] order;
    private readonly long[] keys;
    private readonly float[] inputs;
    private readonly Target[] targets;

    private TrainingRows(int width, Reading reading)
    {
        this.width = width;
        (inputs, targets, Skipped) = (reading.Inputs, reading.Targets, reading.Skipped);
        Count = reading.Count;
        keys = new long[Count];
        order = new int[Count];
        for (var row = 0; row < Count; row++)
            (keys[row], order[row]) = (KeyOf(inputs.AsSpan(row * width, width), targets[row]), row);
        // Rows of one key are the same row, but for a chance of 2⁻⁶⁴ a pair.
        Array.Sort((long[])keys.Clone(), order);
    }

    internal int Count { get; }

    /// <summary>Rows left out, because a value is not what the schema says.</summary>
    internal int Skipped { get; }

    internal static TrainingRows Read(ModelDeclaration model, IRows rows)
    {
        var width = model.Inputs.Sum(i => i.Width);
        var reading = new Reading(model, width);
        rows.Read(model.Variables, () =>
        {
            reading = new Reading(model, width);
            return reading.Add;
        });
        return new TrainingRows(width, reading);
    }

    /// <summary>What dropout and rounding of a row follow from: the row itself, and nothing of the others.</summary>
    internal long KeyOf(int row) => keys[order[row]];

    internal Target TargetOf(int row) => targets[order[row]];

    internal ReadOnlySpan<float> InputsOf(int row) => inputs.AsSpan(order[row] * width, width);

    private static long KeyOf(ReadOnlySpan<float> inputs, Target target)
    {
        var hash = new SeededStream(0);
        foreach (var input in inputs)
            hash = hash.With(BitConverter.SingleToUInt32Bits(input));
        return unchecked((long)hash.With(BitConverter.SingleToUInt32Bits(target.Value)).With(BitConverter.DoubleToUInt64Bits(target.Time)).Next());
    }

    /// <summary>Rows as they come; arrays double as they fill.</summary>
    private sealed class Reading(ModelDeclaration model, int width)
    {
        private readonly IReadOnlyList<InputColumn> columns = model.Inputs;

        internal float[] Inputs { get; private set; } = new float[16 * width];

        internal Target[] Targets { get; private set; } = new Target[16];

        internal int Count { get; private set; }

        internal int Skipped { get; private set; }

        internal void Add(ReadOnlySpan<double> values)
        {
            var target = model.Outcome.Read(values[columns.Count..]);
            for (var i = 0; i < columns.Count && target is not null; i++)
                target = columns[i].Holds(values[i]) ? target : null;
            if (target is null)
            {
                Skipped++;
                return;
            }

            if (Count == Targets.Length)
            {
                var (larger, more) = (new float[2 * Inputs.Length], new Target[2 * Count]);
                Inputs.CopyTo(larger, 0);
                Targets.CopyTo(more, 0);
                (Inputs, Targets) = (larger, more);
            }

            var at = Count * width;
            for (var i = 0; i < columns.Count; at += columns[i++].Width)
                columns[i].Write(values[i], Inputs.AsSpan(at, columns[i].Width));
            Targets[Count++] = target.Value;
        }
    }
}
