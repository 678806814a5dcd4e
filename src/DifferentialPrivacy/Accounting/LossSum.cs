namespace Consilience.DifferentialPrivacy.Accounting;

/// <summary>
/// The sum of independent losses, exact but for what its bounds add. With λ the exponent of the weights and K = ln E e^(λS), the masses q of the weighted sum give those of the sum as
/// p(s) = q(s)·e^(K − λs). q is computed as a cyclic sum by Fourier transform: what lies below the window comes back higher, which only raises δ; what lies above it is bounded by Chernoff
/// and counts as infinite; rounding changes q by at most <see cref="roundingNorm"/> in the l2 norm, and so δ by at most that times the l2 norm of e^(K − λs)·(1 − e^(ε−s)) (Cauchy and
/// Schwarz). Argument and constants: <c>docs/guarantees/accountants.md</c>.
/// </summary>
internal sealed class LossSum
{
    /// <summary>Weighted mass outside a window, on either side.</summary>
    private const double LogOfTail = -25;

    private readonly double step;
    private readonly double lambda;
    private readonly long low;
    private readonly double[] weighted;
    private readonly double logMoment;
    private readonly double lost;
    private readonly double roundingNorm;
    private readonly double raise;

    private LossSum(int exponent, double step, long low, double[] weighted, double logMoment, double lost, double roundingNorm, double raise)
    {
        (Exponent, this.step, this.low, this.weighted, this.logMoment, this.lost, this.roundingNorm, this.raise) = (exponent, step, low, weighted, logMoment, lost, roundingNorm, raise);
        lambda = exponent < 0 ? 0 : LossGrid.Exponents[exponent];
    }

    /// <summary>Place of λ among <see cref="LossGrid.Exponents"/>; negative for one answer, which is read at any ε as it is.</summary>
    internal int Exponent { get; }

    internal static LossSum OfOne(LossGrid loss) => new(-1, loss.Step, loss.Start, loss.Mass, 0, loss.Infinite, 0, 1 + (4 * (loss.Mass.Length + 8.0) * LossGrid.Unit));

    internal static LossSum Of(IReadOnlyList<(LossGrid Loss, int Count)> parts, int exponent, double least)
    {
        var (lambda, step) = (LossGrid.Exponents[exponent], parts[0].Loss.Step);
        var (low, high) = Window(parts, exponent);
        low = Math.Max(parts.Sum(p => p.Loss.Start * p.Count), least < low * step ? (long)Math.Floor(least / step) : low);
        var length = 2;
        while (length < high - low + 1)
            length <<= 1;
        // All of the cyclic sum is read, or all there can be.
        high = Math.Min(low + length - 1, parts.Sum(p => p.Loss.End * p.Count));
        var (real, imaginary, norm, relative) = Product(parts, exponent, length);
        FastFourier.Transform(real, imaginary, inverse: true);
        var origin = parts.Sum(p => p.Loss.Start * p.Count);
        var sum = new double[high - low + 1];
        for (var i = 0; i < sum.Length; i++)
        {
            // Position j of the cyclic sum stands for every sum that is j more than the origin, modulo the length.
            var j = (low + i - origin) % length;
            sum[i] = Math.Max(0, real[j < 0 ? j + length : j]);
        }

        var logMoment = LogMomentOf(parts, exponent);
        // Roundings of weights, of weighting back and of the sums read; see the page.
        var raise = 1 + relative + (8 * LossGrid.Unit * (sum.Length + 8 + Math.Abs(logMoment) + (lambda * step * Math.Max(Math.Abs(low), Math.Abs(high)))));
        var beyond = high < parts.Sum(p => p.Loss.End * p.Count) ? 2 * Math.Exp(LogChernoff(parts, high)) : 0;
        return new LossSum(exponent, step, low, sum, logMoment, Math.Min(1, InfiniteOf(parts) + beyond), norm, raise);
    }

    /// <summary>ln E e^(λS) over finite losses.</summary>
    internal static double LogMomentOf(IReadOnlyList<(LossGrid Loss, int Count)> parts, int exponent, bool isNegative = false) =>
        parts.Sum(p => p.Count * p.Loss.LogMomentAt(exponent, isNegative));

    /// <summary>1 − Π (1 − infinite)^count, not rounded down.</summary>
    internal static double InfiniteOf(IReadOnlyList<(LossGrid Loss, int Count)> parts) =>
        -Logarithm.ExpMinusOne(parts.Sum(p => p.Count * Logarithm.OnePlus(-p.Loss.Infinite))) * (1 + (16 * (parts.Count + 2) * LossGrid.Unit));

    internal bool ReachesDownTo(double least) => Exponent < 0 || least >= low * step || double.IsPositiveInfinity(least);

    /// <summary>δ at this ε.</summary>
    internal double Delta(double epsilon)
    {
        var (above, below, rounding) = From(FirstAbove(epsilon), epsilon);
        return Math.Min(1, lost + ((above - below + rounding) * raise));
    }

    /// <summary>The least ε at this δ; infinite when none is.</summary>
    internal double Epsilon(double delta)
    {
        // δ is above at low − 1, in steps, and not above at high: halve, then solve on the last step, where all but the rounding's bound is linear in e^ε.
        var (low, high) = (this.low - 1, this.low + weighted.Length - 1);
        if (Delta(high * step) > delta)
            return double.PositiveInfinity;
        while (high - low > 1)
        {
            var middle = low + ((high - low) / 2);
            (low, high) = Delta(middle * step) > delta ? (middle, high) : (low, middle);
        }

        if (high == this.low)
            return Math.Max(0, high * step);
        var (above, below, rounding) = From(FirstAbove(low * step), low * step);
        var epsilon = (low * step) + Math.Log((lost + ((above + rounding) * raise) - delta) / (below * raise));
        return Math.Max(0, epsilon < high * step && Delta(epsilon) <= delta ? epsilon : high * step);
    }

    private int FirstAbove(double epsilon) => (int)Math.Clamp(Math.Floor(epsilon / step) - low, 0, weighted.Length);

    /// <summary>Σ p, Σ p·e^(ε−s) and the bound of rounding over sums s above ε, from a place on.</summary>
    private (double Above, double Below, double Rounding) From(int first, double epsilon)
    {
        double above = 0, below = 0, squares = 0;
        for (var i = weighted.Length - 1; i >= first; i--)
        {
            var loss = (low + i) * step;
            if (loss <= epsilon)
                break;
            var back = Math.Exp(logMoment - (lambda * loss));
            var rest = Math.Exp(epsilon - loss);
            above += weighted[i] * back;
            below += weighted[i] * back * rest;
            squares += back * back * (1 - rest) * (1 - rest);
        }

        return (above, below, roundingNorm * Math.Sqrt(squares));
    }

    /// <summary>The transform of the weighted sum; the l2 norm of what rounding can do to the sum, and the relative error that weighting adds.</summary>
    private static (double[] Real, double[] Imaginary, double Norm, double Relative) Product(IReadOnlyList<(LossGrid Loss, int Count)> parts, int exponent, int length)
    {
        var lambda = LossGrid.Exponents[exponent];
        var transform = FastFourier.RelativeError(length);
        var (real, imaginary) = (new double[length], new double[length]);
        Array.Fill(real, 1);
        double norm = 0, relative = 0, powers = 0;
        foreach (var (loss, count) in parts)
        {
            var (re, im) = (new double[length], new double[length]);
            for (var i = 0; i < loss.Mass.Length; i++)
                re[i % length] += loss.Mass[i] * Math.Exp((lambda * (loss.Start + i) * loss.Step) - loss.LogMomentAt(exponent));
            norm += count * transform * Math.Sqrt(re.Sum(r => r * r));
            var exponents = lambda * loss.Step * Math.Max(Math.Abs(loss.Start), Math.Abs(loss.End));
            relative += count * 8 * LossGrid.Unit * (8 + (loss.Mass.Length / length) + exponents + Math.Abs(loss.LogMomentAt(exponent)));
            powers += 3.0 * count * LossGrid.Unit;
            FastFourier.Transform(re, im, inverse: false);
            for (var i = 0; i < length; i++)
            {
                var (x, y) = Power(re[i], im[i], count);
                (real[i], imaginary[i]) = ((real[i] * x) - (imaginary[i] * y), (real[i] * y) + (imaginary[i] * x));
            }
        }

        double squares = 0;
        for (var i = 0; i < length; i++)
            squares += (real[i] * real[i]) + (imaginary[i] * imaginary[i]);
        return (real, imaginary, 2 * (norm + ((transform + powers) * Math.Sqrt(squares / length))), relative);
    }

    /// <summary>By repeated squaring, whose rounding is that of multiplications alone: less than 3 units of relative error for each factor.</summary>
    private static (double Real, double Imaginary) Power(double re, double im, int count)
    {
        var (x, y) = (1.0, 0.0);
        for (; count > 0; count >>= 1)
        {
            if ((count & 1) == 1)
                (x, y) = ((x * re) - (y * im), (x * im) + (y * re));
            (re, im) = ((re * re) - (im * im), 2 * re * im);
        }

        return (x, y);
    }

    /// <summary>Grid positions between which the weighted sum lies but for <see cref="LogOfTail"/> on either side, by Chernoff's bound.</summary>
    private static (long Low, long High) Window(IReadOnlyList<(LossGrid Loss, int Count)> parts, int exponent)
    {
        var (lambda, step, centre) = (LossGrid.Exponents[exponent], parts[0].Loss.Step, LogMomentOf(parts, exponent));
        double low = parts.Sum(p => p.Loss.Start * p.Count), high = parts.Sum(p => p.Loss.End * p.Count);
        for (var j = 0; j < LossGrid.Exponents.Length; j++)
        {
            Narrow(LossGrid.Exponents[j], LogMomentOf(parts, j));
            Narrow(-LossGrid.Exponents[j], LogMomentOf(parts, j, isNegative: true));
        }

        return ((long)Math.Floor(low), (long)Math.Max(Math.Ceiling(high), Math.Floor(low)));

        void Narrow(double other, double logMoment)
        {
            var bound = (logMoment - centre - LogOfTail) / (other - lambda) / step;
            if (other > lambda)
                high = Math.Min(high, bound);
            else if (other < lambda)
                low = Math.Max(low, bound);
        }
    }

    /// <summary>The logarithm of a bound of P(S &gt; high steps).</summary>
    private static double LogChernoff(IReadOnlyList<(LossGrid Loss, int Count)> parts, long high) =>
        Enumerable.Range(0, LossGrid.Exponents.Length).Min(j => LogMomentOf(parts, j) - (LossGrid.Exponents[j] * high * parts[0].Loss.Step));
}
