using Consilience.Analyses;
using Consilience.FederatedLearning.Heads;
using Consilience.FederatedLearning.Models;
using Consilience.FederatedLearning.Numerics;

namespace Consilience.FederatedLearning.Training;

/// <summary>The persons of a site, or the rows of one person, as a model sees them, in an order that follows from what they are: what is made of them does not depend on how they are stored.</summary>
internal sealed class TrainingRows
{
    private readonly int[] order;
    private readonly long[] keys;
    private readonly Reading reading;

    /// <param name="reading">All that was read.</param>
    /// <param name="first">Where these begin in it.</param>
    /// <param name="count">How many they are.</param>
    private TrainingRows(Reading reading, int first, int count)
    {
        this.reading = reading;
        keys = new long[count];
        order = new int[count];
        for (var row = 0; row < count; row++)
            (keys[row], order[row]) = (KeyOf(reading.InputsOf(first + row), reading.Targets[first + row]), first + row);
        // Rows of one key are the same row, but for a chance of 2⁻⁶⁴ a pair.
        Array.Sort(keys, order);
    }

    internal int Count => order.Length;

    /// <summary>Rows left out, because a value is not what the schema says.</summary>
    internal int Skipped => reading.Skipped;

    /// <summary>Follows from all rows together, and from nothing else.</summary>
    internal long Key => unchecked((long)keys.Aggregate(new SeededStream(0), (hash, key) => hash.With((ulong)key)).Next());

    internal static TrainingRows Nobody(ModelDeclaration model) => new(new Reading(model), 0, 0);

    internal static TrainingRows Read(ModelDeclaration model, IRows rows)
    {
        var reading = new Reading(model);
        rows.Read(model.Variables, () =>
        {
            reading = new Reading(model);
            return reading.Add;
        });
        return new TrainingRows(reading, 0, reading.Targets.Count);
    }

    /// <summary>The rows of each person by themselves, without those left out; and how many persons have no others.</summary>
    /// <param name="model">What sees them.</param>
    /// <param name="rows">Of a site.</param>
    /// <param name="most">Of a person.</param>
    internal static (IReadOnlyList<TrainingRows> Persons, int Skipped) ReadPersons(ModelDeclaration model, IRows rows, int most)
    {
        var (reading, begins) = (new Reading(model), new List<int>());
        rows.ReadPersons(model.Variables, most, () =>
        {
            (reading, begins) = (new Reading(model), []);
            return (place, values) =>
            {
                if (place == 0)
                    begins.Add(reading.Targets.Count);
                reading.Add(values);
            };
        });
        var ends = begins.Skip(1).Append(reading.Targets.Count);
        List<TrainingRows> persons = [.. begins.Zip(ends).Where(p => p.Second > p.First).Select(p => new TrainingRows(reading, p.First, p.Second - p.First))];
        return (persons, begins.Count - persons.Count);
    }

    /// <summary>What dropout and rounding of a row follow from: the row itself, and nothing of the others.</summary>
    internal long KeyOf(int row) => keys[row];

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
