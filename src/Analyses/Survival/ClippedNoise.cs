using Consilience.Analyses.Statistics;

namespace Consilience.Analyses.Survival;

/// <summary>What setting negative counters to 0 leaves of their noise. Argument and attacks: <c>docs/guarantees/intervals.md</c>.</summary>
internal static class ClippedNoise
{
    /// <summary>For each of the counters from <paramref name="start"/> on, the standard deviation of its noise after clipping in units of that before.</summary>
    internal static double[] Weights(NoiseModel noise, int start, ReadOnlySpan<long> cells)
    {
        var weights = new double[cells.Length];
        Array.Fill(weights, 1);
        if (noise.IsExact)
            return weights;
        var one = new double[cells.Length];
        for (var i = 0; i < cells.Length; i++)
            weights[i] = ClippedDeviation(cells[i] / Math.Sqrt(noise.IsFactorised ? VarianceAt(i) : noise.Variance));
        return weights;

        double VarianceAt(int counter)
        {
            one[counter] = 1;
            var variance = noise.VarianceOf(start, one);
            one[counter] = 0;
            return variance;
        }
    }

    /// <summary>
    /// Standard deviation of max(0, x) for a normal x of mean <paramref name="mean"/> (0 where that is negative) and variance 1:
    /// Var = (1 + t²)Φ(t) + tφ(t) − (tΦ(t) + φ(t))².
    /// </summary>
    private static double ClippedDeviation(double mean)
    {
        var t = Math.Max(0, mean);
        if (t > 6)
            return 1;
        var (above, density) = (Normal.Cumulative(t), Normal.Density(t));
        var first = (t * above) + density;
        return Math.Sqrt(((1 + (t * t)) * above) + (t * density) - (first * first));
    }
}
