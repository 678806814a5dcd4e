using Consilience.FederatedLearning.Heads;
using Consilience.FederatedLearning.Layers;
using Consilience.FederatedLearning.Models;
using Consilience.FederatedLearning.Numerics;

namespace Consilience.FederatedLearning.Training;

/// <summary>Takes one row's gradient and loss.</summary>
/// <param name="half">0 or 1: which of two threads calls.</param>
/// <param name="row">The row.</param>
/// <param name="gradient">Good during the call alone.</param>
/// <param name="loss">Of the row.</param>
internal delegate void RowGradient(int half, int row, ReadOnlySpan<float> gradient, double loss);

/// <summary>
/// Losses and gradients of a model on rows of a site. Rows are taken in two halves, side by side, each in pieces that stay in the processor's cache; halves and pieces follow from the number of rows alone, so sums have one order
/// on every machine, with one processor too.
/// </summary>
internal sealed class Gradients
{
    private const int LargestPiece = 128;
    private const int PieceFootprint = 1 << 20;
    private const int SmallestHalf = 8;

    private readonly Loss loss;
    private readonly Half[] halves;
    private readonly float? clip;
    private readonly float[] outputs;
    private readonly float[] byOutputs;
    private int[] batch = [];
    private int taken;
    private bool isTraining;
    private long seed;
    private float[] weights = [];

    /// <param name="model">What is differentiated.</param>
    /// <param name="rows">On which rows.</param>
    /// <param name="most">Most rows at once.</param>
    /// <param name="clip">The longest gradient of one row; no limit where null.</param>
    internal Gradients(ModelDeclaration model, TrainingRows rows, int most, float? clip)
    {
        (Rows, this.clip, loss) = (rows, clip, Heads.Loss.Of(model.Outcome));
        var footprint = Math.Max(1, model.Layers.Sum(l => (long)l.Footprint));
        var piece = (int)Math.Clamp(PieceFootprint / footprint, 1, Math.Min(LargestPiece, (most + 1) / 2));
        halves = [new Half(model, piece), new Half(model, piece)];
        Sum = new float[model.ParameterCount];
        outputs = loss.IsByRow ? [] : new float[most];
        byOutputs = new float[outputs.Length];
    }

    /// <summary>On which it differentiates; others may take their place.</summary>
    internal TrainingRows Rows { get; set; }

    /// <summary>The gradient of the sum of losses, of the rows last asked about; each row's clipped.</summary>
    internal float[] Sum { get; }

    /// <summary>The sum of the losses of the rows last asked about.</summary>
    internal double Loss { get; private set; }

    /// <summary>Differentiates by the weights on the first <paramref name="count"/> rows of <paramref name="chosen"/>.</summary>
    internal void Differentiate(float[] at, int[] chosen, int count, long dropoutSeed)
    {
        (weights, batch, taken, isTraining, seed) = (at, chosen, count, true, dropoutSeed);
        if (!loss.IsByRow)
        {
            Together(Predict);
            DifferentiateTogether();
        }

        Together(Differentiate);
        halves[0].Gradient.CopyTo(Sum, 0);
        MatrixProduct.AddTo(Sum, halves[1].Gradient);
        if (loss.IsByRow)
            Loss = halves[0].Loss + halves[1].Loss;
    }

    /// <summary>Hands over each row's gradient and loss by themselves, on one of two threads.</summary>
    internal void EachRow(float[] at, long dropoutSeed, RowGradient take)
    {
        (weights, batch, taken, isTraining, seed) = (at, [.. Enumerable.Range(0, Rows.Count)], Rows.Count, true, dropoutSeed);
        Together((half, from, to) => Pieces(half, from, to, (piece, row, count) => piece.EachRow(weights, loss, count, (i, gradient, ofRow) => take(half == halves[0] ? 0 : 1, row + i, gradient, ofRow))));
    }

    /// <summary>The sum of losses of all rows, without dropout.</summary>
    internal double LossOfAll(float[] at)
    {
        (weights, batch, taken, isTraining) = (at, [.. Enumerable.Range(0, Rows.Count)], Rows.Count, false);
        if (!loss.IsByRow)
        {
            var (all, derivatives, losses, targets) = (new float[taken], new float[taken], new double[taken], new Target[taken]);
            Together((half, from, to) => Pieces(half, from, to, (piece, row, count) => piece.Outputs.AsSpan(0, count).CopyTo(all.AsSpan(row))));
            for (var row = 0; row < taken; row++)
                targets[row] = Rows.TargetOf(row);
            loss.Differentiate(all, targets, derivatives, losses);
            return losses.Sum();
        }

        Together((half, from, to) =>
        {
            half.Loss = 0;
            Pieces(half, from, to, (piece, _, count) => piece.AddLoss(loss, count));
        });
        return halves[0].Loss + halves[1].Loss;
    }

    private void Differentiate(Half half, int from, int to)
    {
        Array.Clear(half.Gradient);
        half.Loss = 0;
        Pieces(half, from, to, (piece, row, count) =>
        {
            if (loss.IsByRow)
                piece.AddLoss(loss, count);
            else
                byOutputs.AsSpan(row, count).CopyTo(piece.ByOutputs);
            piece.AddGradient(weights, count, clip);
        });
    }

    private void Predict(Half half, int from, int to) => Pieces(half, from, to, (piece, row, count) => piece.Outputs.AsSpan(0, count).CopyTo(outputs.AsSpan(row)));

    private void DifferentiateTogether()
    {
        var (targets, losses) = (new Target[taken], new double[taken]);
        for (var i = 0; i < taken; i++)
            targets[i] = Rows.TargetOf(batch[i]);
        loss.Differentiate(outputs, targets, byOutputs, losses);
        Loss = losses.Sum();
    }

    private void Together(Action<Half, int, int> work)
    {
        var middle = taken / 2;
        if (middle < SmallestHalf)
        {
            work(halves[0], 0, middle);
            work(halves[1], middle, taken);
            return;
        }

        Parallel.For(0, 2, half => work(halves[half], half == 0 ? 0 : middle, half == 0 ? middle : taken));
    }

    private void Pieces(Half half, int from, int to, Action<Half, int, int> work)
    {
        for (var at = from; at < to; at += half.Rows)
        {
            var count = Math.Min(half.Rows, to - at);
            half.Forward(Rows, weights, batch.AsSpan(at, count), isTraining, seed);
            work(half, at, count);
        }
    }

    /// <summary>One half of a batch at work, a piece at a time.</summary>
    private sealed class Half(ModelDeclaration model, int rows)
    {
        private readonly Chain chain = new(model.Layers, rows, 0);
        private readonly float[] inputs = new float[rows * model.Inputs.Sum(i => i.Width)];
        private readonly Target[] targets = new Target[rows];
        private readonly long[] keys = new long[rows];
        private readonly double[] losses = new double[rows];
        private readonly double[] norms = new double[rows];
        private readonly float[] factors = new float[rows];

        internal int Rows => rows;

        internal float[] Gradient { get; } = new float[model.ParameterCount];

        internal float[] ByOutputs { get; } = new float[rows * model.Outputs];

        internal float[] Outputs { get; private set; } = [];

        internal double Loss { get; set; }

        internal void Forward(TrainingRows from, float[] weights, ReadOnlySpan<int> chosen, bool isTraining, long seed)
        {
            var width = inputs.Length / rows;
            for (var i = 0; i < chosen.Length; i++)
            {
                from.InputsOf(chosen[i]).CopyTo(inputs.AsSpan(i * width));
                (targets[i], keys[i]) = (from.TargetOf(chosen[i]), from.KeyOf(chosen[i]));
            }

            Outputs = chain.Forward(weights, inputs, chosen.Length, new Pass(isTraining, seed, keys));
        }

        internal void AddLoss(Loss loss, int count)
        {
            loss.Differentiate(Outputs, targets.AsSpan(0, count), ByOutputs, losses);
            for (var i = 0; i < count; i++)
                Loss += losses[i];
        }

        internal void AddGradient(float[] weights, int count, float? clip)
        {
            chain.BackwardFirst(weights, ByOutputs, count);
            if (clip is { } longest)
                Clip(longest, count);
            chain.AddGradient(ByOutputs, 0, count, Gradient);
        }

        internal void EachRow(float[] weights, Loss loss, int count, Action<int, Span<float>, double> take)
        {
            loss.Differentiate(Outputs, targets.AsSpan(0, count), ByOutputs, losses);
            chain.BackwardFirst(weights, ByOutputs, count);
            for (var i = 0; i < count; i++)
            {
                Array.Clear(Gradient);
                chain.AddGradient(ByOutputs, i, i + 1, Gradient);
                take(i, Gradient, losses[i]);
            }
        }

        private void Clip(float longest, int count)
        {
            Array.Clear(norms);
            chain.AddSquaredNorms(ByOutputs, norms.AsSpan(0, count));
            for (var i = 0; i < count; i++)
                factors[i] = norms[i] <= (double)longest * longest ? 1 : (float)(longest / Math.Sqrt(norms[i]));
            chain.ScaleRows(ByOutputs, factors.AsSpan(0, count));
        }
    }
}
