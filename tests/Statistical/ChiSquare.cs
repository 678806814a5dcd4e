namespace Consilience.Statistical.Tests;

/// <summary>Pearson's test of drawn counts against expected ones.</summary>
internal static class ChiSquare
{
    /// <summary>
    /// The probability of counts at least this far from the expected ones. Cells expected fewer than 10 times are merged with their neighbours, so that the
    /// asymptotic distribution holds.
    /// </summary>
    internal static double PValue(IReadOnlyList<long> counts, IReadOnlyList<double> probabilities)
    {
        const double least = 10;
        double total = counts.Sum(), statistic = 0, expected = 0, observed = 0;
        Assert.Equal(1, probabilities.Sum(), 1e-9);
        var cells = new List<(double Observed, double Expected)>();
        for (var i = 0; i < counts.Count; i++)
        {
            observed += counts[i];
            expected += probabilities[i] * total;
            if (expected < least)
                continue;
            cells.Add((observed, expected));
            observed = expected = 0;
        }

        cells[^1] = (cells[^1].Observed + observed, cells[^1].Expected + expected);
        Assert.True(cells.Count > 1, "too few draws for a test");
        foreach (var cell in cells)
            statistic += (cell.Observed - cell.Expected) * (cell.Observed - cell.Expected) / cell.Expected;
        return UpperGamma((cells.Count - 1) / 2.0, statistic / 2);
    }

    /// <summary>Q(a, x), the regularised upper incomplete gamma function: by its series below a + 1, by its continued fraction (Lentz) above.</summary>
    internal static double UpperGamma(double a, double x)
    {
        if (x <= 0)
            return 1;
        var scale = Math.Exp((a * Math.Log(x)) - x - LogGamma(a));
        if (x < a + 1)
        {
            double term = 1 / a, sum = term;
            for (var n = a + 1; term > sum * 1e-16; n++)
                sum += term *= x / n;
            return 1 - (scale * sum);
        }

        const double tiny = 1e-300;
        double b = x + 1 - a, c = 1 / tiny, d = 1 / b, h = d, change = 0;
        for (var i = 1; Math.Abs(change - 1) > 1e-15 && i < 100_000; i++)
        {
            var an = -i * (i - a);
            b += 2;
            d = 1 / NonZero((an * d) + b);
            c = NonZero(b + (an / c));
            change = c * d;
            h *= change;
        }

        return scale * h;

        static double NonZero(double value) => Math.Abs(value) < tiny ? tiny : value;
    }

    /// <summary>ln Γ(a) for a &gt; 0, by Stirling's series after shifting a above 15.</summary>
    internal static double LogGamma(double a)
    {
        double shift = 0;
        for (; a < 15; a++)
            shift += Math.Log(a);
        var inverse = 1 / (a * a);
        return ((a - 0.5) * Math.Log(a)) - a + (0.5 * Math.Log(2 * Math.PI)) + ((1.0 / 12 - (inverse * (1.0 / 360 - (inverse / 1260)))) / a) - shift;
    }
}
