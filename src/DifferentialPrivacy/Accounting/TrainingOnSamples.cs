namespace Consilience.DifferentialPrivacy.Accounting;

/// <summary>
/// What training loses in which every step adds Gaussian noise to a sum over a Poisson sample of the data (Abadi and others 2016), one person more or less, and the noise a promise needs.
/// For plans that are fixed beforehand.
/// </summary>
public static class TrainingOnSamples
{
    /// <summary>The least ε at this δ, from the distribution of the privacy loss: the larger of that of a person who joins and of one who leaves.</summary>
    /// <param name="rate">The probability that a person is in a step's sample.</param>
    /// <param name="sigma">The noise's standard deviation over the most that one person adds in the l2 norm.</param>
    /// <param name="steps">Number of steps.</param>
    /// <param name="delta">δ.</param>
    /// <param name="step">The grid's; a larger one is faster, and ε then larger.</param>
    public static double Epsilon(double rate, double sigma, int steps, double delta, double step = 1e-4)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        Checked.Positive(sigma);
        Checked.NotNegative(delta);
        return rate == 0 ? 0 : delta == 0 ? double.PositiveInfinity : Math.Max(Loss(true).Epsilon(delta), Loss(false).Epsilon(delta));

        PrivacyLoss Loss(bool isRemoved)
        {
            // Losses beyond, in all steps together, are a millionth of δ; losses below the negative of the other direction's are as rare.
            double Most(bool direction) => Bisection.Least(e => steps * GaussianProfile.SampledDelta(sigma, rate, e, direction) <= 1e-6 * delta, 0, 1, 1e-6);
            return PrivacyLoss.Of(e => GaussianProfile.SampledDelta(sigma, rate, e, isRemoved), -Most(!isRemoved), Most(isRemoved), step).Times(steps);
        }
    }

    /// <summary>A bound of the same ε by Rényi divergence: larger, and sooner found.</summary>
    /// <inheritdoc cref="Epsilon"/>
    public static double EpsilonByRenyi(double rate, double sigma, int steps, double delta) =>
        RenyiCurve.Of(RenyiCurve.UsualOrders, SampledGaussianRenyi.Of(rate, sigma)).Times(steps).Epsilon(delta);

    /// <summary>A σ that gives (ε, δ) by <see cref="Epsilon"/>: the least but for a thousandth part, and never one that does not; infinite at δ = 0.</summary>
    /// <inheritdoc cref="Epsilon"/>
    public static double Sigma(double rate, int steps, double epsilon, double delta, double step = 1e-4)
    {
        Checked.Positive(epsilon);
        if (Checked.NotNegative(delta) == 0)
            return double.PositiveInfinity;
        IReadOnlyList<double> whole = [.. RenyiCurve.UsualOrders.Where(double.IsInteger)];
        var enough = Bisection.Least(s => RenyiCurve.Of(whole, SampledGaussianRenyi.Of(rate, s)).Times(steps).Epsilon(delta) <= epsilon, 0, 1, 1e-3);
        return Bisection.Least(s => Epsilon(rate, s, steps, delta, step) <= epsilon, enough / 2, enough, 1e-3);
    }
}
