using Consilience.FederatedLearning.Numerics;

namespace Consilience.FederatedLearning.Heads;

/// <summary>The loss of outputs, and its derivatives by them.</summary>
internal abstract class Loss
{
    /// <summary>Whether each row's loss is its own, so that a row has a gradient.</summary>
    internal virtual bool IsByRow => true;

    internal static Loss Of(Outcome outcome) => outcome.Kind switch
    {
        HeadKind.Linear => new SquaredLoss(),
        HeadKind.Logistic => new LogisticLoss(),
        HeadKind.Softmax => new SoftmaxLoss(outcome.Outputs),
        HeadKind.Cox => new CoxLoss(),
        HeadKind.DiscreteSurvival => new DiscreteSurvivalLoss([.. outcome.Edges]),
        _ => throw new System.Diagnostics.UnreachableException("every head has a loss"),
    };

    /// <summary>Writes each row's loss, and the derivatives of their sum by the outputs.</summary>
    internal abstract void Differentiate(ReadOnlySpan<float> outputs, ReadOnlySpan<Target> targets, Span<float> byOutputs, Span<double> losses);
}

/// <summary>½(η − y)².</summary>
internal sealed class SquaredLoss : Loss
{
    internal override void Differentiate(ReadOnlySpan<float> outputs, ReadOnlySpan<Target> targets, Span<float> byOutputs, Span<double> losses)
    {
        for (var row = 0; row < targets.Length; row++)
        {
            var error = outputs[row] - targets[row].Value;
            (byOutputs[row], losses[row]) = (error, 0.5 * error * error);
        }
    }
}

/// <summary>log(1 + e^η) − yη.</summary>
internal sealed class LogisticLoss : Loss
{
    internal override void Differentiate(ReadOnlySpan<float> outputs, ReadOnlySpan<Target> targets, Span<float> byOutputs, Span<double> losses)
    {
        for (var row = 0; row < targets.Length; row++)
        {
            double eta = outputs[row];
            var y = targets[row].Value;
            byOutputs[row] = (float)(Elementary.Sigmoid(eta) - y);
            losses[row] = Elementary.Softplus(eta) - (y * eta);
        }
    }
}

/// <summary>log Σ e^ηₖ − η_y.</summary>
internal sealed class SoftmaxLoss(int classes) : Loss
{
    internal override void Differentiate(ReadOnlySpan<float> outputs, ReadOnlySpan<Target> targets, Span<float> byOutputs, Span<double> losses)
    {
        for (var row = 0; row < targets.Length; row++)
        {
            var scores = outputs.Slice(row * classes, classes);
            var derivatives = byOutputs.Slice(row * classes, classes);
            double largest = scores[0], sum = 0;
            foreach (var score in scores)
                largest = Math.Max(largest, score);
            for (var k = 0; k < classes; k++)
            {
                var weight = Elementary.Exp(scores[k] - largest);
                derivatives[k] = (float)weight;
                sum += weight;
            }

            for (var k = 0; k < classes; k++)
                derivatives[k] = (float)(derivatives[k] / sum);
            derivatives[(int)targets[row].Value] -= 1;
            losses[row] = largest + Elementary.Log(sum) - scores[(int)targets[row].Value];
        }
    }
}

/// <summary>
/// Minus the logarithm of Breslow's partial likelihood of the rows given: each event's log Σ e^η over those still at risk, less its own η. Risk sets never reach beyond the rows of one site, so sites are strata.
/// </summary>
internal sealed class CoxLoss : Loss
{
    internal override bool IsByRow => false;

    internal override void Differentiate(ReadOnlySpan<float> outputs, ReadOnlySpan<Target> targets, Span<float> byOutputs, Span<double> losses)
    {
        var n = targets.Length;
        if (n == 0)
            return;
        var times = new double[n];
        var order = new int[n];
        double largest = outputs[0];
        for (var row = 0; row < n; row++)
        {
            (times[row], order[row]) = (-targets[row].Time, row);
            largest = Math.Max(largest, outputs[row]);
        }

        // Latest first; rows of equal time are in one risk set, so their order matters no more than for the last digit, and is fixed.
        Array.Sort(order, (a, b) => times[a] != times[b] ? times[a].CompareTo(times[b]) : a.CompareTo(b));
        var atRisk = new double[n];
        double sum = 0;
        for (var from = 0; from < n;)
        {
            var to = EndOfTies(order, times, from);
            for (var i = from; i < to; i++)
                sum += Elementary.Exp(outputs[order[i]] - largest);
            for (; from < to; from++)
                atRisk[order[from]] = sum;
        }

        // Earliest first: Σ over events up to a time of 1/Σ e^η.
        double inverses = 0;
        for (var to = n; to > 0;)
        {
            var from = to - 1;
            while (from > 0 && times[order[from - 1]] == times[order[to - 1]])
                from--;
            for (var i = from; i < to; i++)
                inverses += targets[order[i]].Value / atRisk[order[i]];
            for (; to > from; to--)
            {
                var row = order[to - 1];
                var isEvent = targets[row].Value;
                byOutputs[row] = (float)((Elementary.Exp(outputs[row] - largest) * inverses) - isEvent);
                losses[row] = isEvent * (largest + Elementary.Log(atRisk[row]) - outputs[row]);
            }
        }
    }

    private static int EndOfTies(int[] order, double[] times, int from)
    {
        var to = from + 1;
        while (to < order.Length && times[order[to]] == times[order[from]])
            to++;
        return to;
    }
}

/// <summary>
/// Cross-entropy of the event in each interval that a person reached: intervals survived to their end, and the one of the event; an interval in which somebody was censored does not count (Gensheimer and Narasimhan 2019). Beyond the last end all
/// are censored.
/// </summary>
internal sealed class DiscreteSurvivalLoss(double[] edges) : Loss
{
    internal override void Differentiate(ReadOnlySpan<float> outputs, ReadOnlySpan<Target> targets, Span<float> byOutputs, Span<double> losses)
    {
        byOutputs[..(targets.Length * edges.Length)].Clear();
        for (var row = 0; row < targets.Length; row++)
        {
            var (time, isEvent) = (targets[row].Time, targets[row].Value > 0);
            losses[row] = 0;
            for (var j = 0; j < edges.Length && (j == 0 || edges[j - 1] < time); j++)
            {
                var happens = isEvent && time <= edges[j];
                if (!happens && time < edges[j])
                    break;
                double eta = outputs[(row * edges.Length) + j];
                byOutputs[(row * edges.Length) + j] = (float)(Elementary.Sigmoid(eta) - (happens ? 1 : 0));
                losses[row] += Elementary.Softplus(happens ? -eta : eta);
            }
        }
    }
}
