namespace Consilience.DifferentialPrivacy.Accounting;

/// <summary>
/// Rényi differential privacy at a list of orders (Mironov 2017). Curves of one list add up over answers. For plans of training; the ledger itself counts ρ.
/// </summary>
public sealed class RenyiCurve
{
    private RenyiCurve(IReadOnlyList<double> orders, IReadOnlyList<double> values) => (Orders, Values) = (orders, values);

    /// <summary>Orders that serve from few to many answers.</summary>
    public static IReadOnlyList<double> UsualOrders { get; } =
        [.. Enumerable.Range(1, 100).Select(i => 1 + (i / 10.0)), .. Enumerable.Range(12, 52).Select(i => (double)i), 128, 256, 512, 1024];

    /// <summary>Each above 1.</summary>
    public IReadOnlyList<double> Orders { get; }

    /// <summary>The Rényi divergence at each order.</summary>
    public IReadOnlyList<double> Values { get; }

    /// <param name="orders">Each above 1.</param>
    /// <param name="divergence">The mechanism's at an order.</param>
    public static RenyiCurve Of(IReadOnlyList<double> orders, Func<double, double> divergence) => new(orders, [.. orders.Select(divergence)]);

    /// <summary>αρ: the Gaussian and its discrete twin with ρ = 1/2σ².</summary>
    public static Func<double, double> Concentrated(double rho) => alpha => alpha * Checked.NotNegative(rho);

    /// <summary>The Laplace mechanism of scale b (Mironov 2017, table II).</summary>
    public static Func<double, double> Laplace(double scale) => alpha =>
        Logarithm.Sum(Math.Log(alpha / ((2 * alpha) - 1)) + ((alpha - 1) / scale), Math.Log((alpha - 1) / ((2 * alpha) - 1)) - (alpha / scale)) / (alpha - 1);

    /// <summary>Randomised response of ε, and with it the discrete Laplace of scale 1/ε.</summary>
    public static Func<double, double> RandomisedResponse(double epsilon) => alpha =>
        // The generic αρ bound is tighter than the rounding of the difference below for small ε, and never below the truth.
        Checked.Positive(epsilon) < 1e-3
            ? alpha * epsilon * epsilon / 2
            : (Logarithm.Sum(alpha * epsilon, (1 - alpha) * epsilon) - Logarithm.Sum(epsilon, 0)) / (alpha - 1);

    /// <summary>The Skellam of variance μ at sensitivity 1, by summing.</summary>
    public static Func<double, double> Skellam(double variance) => alpha => DiscreteProfiles.Skellam(variance, alpha).Renyi(alpha);

    /// <summary>The sum over several answers.</summary>
    public RenyiCurve And(RenyiCurve other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (!Orders.SequenceEqual(other.Orders))
            throw new ArgumentException("Rényi curves: of different orders; make both of one list", nameof(other));
        return new RenyiCurve(Orders, [.. Values.Zip(other.Values, (a, b) => a + b)]);
    }

    /// <summary>The same answer this many times.</summary>
    public RenyiCurve Times(int count) => count < 0 ? throw new ArgumentOutOfRangeException(nameof(count)) : new(Orders, [.. Values.Select(v => v * count)]);

    /// <summary>The least ε at this δ: min of D + ln(1−1/α) − ln(αδ)/(α−1) (Canonne, Kamath and Steinke 2020, proposition 12).</summary>
    public double Epsilon(double delta) => Checked.NotNegative(delta) == 0
        ? double.PositiveInfinity
        : Math.Max(0, Orders.Zip(Values, (a, d) => d + Logarithm.OnePlus(-1 / a) - ((Math.Log(delta) + Math.Log(a)) / (a - 1))).Min());

    /// <summary>The least δ at this ε.</summary>
    public double Delta(double epsilon) =>
        Math.Min(1, Orders.Zip(Values, (a, d) => Math.Exp(((a - 1) * (d - epsilon + Logarithm.OnePlus(-1 / a))) - Math.Log(a))).Min());
}
