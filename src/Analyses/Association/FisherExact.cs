using MathNet.Numerics;

namespace Consilience.Analyses.Association;

/// <summary>
/// Fisher's exact test as R's <c>fisher.test</c> has it: two-sided, over all tables with the same margins that are no likelier than the observed one within a relative
/// 10⁻⁷. For a fourfold table also the conditional maximum-likelihood odds ratio with exact 95 % limits, from the noncentral hypergeometric distribution.
/// </summary>
internal static class FisherExact
{
    private const double Tolerance = 1 + 1e-7;

    /// <summary>Most steps through tables; a larger problem has no p value here.</summary>
    private const int MostSteps = 5_000_000;

    internal static (double? P, double? OddsRatio, double? Lower, double? Upper) Of(long[,] counts)
    {
        var (rows, columns, _) = Margins.Of(counts);
        if (rows.Count(r => r > 0) < 2 || columns.Count(c => c > 0) < 2)
            return (null, null, null, null);
        var p = new Enumeration(counts, rows, columns).P;
        if (counts.Length != 4 || rows.Length != 2)
            return (p, null, null, null);
        var (low, high) = (Math.Max(0, columns[0] - rows[1]), Math.Min(rows[0], columns[0]));
        var weights = Enumerable.Range(0, (int)(high - low) + 1).Select(i => LogChoose(rows[0], low + i) + LogChoose(rows[1], columns[0] - low - i)).ToArray();
        var x = (int)(counts[0, 0] - low);
        var odds = x == 0 ? 0 : x == weights.Length - 1 ? double.PositiveInfinity : Root(log => Tail(weights, log, (i, w) => i * w) - x);
        var lower = x == 0 ? 0 : Root(log => Tail(weights, log, (i, w) => i >= x ? w : 0) - 0.025);
        var upper = x == weights.Length - 1 ? double.PositiveInfinity : Root(log => 0.025 - Tail(weights, log, (i, w) => i <= x ? w : 0));
        return (p, odds, lower, upper);
    }

    private static double LogChoose(long n, long k) => SpecialFunctions.GammaLn(n + 1) - SpecialFunctions.GammaLn(k + 1) - SpecialFunctions.GammaLn(n - k + 1);

    /// <summary>Expectation under odds e^<paramref name="log"/> of a function given with each value's probability.</summary>
    private static double Tail(double[] weights, double log, Func<int, double, double> part)
    {
        var largest = double.NegativeInfinity;
        for (var i = 0; i < weights.Length; i++)
            largest = Math.Max(largest, weights[i] + (i * log));
        double sum = 0, total = 0;
        for (var i = 0; i < weights.Length; i++)
        {
            var weight = Math.Exp(weights[i] + (i * log) - largest);
            total += weight;
            sum += part(i, weight);
        }

        return sum / total;
    }

    /// <summary>e^x where the increasing function is 0, by halving: 100 halvings of ±100 leave nothing.</summary>
    private static double Root(Func<double, double> increasing)
    {
        double low = -100, high = 100;
        for (var i = 0; i < 100; i++)
        {
            var middle = (low + high) / 2;
            (low, high) = increasing(middle) < 0 ? (middle, high) : (low, middle);
        }

        return Math.Exp((low + high) / 2);
    }

    /// <summary>All tables with given margins, column by column.</summary>
    private sealed class Enumeration
    {
        private readonly long[] columns;
        private readonly double[] logFactorials;
        private readonly double observed;
        private readonly long[] left;
        private int steps;
        private double p;

        internal Enumeration(long[,] counts, long[] rows, long[] columns)
        {
            this.columns = columns;
            left = [.. rows];
            logFactorials = Enumerable.Range(0, (int)rows.Sum() + 1).Select(n => SpecialFunctions.GammaLn(n + 1.0)).ToArray();
            var constant = rows.Concat(columns).Sum(LogFactorial) - LogFactorial(rows.Sum());
            observed = constant;
            foreach (var count in counts)
                observed -= LogFactorial(count);
            Place(0, 0, columns[0], constant);
        }

        internal double? P => steps > MostSteps ? null : Math.Min(1, p);

        private double LogFactorial(long n) => logFactorials[n];

        private void Place(int column, int row, long remaining, double log)
        {
            if (++steps > MostSteps)
                return;
            if (column == columns.Length - 1)
            {
                // The last column takes what is left of every row.
                foreach (var rest in left)
                    log -= LogFactorial(rest);
                if (log <= observed + Math.Log(Tolerance))
                    p += Math.Exp(log);
                return;
            }

            if (row == left.Length - 1)
            {
                if (remaining > left[row])
                    return;
                left[row] -= remaining;
                Place(column + 1, 0, columns[column + 1], log - LogFactorial(remaining));
                left[row] += remaining;
                return;
            }

            for (long n = 0; n <= Math.Min(remaining, left[row]); n++)
            {
                left[row] -= n;
                Place(column, row + 1, remaining - n, log - LogFactorial(n));
                left[row] += n;
            }
        }
    }
}
