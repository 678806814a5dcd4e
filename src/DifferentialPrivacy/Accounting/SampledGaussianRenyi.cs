namespace Consilience.DifferentialPrivacy.Accounting;

/// <summary>
/// Rényi divergence of the Gaussian mechanism on a Poisson sample (Mironov, Talwar and Zhang 2019): ln A(α)/(α−1), A(α) = E f(x)^α, f(x) = (1−q) + q·e^((2x−1)/2σ²), over x ~ N(0, σ²). A finite
/// sum at whole orders, an integral at others.
/// </summary>
public static class SampledGaussianRenyi
{
    /// <summary>Above the rounding of either, which is relative.</summary>
    private const double Slack = 1e-9;

    /// <param name="rate">q, from 0 to 1.</param>
    /// <param name="sigma">σ over the sensitivity.</param>
    public static Func<double, double> Of(double rate, double sigma)
    {
        Checked.Positive(sigma);
        if (!(rate is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(rate), rate, "expected a number from 0 to 1");
        return alpha => rate == 0 ? 0
            : rate == 1 ? alpha / (2 * sigma * sigma)
            : (double.IsInteger(alpha) && alpha <= 2048 ? LogMoment(rate, sigma, (int)alpha) : LogMomentByIntegral(rate, sigma, alpha)) * (1 + Slack) / (alpha - 1);
    }

    /// <summary>ln (1 + Σ_{k≥2} C(α,k)·(1−q)^(α−k)·q^k·(e^((k²−k)/2σ²) − 1)), since the binomial terms themselves add up to 1.</summary>
    internal static double LogMoment(double rate, double sigma, int order)
    {
        double sum = double.NegativeInfinity, binomial = 0;
        for (var k = 0; k <= order; k++)
        {
            var exponent = (((double)k * k) - k) / (2 * sigma * sigma);
            var more = exponent > 30 ? exponent : Math.Log(Logarithm.ExpMinusOne(exponent));
            if (k >= 2)
                sum = Logarithm.Sum(sum, binomial + (k * Math.Log(rate)) + ((order - k) * Logarithm.OnePlus(-rate)) + more);
            binomial += Math.Log(order - k) - Math.Log(k + 1);
        }

        return Logarithm.Sum(0, sum);
    }

    /// <summary>
    /// ln (1 + E g(x)), g = f^α − 1 − α(f − 1), which is the same because E f = 1, and in which nothing cancels because g ≥ 0. The trapezoid rule of step h on the real line is off by at most
    /// 2e^(−2πd/h) times the integral of |integrand| on the lines ±id, for d up to where it ceases to be analytic, at πσ² (Trefethen and Weideman 2014, theorem 5.1); there it grows by at most
    /// e^(d²/2σ²). With d = 3σ² and h = 6πσ²/(45 + 4.5σ²) that is 2e^(−45)·(A + 2α + 1). Ends are cut where the normal density times f^α is below e^(−800)·A.
    /// </summary>
    internal static double LogMomentByIntegral(double rate, double sigma, double order)
    {
        var (variance, reach) = (sigma * sigma, (40 + Math.Sqrt(-2 * order * Math.Log(rate))) * sigma);
        var h = 6 * Math.PI * variance / (45 + (4.5 * variance));
        var terms = new double[(long)((order + (2 * reach)) / h) + 2];
        for (var i = 0; i < terms.Length; i++)
        {
            var x = (i * h) - reach;
            terms[i] = LogOfGrowth(rate, ((2 * x) - 1) / (2 * variance), order) - (x * x / (2 * variance));
        }

        var largest = terms.Max();
        var growth = largest + Math.Log(terms.Sum(t => Math.Exp(t - largest)) * h / (sigma * Math.Sqrt(2 * Math.PI)));
        return Logarithm.Sum(0, Logarithm.Sum(growth, Math.Log(6e-20 * ((2 * order) + 2))));
    }

    /// <summary>ln g where the likelihood ratio of the Gaussians is e^<paramref name="exponent"/>.</summary>
    private static double LogOfGrowth(double rate, double exponent, double order)
    {
        // f^α first, in logarithms, where it is large: 1 + α(f − 1) is then positive and less.
        var logarithm = Logarithm.Sum(Logarithm.OnePlus(-rate), Math.Log(rate) + exponent);
        if (order * logarithm > 30)
        {
            var linear = logarithm < 30 ? Math.Log(1 + (order * Logarithm.ExpMinusOne(logarithm))) : Math.Log(order) + logarithm;
            return (order * logarithm) + Logarithm.OnePlus(-Math.Exp(linear - (order * logarithm)));
        }

        var y = rate * Logarithm.ExpMinusOne(exponent);
        if (order * Math.Abs(y) > 0.01)
            return Math.Log(Logarithm.ExpMinusOne(order * Logarithm.OnePlus(y)) - (order * y));
        double sum = 0, term = order * y;
        for (var k = 2; k < 20; k++)
            sum += term *= (order - k + 1) / k * y;
        return Math.Log(sum);
    }
}
