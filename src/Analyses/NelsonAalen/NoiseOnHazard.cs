using Consilience.Analyses.Survival;

namespace Consilience.Analyses.NelsonAalen;

/// <summary>
/// Variance that the noise of counters adds to the cumulative hazard, to first order. With h(d, n) what an interval adds to it and A_k = Σ_{j≤k} ∂h_j/∂n_j, the derivative of H after interval m is ∂h_k/∂d_k + A_k in an event cell k ≤ m, A_k in a
/// censoring cell k ≤ m, and A_m in every later cell, each weighted by what clipping at 0 leaves of a counter's noise. Argument and attacks: <c>docs/guarantees/intervals.md</c>.
/// </summary>
internal sealed class NoiseOnHazard(NoiseModel noise, int start, long[] cells)
{
    private readonly int intervals = cells.Length / 2;
    private readonly double[] weights = ClippedNoise.Weights(noise, start, cells);
    private readonly double[] gradient = new double[cells.Length];
    private double atRisk;
    private int interval;

    /// <summary>The variance after the next interval, given its derivatives by events and by persons at risk.</summary>
    internal double Next(double byEvents, double byRisk)
    {
        atRisk += byRisk;
        gradient[intervals + interval] = weights[intervals + interval] * (byEvents + atRisk);
        Fill(interval, intervals);
        interval++;
        Fill(intervals + interval, gradient.Length);
        return noise.VarianceOf(start, gradient);
    }

    private void Fill(int from, int until)
    {
        for (var i = from; i < until; i++)
            gradient[i] = weights[i] * atRisk;
    }
}
