namespace Consilience.Analyses.Cox;

/// <summary>What time counts as in the test of proportional hazards, as R's <c>cox.zph</c> names it.</summary>
internal enum TimeScale
{
    Unspecified = 0,
    Km,
    Rank,
    Identity,
    Log,
}

/// <summary>A time scale on a grid.</summary>
internal sealed record TimeTransform(TimeScale Scale)
{
    /// <summary>g of each interval, centred over events: the end of it or its logarithm; 1 less the product-limit curve just before; the mean rank of its exits.</summary>
    internal double[] Of(IReadOnlyList<decimal> edges, long[] exits, long[] events)
    {
        var g = new double[exits.Length];
        double survival = 1, before = 0, atRisk = exits.Sum();
        for (var j = 0; j < edges.Count; j++)
        {
            g[j] = Scale switch
            {
                TimeScale.Identity => (double)edges[j],
                TimeScale.Log => Math.Log((double)edges[j]),
                TimeScale.Rank => before + ((exits[j] + 1) / 2.0),
                _ => 1 - survival,
            };
            before += exits[j];
            survival *= atRisk > 0 ? 1 - (events[j] / atRisk) : 1;
            atRisk -= exits[j];
        }

        var mean = g.Zip(events, (x, d) => d == 0 ? 0 : x * d).Sum() / Math.Max(1, events.Sum());
        return [.. g.Select(x => x - mean)];
    }
}
