namespace Consilience.DifferentialPrivacy.Accounting;

/// <summary>The smallest number at which something that only becomes true holds: never a smaller one, so that what is found with it errs upward.</summary>
internal static class Bisection
{
    /// <param name="holds">False below the number sought, true above it.</param>
    /// <param name="low">Where it need not hold.</param>
    /// <param name="high">A first guess above; doubled until it holds.</param>
    /// <param name="tolerance">Relative distance to the least that will do.</param>
    internal static double Least(Func<double, bool> holds, double low, double high, double tolerance = 1e-13)
    {
        for (var i = 0; !holds(high); i++)
        {
            if (i == 200)
                return double.PositiveInfinity;
            (low, high) = (high, 2 * high);
        }

        for (var i = 0; i < 100 && high - low > tolerance * high; i++)
        {
            var middle = (low + high) / 2;
            (low, high) = holds(middle) ? (low, middle) : (middle, high);
        }

        return high;
    }
}
