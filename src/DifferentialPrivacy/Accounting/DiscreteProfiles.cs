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

    /// <summary>A Skellam of variance μ at sensitivity 1: probabilities e^(−μ)·I_k(μ) by Miller's backward recurrence.</summary>
    public static double SkellamDelta(double variance, double epsilon)
    {
        var probabilities = SkellamTail(Checked.Positive(variance));
        double delta = 0;
        for (var x = -probabilities.Length + 2; x < probabilities.Length - 1; x++)
        {
            var (p, q) = (probabilities[Math.Abs(x)], probabilities[Math.Abs(x + 1)]);
            delta += Math.Max(0, p - (Math.Exp(epsilon) * q));
        }

        return Math.Min(1, (delta * (1 + Slack)) + 1e-18);
    }

    /// <summary>P(0), P(1), … until they are nothing.</summary>
    private static double[] SkellamTail(double variance)
    {
        var length = (int)(40 * Math.Sqrt(variance)) + 60;
        var values = new double[length + 1];
        values[length - 1] = 1e-300;
        double total = 0;
        for (var k = length - 1; k >= 1; k--)
        {
            values[k - 1] = values[k + 1] + (2 * k / variance * values[k]);
            if (values[k - 1] < 1e250)
                continue;
            for (var i = k - 1; i < length; i++)
                values[i] *= 1e-250;
        }

        for (var k = 0; k < length; k++)
            total += (k == 0 ? 1 : 2) * values[k];
        return [.. values.Take(length).Select(v => v / total)];
    }
}
