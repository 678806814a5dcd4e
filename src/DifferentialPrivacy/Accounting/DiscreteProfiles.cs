namespace Consilience.DifferentialPrivacy.Accounting;

/// <summary>(ε, δ) of mechanisms on whole numbers, by summing their probabilities. For previews and plans; rounded upward.</summary>
public static class DiscreteProfiles
{
    private const double Slack = 1e-13;

    /// <summary>
    /// The discrete Gaussian of parameter σ² at sensitivity Δ: δ = Σ_{x ≥ L} P(x)·(1 − e^(ε − Δ(2x+Δ)/2σ²)), L = ⌊εσ²/Δ − Δ/2⌋ + 1 (Canonne, Kamath and Steinke 2020, theorem 7,
    /// written so that nothing cancels).
    /// </summary>
    public static double GaussianDelta(double sigmaSquared, int sensitivity, double epsilon)
    {
        Checked.Positive(sigmaSquared);
        Checked.Positive(sensitivity);
        var reach = (long)(40 * Math.Sqrt(sigmaSquared)) + 40 + sensitivity;
        double total = 0;
        for (var x = -reach; x <= reach; x++)
            total += Math.Exp(-(double)x * x / (2 * sigmaSquared));
        var least = (long)Math.Floor((epsilon * sigmaSquared / sensitivity) - (sensitivity / 2.0)) + 1;
        double delta = 0;
        for (var x = Math.Max(least, -reach); x <= reach; x++)
        {
            var loss = sensitivity * ((2.0 * x) + sensitivity) / (2 * sigmaSquared);
            delta -= Math.Exp(-(double)x * x / (2 * sigmaSquared)) / total * Logarithm.ExpMinusOne(Math.Min(0, epsilon - loss));
        }

        return Math.Min(1, delta * (1 + Slack));
    }

    /// <summary>The least ε of a discrete Gaussian at this δ.</summary>
    public static double GaussianEpsilon(double sigmaSquared, int sensitivity, double delta) =>
        Checked.NotNegative(delta) == 0 ? double.PositiveInfinity : GaussianDelta(sigmaSquared, sensitivity, 0) <= delta ? 0 : Bisection.Least(e => GaussianDelta(sigmaSquared, sensitivity, e) <= delta, 0, 1);

    /// <summary>The Laplace mechanism of scale b at sensitivity 1: 1 − e^((ε−1/b)/2) for |ε| below 1/b.</summary>
    public static double LaplaceDelta(double scale, double epsilon)
    {
        var most = 1 / Checked.Positive(scale);
        return epsilon >= most ? 0 : epsilon <= -most ? 1 - Math.Exp(epsilon) : Math.Min(1, -Logarithm.ExpMinusOne((epsilon - most) / 2) * (1 + Slack));
    }

    /// <summary>
    /// The discrete Laplace mechanism of scale 1/a at sensitivity 1. It loses a or −a, as randomised response of ε = a does, and so has its profile:
    /// δ = (e^a − e^ε)/(1 + e^a).
    /// </summary>
    public static double DiscreteLaplaceDelta(double a, double epsilon) =>
        Checked.Number(epsilon) >= Checked.Positive(a) ? 0 : epsilon <= -a ? 1 - Math.Exp(epsilon) : Math.Min(1, -Logarithm.ExpMinusOne(epsilon - a) / (1 + Math.Exp(-a)) * (1 + Slack));

    /// <summary>A Skellam of variance μ at sensitivity 1.</summary>
    public static double SkellamDelta(double variance, double epsilon) => Skellam(variance, 1).Delta(epsilon);

    /// <summary>
    /// A Skellam of variance μ with a person counted once and without: ln P(k) = ln(e^(−μ)·I_k(μ)) from the ratios I_{k+1}/I_k, which the backward recurrence
    /// r_{k−1} = 1/(2k/μ + r_k) gives to all digits (Gautschi 1967).
    /// </summary>
    /// <param name="order">The largest Rényi order that is asked for, which decides how far out masses matter.</param>
    internal static DiscretePair Skellam(double variance, double order)
    {
        var reach = (int)(40 * Math.Sqrt(Checked.Positive(variance))) + 60 + (int)(4 * order);
        var ratios = new double[reach + 60];
        for (var k = ratios.Length - 1; k >= 1; k--)
            ratios[k - 1] = 1 / ((2 * k / variance) + ratios[k]);
        var logarithms = new double[reach + 1];
        for (var k = 1; k <= reach; k++)
            logarithms[k] = logarithms[k - 1] + Math.Log(ratios[k - 1]);
        var total = Math.Log(1 + (2 * logarithms.Skip(1).Sum(Math.Exp)));
        // The outermost outcomes, which only one of the two could give within reach, are less likely than 10⁻³⁰⁰ and left out.
        double[] masses = [.. Enumerable.Range(-reach, (2 * reach) + 1).Select(k => logarithms[Math.Abs(k)] - total)];
        return new DiscretePair(masses[..^1], masses[1..]);
    }
}
