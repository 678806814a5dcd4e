namespace Consilience.Analyses.Survival;

/// <summary>
/// Variance that the noise of a group's exit counters adds to a running function of the curve, to first order. After interval m its derivative by an event in an interval k ≤ m is eₖ, by a censoring there lₖ, and by every later exit lₘ. Cells that noise
/// made negative count as none, which takes part of their noise away: each derivative is weighted by what clipping leaves of a counter's noise. Argument and attacks: <c>docs/guarantees/intervals.md</c>.
/// </summary>
internal sealed class NoiseOnCurve
{
    private readonly NoiseModel noise;
    private readonly int start;
    private readonly int intervals;
    private readonly double[] weights;

    /// <summary>Derivatives by every cell, where counters were recovered from running sums and so share their noise; otherwise empty.</summary>
    private readonly double[] gradient;

    private double settled;
    private double laterWeights;
    private int interval;

    /// <param name="noise">The noise of the counters.</param>
    /// <param name="start">The group's first counter.</param>
    /// <param name="cells">The group's 2J + 1 counters: censored, events, beyond the grid.</param>
    internal NoiseOnCurve(NoiseModel noise, int start, ReadOnlySpan<long> cells)
    {
        this.noise = noise;
        this.start = start;
        intervals = cells.Length / 2;
        weights = ClippedNoise.Weights(noise, start, cells);
        gradient = noise.IsFactorised ? new double[cells.Length] : [];
        foreach (var weight in weights)
            laterWeights += weight * weight;
    }

    /// <summary>The variance after the next interval, given the derivatives by an event in it, and by a censoring in it or any later exit.</summary>
    internal double Next(double byEvent, double byLater)
    {
        var (censored, events) = (interval, intervals + interval);
        interval++;
        return noise.IsFactorised ? OfSharedNoise(censored, events, byEvent, byLater) : OfOwnNoise(weights[censored], weights[events], byEvent, byLater);
    }

    /// <summary>Squares add up, so that a long grid takes one step an interval.</summary>
    private double OfOwnNoise(double censored, double events, double byEvent, double byLater)
    {
        settled += Square(censored * byLater) + Square(events * byEvent);
        laterWeights -= Square(censored) + Square(events);
        return noise.Variance * (settled + (Math.Max(0, laterWeights) * Square(byLater)));
    }

    private double OfSharedNoise(int censored, int events, double byEvent, double byLater)
    {
        gradient[events] = weights[events] * byEvent;
        Fill(censored, intervals, byLater);
        Fill(events + 1, gradient.Length, byLater);
        return noise.VarianceOf(start, gradient);
    }

    private void Fill(int from, int until, double derivative)
    {
        for (var i = from; i < until; i++)
            gradient[i] = weights[i] * derivative;
    }

    private static double Square(double x) => x * x;
}
