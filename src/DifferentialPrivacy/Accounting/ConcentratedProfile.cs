namespace Consilience.DifferentialPrivacy.Accounting;

/// <summary>
/// What ρ-zero-concentrated differential privacy means as (ε, δ): δ = min over α &gt; 1 of e^((α−1)(αρ−ε))·(1−1/α)^α/(α−1) (Canonne, Kamath and Steinke 2020, corollary 13). Every α
/// gives a true bound, so the search may stop anywhere. For display and previews.
/// </summary>
public static class ConcentratedProfile
{
    /// <summary>The least δ at this ε.</summary>
    public static double Delta(double rho, double epsilon)
    {
        Checked.Number(epsilon);
        if (Checked.NotNegative(rho) == 0)
            return 0;
        // The derivative of the exponent, (2α−1)ρ − ε + ln(1−1/α), grows with α.
        double low = 1 + 1e-12, high = ((epsilon + 1) / (2 * rho)) + 2;
        for (var i = 0; i < 200; i++)
        {
            var middle = (low + high) / 2;
            (low, high) = (((2 * middle) - 1) * rho) - epsilon + Logarithm.OnePlus(-1 / middle) < 0 ? (middle, high) : (low, middle);
        }

        var alpha = high;
        return Math.Min(1, Math.Exp(((alpha - 1) * ((alpha * rho) - epsilon)) + (alpha * Logarithm.OnePlus(-1 / alpha))) / (alpha - 1));
    }

    /// <summary>The least ε at this δ; infinite at δ = 0.</summary>
    public static double Epsilon(double rho, double delta) => rho > 0 && Checked.NotNegative(delta) == 0 ? double.PositiveInfinity : Delta(rho, 0) <= delta ? 0 : Bisection.Least(e => Delta(rho, e) <= delta, 0, 1);

    /// <summary>A ρ that gives (ε, δ): the largest but for 13 digits, and never a larger one.</summary>
    public static double Rho(double epsilon, double delta)
    {
        if (Checked.NotNegative(delta) == 0)
            return 0;
        double low = 0, high = Checked.NotNegative(epsilon) + 1;
        for (var i = 0; i < 200; i++)
        {
            var middle = (low + high) / 2;
            (low, high) = Delta(middle, epsilon) <= delta ? (middle, high) : (low, middle);
        }

        return low;
    }
}
