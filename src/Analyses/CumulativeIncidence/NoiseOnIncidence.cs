using Consilience.Analyses.Survival;

namespace Consilience.Analyses.CumulativeIncidence;

/// <summary>
/// Variance that the noise of counters adds to the cumulative incidence F of a cause, to first order. With g = a/(n(n − a)) for a events of any cause, G_k = Σ_{j≤k} g_j and A_k = −Σ_{j≤k} (S_{j−1}·d_j/n_j² + g_j·F_j), the derivative
/// of F after interval m is A_k + G_k·F_m for every exit in an interval k ≤ m, and the last of these in every later cell; to it an event adds −(F_m − F_k)/(n_k − a_k), and S_{k−1}/n_k if it is of the cause. Each is weighted by what
/// clipping at 0 leaves of a counter's noise. Argument and attacks: <c>docs/guarantees/intervals.md</c>.
/// </summary>
internal static class NoiseOnIncidence
{
    /// <summary>After each interval.</summary>
    /// <param name="noise">Of the counters.</param>
    /// <param name="start">The group's first counter.</param>
    /// <param name="cells">The group's counters: censored, each cause, beyond the grid.</param>
    /// <param name="counts">The same as counts of persons.</param>
    /// <param name="cause">Whose incidence.</param>
    internal static double[] Variances(NoiseModel noise, int start, long[] cells, List<CauseInterval> counts, int cause)
    {
        var variances = new double[counts.Count];
        if (noise.IsExact)
            return variances;
        var (weights, gradient, steps) = (ClippedNoise.Weights(noise, start, cells), new double[cells.Length], Steps(counts, cause));
        for (var m = 0; m < counts.Count; m++)
        {
            var f = steps[m].Incidence;
            for (var cell = 0; cell < gradient.Length; cell++)
            {
                var (outcome, k) = (cell / counts.Count, cell % counts.Count);
                var isLater = k > m || cell == gradient.Length - 1;
                var step = steps[isLater ? m : k];
                var derivative = step.Level + (step.Slope * f);
                if (!isLater && outcome > 0)
                    derivative += (outcome - 1 == cause ? step.OfCause : 0) - (step.OfAny * (f - step.Incidence));
                gradient[cell] = weights[cell] * derivative;
            }

            variances[m] = noise.VarianceOf(start, gradient);
        }

        return variances;
    }

    private static List<Step> Steps(List<CauseInterval> counts, int cause)
    {
        var steps = new List<Step>();
        double survival = 1, incidence = 0, level = 0, slope = 0;
        foreach (var now in counts)
        {
            double n = now.AtRisk, all = now.AllEvents, own = now.Events[cause];
            var ofCause = n > 0 ? survival / n : 0;
            var g = all < n ? all / (n * (n - all)) : 0;
            incidence += ofCause * own;
            level -= (n > 0 ? ofCause * own / n : 0) + (g * incidence);
            slope += g;
            survival *= n > 0 ? 1 - (all / n) : 1;
            steps.Add(new Step(incidence, level, slope, ofCause, all < n ? 1 / (n - all) : 0));
        }

        return steps;
    }

    /// <summary>F after an interval, A, G, S/n before it, and 1/(n − a).</summary>
    private sealed record Step(double Incidence, double Level, double Slope, double OfCause, double OfAny);
}
