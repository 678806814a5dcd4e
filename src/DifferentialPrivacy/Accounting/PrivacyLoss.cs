namespace Consilience.DifferentialPrivacy.Accounting;

/// <summary>
/// A privacy-loss distribution on a grid of step h, never better than the mechanism's own. <b>Guarantee:</b> every δ and ε read from it is at least the true one, up to the grid:
/// <list type="number">
/// <item>It is made from the mechanism's δ at grid points, joined by lines in e^ε. δ is convex in e^ε, so the lines lie above it ("connect the dots", Doroshenko and others 2022).</item>
/// <item>Loss above the grid counts as infinite; loss below it is moved up to the grid's start.</item>
/// <item>Sums are computed on a window. What may lie outside, by Chernoff's bound, counts as infinite loss, and so does the rounding of the Fourier transform.</item>
/// </list>
/// For previews, fixed plans and training; it is no filter for questions chosen as one goes. Argument and attacks: <c>docs/guarantees/accountants.md</c>.
/// </summary>
public sealed class PrivacyLoss
{
    private const double TailMass = 1e-16;

    private readonly double[] mass;
    private readonly long start;

    private PrivacyLoss(double step, long start, double[] mass, double infinite) => (Step, this.start, this.mass, Infinite) = (step, start, mass, infinite);

    /// <summary>h.</summary>
    public double Step { get; }

    /// <summary>The probability of infinite loss.</summary>
    public double Infinite { get; }

    /// <param name="delta">A mechanism's δ at any ε, never too small.</param>
    /// <param name="least">Loss below this is moved up to it.</param>
    /// <param name="most">Loss above this counts as infinite.</param>
    /// <param name="step">h; 10⁻⁴ unless speed matters more.</param>
    public static PrivacyLoss Of(Func<double, double> delta, double least, double most, double step = 1e-4)
    {
        ArgumentNullException.ThrowIfNull(delta);
        var first = (long)Math.Floor(least / step);
        var last = (long)Math.Ceiling(most / step);
        var mass = new double[last - first + 1];
        var infinite = delta(last * step);
        double above = 0, next = infinite;
        var width = -Logarithm.ExpMinusOne(-step);
        for (var i = mass.Length - 1; i > 0; i--)
        {
            var here = delta((first + i - 1) * step);
            mass[i] = Math.Max(0, ((here - next) / width) - (infinite + above - next));
            above += mass[i];
            next = here;
        }

        mass[0] = Math.Max(0, 1 - above - infinite);
        return new PrivacyLoss(step, first, mass, infinite);
    }

    /// <summary>The loss of two independent answers.</summary>
    public PrivacyLoss And(PrivacyLoss other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (Step != other.Step)
            throw new ArgumentException("privacy losses: on different grids; make both with one step", nameof(other));
        return Sum([(this, 1), (other, 1)]);
    }

    /// <summary>The loss of this many independent answers of one kind.</summary>
    public PrivacyLoss Times(int count) => count < 1 ? throw new ArgumentOutOfRangeException(nameof(count)) : count == 1 ? this : Sum([(this, count)]);

    /// <summary>δ at this ε: the infinite mass and Σ max(0, 1 − e^(ε−loss)).</summary>
    public double Delta(double epsilon)
    {
        var delta = Infinite;
        for (var i = mass.Length - 1; i >= 0; i--)
        {
            var loss = (start + i) * Step;
            if (loss <= epsilon)
                break;
            delta -= mass[i] * Logarithm.ExpMinusOne(epsilon - loss);
        }

        return Math.Min(1, delta);
    }

    /// <summary>The least ε at this δ; infinite when none is.</summary>
    public double Epsilon(double delta)
    {
        if (Infinite > delta)
            return double.PositiveInfinity;
        // Walking down the grid, with Σ m and Σ m·e^(−loss) of the losses above.
        double above = 0, weighted = 0;
        for (var i = mass.Length - 1; i >= 0; i--)
        {
            var loss = (start + i) * Step;
            if (Infinite + above - (Math.Exp(loss) * weighted) > delta)
                return Math.Max(0, Math.Log((Infinite + above - delta) / weighted));
            above += mass[i];
            weighted += mass[i] * Math.Exp(-loss);
        }

        return Infinite + above <= delta ? 0 : Math.Max(0, Math.Log((Infinite + above - delta) / weighted));
    }

    private static PrivacyLoss Sum(IReadOnlyList<(PrivacyLoss Loss, int Count)> parts)
    {
        var (low, high) = Window(parts);
        var length = 1;
        while (length < high - low + 1)
            length <<= 1;
        var (real, imaginary) = Product(parts, length);
        FastFourier.Transform(real, imaginary, inverse: true);
        var origin = parts.Sum(p => p.Loss.start * p.Count);
        var sum = new double[high - low + 1];
        for (var i = 0; i < sum.Length; i++)
        {
            // Position j of the cyclic sum stands for every sum that is j more than the origin, modulo the length; the window holds one of each.
            var j = (low + i - origin) % length;
            sum[i] = Math.Max(0, real[j < 0 ? j + length : j]);
        }

        var finite = parts.Aggregate(1.0, (product, p) => product * Math.Pow(1 - p.Loss.Infinite, p.Count));
        // An error of κ a coefficient changes the sum by at most κ√length in total (Parseval, Cauchy and Schwarz). A coefficient is at most 1 in size and carries the error of the
        // transforms, about 10⁻¹⁶·log length of the norm, times the number of answers it is raised to: a model of rounding, not a proof of it.
        var rounding = 3e-16 * (Math.Log2(length) + parts.Max(p => p.Count)) * Math.Sqrt(length);
        return new PrivacyLoss(parts[0].Loss.Step, low, sum, Math.Min(1, 1 - finite + (2 * TailMass) + rounding));
    }

    private static (double[] Real, double[] Imaginary) Product(IReadOnlyList<(PrivacyLoss Loss, int Count)> parts, int length)
    {
        var (real, imaginary) = (new double[length], new double[length]);
        Array.Fill(real, 1);
        foreach (var (loss, count) in parts)
        {
            var (re, im) = (new double[length], new double[length]);
            for (var i = 0; i < loss.mass.Length; i++)
                re[i % length] += loss.mass[i];
            FastFourier.Transform(re, im, inverse: false);
            for (var i = 0; i < length; i++)
            {
                var power = System.Numerics.Complex.FromPolarCoordinates(Math.Pow(Math.Sqrt((re[i] * re[i]) + (im[i] * im[i])), count), count * Math.Atan2(im[i], re[i]));
                (real[i], imaginary[i]) = ((real[i] * power.Real) - (imaginary[i] * power.Imaginary), (real[i] * power.Imaginary) + (imaginary[i] * power.Real));
            }
        }

        return (real, imaginary);
    }

    /// <summary>Grid positions between which the sum lies but for <see cref="TailMass"/> on either side: the best of Chernoff's bounds P(S ≥ t) ≤ e^(Σ ln E e^(λL) − λt).</summary>
    private static (long Low, long High) Window(IReadOnlyList<(PrivacyLoss Loss, int Count)> parts)
    {
        double low = parts.Sum(p => (double)p.Loss.start * p.Count), high = parts.Sum(p => (double)(p.Loss.start + p.Loss.mass.Length - 1) * p.Count);
        var step = parts[0].Loss.Step;
        for (var lambda = 0.01; lambda < 2000; lambda *= 1.25)
        {
            high = Math.Min(high, (parts.Sum(p => p.Count * p.Loss.LogMoment(lambda)) - Math.Log(TailMass)) / lambda / step);
            low = Math.Max(low, (parts.Sum(p => p.Count * p.Loss.LogMoment(-lambda)) - Math.Log(TailMass)) / -lambda / step);
        }

        return ((long)Math.Floor(low), (long)Math.Ceiling(high));
    }

    /// <summary>ln E e^(λL) over finite losses.</summary>
    private double LogMoment(double lambda)
    {
        var largest = double.NegativeInfinity;
        for (var i = 0; i < mass.Length; i++)
        {
            if (mass[i] > 0)
                largest = Math.Max(largest, lambda * (start + i) * Step);
        }

        double sum = 0;
        for (var i = 0; i < mass.Length; i++)
            sum += mass[i] > 0 ? mass[i] * Math.Exp((lambda * (start + i) * Step) - largest) : 0;
        return largest + Math.Log(sum);
    }
}
