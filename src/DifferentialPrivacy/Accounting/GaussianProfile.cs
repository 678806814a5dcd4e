namespace Consilience.DifferentialPrivacy.Accounting;

/// <summary>
/// (ε, δ) of the continuous Gaussian mechanism, exactly: δ = Φ(Δ/2σ − εσ/Δ) − e^ε·Φ(−Δ/2σ − εσ/Δ) (Balle and Wang 2018, theorem 8); and of the mechanism on a Poisson sample of the
/// data. k answers with σ are one with σ/√k. For previews and plans: rounded upward, and never what a ledger is charged.
/// </summary>
public static class GaussianProfile
{
    /// <summary>Relative error of the tails above.</summary>
    private const double Slack = 4e-13;

    /// <param name="sigma">σ over the l2 sensitivity.</param>
    /// <param name="epsilon">Any ε, negative ones too.</param>
    public static double Delta(double sigma, double epsilon)
    {
        if (Checked.NotNegative(sigma) == 0 || double.IsNegativeInfinity(Checked.Number(epsilon)))
            return 1;
        if (double.IsPositiveInfinity(epsilon))
            return 0;
        var centre = 1 / (2 * sigma);
        var first = NormalTail.Upper((epsilon * sigma) - centre);
        var second = Math.Exp(epsilon + NormalTail.LogUpper((epsilon * sigma) + centre));
        return Math.Clamp(first - second + (Slack * first), 0, 1);
    }

    /// <summary>The least ε at this δ; infinite at δ = 0.</summary>
    public static double Epsilon(double sigma, double delta) => Checked.NotNegative(delta) == 0 ? double.PositiveInfinity : Delta(sigma, 0) <= delta ? 0 : Bisection.Least(e => Delta(sigma, e) <= delta, 0, 1);

    /// <summary>The least σ, for l2 sensitivity 1, that gives (ε, δ).</summary>
    public static double Sigma(double epsilon, double delta) => Checked.NotNegative(delta) == 0 ? double.PositiveInfinity : Bisection.Least(s => Delta(s, epsilon) <= delta, 0, 1);

    /// <summary>δ when each person is in the sample with probability <paramref name="rate"/>.</summary>
    /// <param name="rate">q, above 0 and at most 1.</param>
    /// <param name="isRemoved">Whether the person's world is the one with the person in it; otherwise the one without.</param>
    public static double SampledDelta(double sigma, double rate, double epsilon, bool isRemoved)
    {
        double All(double e) => Delta(sigma, e);
        return PoissonSample.Delta(All, All, rate, epsilon, isRemoved);
    }
}
