namespace Consilience.DifferentialPrivacy.Accounting;

/// <summary>Logarithms and exponentials that keep their digits near 1 and 0.</summary>
internal static class Logarithm
{
    /// <summary>ln(1 + x), x &gt; −1 (Kahan: the rounding of 1 + x cancels).</summary>
    internal static double OnePlus(double x)
    {
        var u = 1 + x;
        return u == 1 ? x : Math.Log(u) * x / (u - 1);
    }

    /// <summary>e^x − 1.</summary>
    internal static double ExpMinusOne(double x) => Math.Abs(x) < 1e-5 ? x + (x * x / 2) + (x * x * x / 6) : Math.Exp(x) - 1;

    /// <summary>ln(e^a + e^b).</summary>
    internal static double Sum(double a, double b)
    {
        var (large, small) = a > b ? (a, b) : (b, a);
        return double.IsNegativeInfinity(small) ? large : large + OnePlus(Math.Exp(small - large));
    }
}
