using Consilience.Analyses;
using Consilience.FederatedLearning.Heads;
using Consilience.FederatedLearning.Models;
using Consilience.FederatedLearning.Numerics;

namespace Consilience.FederatedLearning.Training;

/// <summary>The persons of a site as a model sees them, in an order that follows from what they are: what is made of them does not depend on how they are stored.</summary>
internal sealed class TrainingRows
{
    private readonly int[] order;
    private readonly long[] keys;
    private readonly Reading reading;

    private TrainingRows(Reading reading)
    {
        this.reading = reading;
        keys = new long[Count];
        order = new int[Count];
        for (var row = 0; row < Count; row++)
            (keys[row], order[row]) = (KeyOf(reading.InputsOf(row), reading.Targets[row]), row);
        // Rows of one key are the same row, but for a chance of 2⁻⁶⁴ a pair.
        Array.Sort((long[])keys.Clone(), order);
    }

    internal int Count => reading.Targets.Count;

    /// <summary>Rows left out, because a value is not what the schema says.</summary>
    internal int Skipped => reading.Skipped;

    internal static TrainingRows Read(ModelDeclaration model, IRows rows)
    {
        var reading = new Reading(model);
        rows.Read(model.Variables, () =>
        {
            reading = new Reading(model);
            return reading.Add;
        });
        return new TrainingRows(reading);
    }

    /// <summary>What dropout and rounding of a row follow from: the row itself, and nothing of the others.</summary>
    internal long KeyOf(int row) => keys[order[row]];

    internal Target TargetOf(int row) => reading.Targets[order[row]];

    internal ReadOnlySpan<float> InputsOf(int row) => reading.InputsOf(order[row]);

    private static long KeyOf(ReadOnlySpan<float> inputs, Target target)
    {
        var hash = new SeededStream(0);
        foreach (var input in inputs)
            hash = hash.With(BitConverter.SingleToUInt32Bits(input));
        return unchecked((long)hash.With(BitConverter.SingleToUInt32Bits(target.Value)).With(BitConverter.DoubleToUInt64Bits(target.Time)).Next());
    }

    /// <summary>Rows as they come, in blocks, so that they are not held twice while they grow.</summary>
    private sealed class Reading(ModelDeclaration model)
    {
        private const int BlockRows = 4096;

        private readonly IReadOnlyList<InputColumn> columns = model.Inputs;
        private readonly int width = model.Inputs.Sum(i => i.Width);
        private readonly List<float[]> blocks = [];

        internal List<Target> Targets { get; } = [];

        internal int Skipped { get; private set; }

        internal Span<float> InputsOf(int row) => blocks[row / BlockRows].AsSpan(row % BlockRows * width, width);

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

            if (Targets.Count % BlockRows == 0)
                blocks.Add(new float[BlockRows * width]);
            Targets.Add(target.Value);
            var inputs = InputsOf(Targets.Count - 1);
            for (var i = 0; i < columns.Count; inputs = inputs[columns[i++].Width..])
                columns[i].Write(values[i], inputs[..columns[i].Width]);
        }
    }
}
