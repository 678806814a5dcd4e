namespace Consilience.DifferentialPrivacy.Accounting;

/// <summary>
/// The privacy loss of one answer as masses on a grid of step h, whose δ is nowhere below the mechanism's. The masses are those whose δ meets given values at grid points; between
/// them it is linear in e^ε, and so above the mechanism's, which is convex in e^ε ("connect the dots", Doroshenko and others 2022). Argument: <c>docs/guarantees/accountants.md</c>.
/// </summary>
internal sealed class LossGrid
{
    /// <summary>Exponents λ at which ln E e^(λL) is known: 0, and from 0.01 to 2000 each a fifth above the last.</summary>
    internal static readonly double[] Exponents = [0, .. Enumerable.Range(0, 68).Select(i => 0.01 * Math.Pow(1.2, i))];

    /// <summary>Half the distance from 1 to the next larger number: the largest relative error of one rounding.</summary>
    internal const double Unit = 1.0 / (1L << 53);

    private const int Longest = 1 << 23;

    private readonly Lazy<(double[] Up, double[] Down)> moments;

    private LossGrid(double step, long start, double[] mass, double infinite)
    {
        (Step, Start, Mass, Infinite) = (step, start, mass, infinite);
        moments = new(() => ([.. Exponents.Select(LogMoment)], [.. Exponents.Select(e => LogMoment(-e))]));
    }

    /// <summary>h.</summary>
    internal double Step { get; }

    /// <summary>The loss of the first mass, in steps.</summary>
    internal long Start { get; }

    internal double[] Mass { get; }

    /// <summary>The probability of infinite loss.</summary>
    internal double Infinite { get; }

    internal long End => Start + Mass.Length - 1;

    /// <param name="delta">A mechanism's δ at any ε, never too small.</param>
    /// <param name="least">Loss below this is moved up to it.</param>
    /// <param name="most">Loss above this counts as infinite.</param>
    /// <param name="step">h.</param>
    internal static LossGrid Of(Func<double, double> delta, double least, double most, double step)
    {
        ArgumentNullException.ThrowIfNull(delta);
        Checked.Positive(step);
        if (!(most > least) || (most - least) / step > Longest)
            throw new ArgumentOutOfRangeException(nameof(most), $"privacy loss: a grid from {least} to {most} in steps of {step} (expected at most {Longest} of them); make the step larger");
        var first = (long)Math.Floor(least / step);
        var last = (long)Math.Ceiling(most / step);
        var mass = new double[last - first + 1];
        // With the masses above a point, their total A and their δ D, the next point down has D + (A − D)·(1 − e^−h). Both are sums of what is not negative, so that their rounding, at
        // most 2n units, is less than what given values are raised by.
        var raise = 1 + (8 * (mass.Length + 4.0) * Unit);
        var infinite = Math.Min(1, delta(last * step) * raise);
        var (above, here) = (infinite, infinite);
        var width = -Logarithm.ExpMinusOne(-step);
        for (var i = mass.Length - 1; i > 0; i--)
        {
            var wanted = Checked.Number(Math.Min(1, delta((first + i - 1) * step) * raise));
            mass[i] = Math.Max(0, ((wanted - here) / width) - (above - here));
            above += mass[i];
            here += (above - here) * width;
        }

        mass[0] = Math.Max(0, 1 - above);
        return new LossGrid(step, first, mass, infinite);
    }

    /// <summary>ln E e^(λL) over finite losses, at the exponent of this place, or at its negative.</summary>
    internal double LogMomentAt(int exponent, bool isNegative = false) => isNegative ? moments.Value.Down[exponent] : moments.Value.Up[exponent];

    /// <summary>By Horner's rule within blocks short enough not to overflow, their logarithms put together.</summary>
    private double LogMoment(double lambda)
    {
        var ratio = Math.Exp(lambda * Step);
        var block = (int)Math.Clamp(500 / Math.Max(Math.Abs(lambda * Step), 1e-9), 1, 1024);
        var logarithms = new List<double>((Mass.Length / block) + 1);
        for (var from = 0; from < Mass.Length; from += block)
        {
            double sum = 0;
            for (var i = Math.Min(from + block, Mass.Length) - 1; i >= from; i--)
                sum = (sum * ratio) + Mass[i];
            if (sum > 0)
                logarithms.Add(Math.Log(sum) + (lambda * (Start + from) * Step));
        }

        var largest = logarithms.Max();
        return largest + Math.Log(logarithms.Sum(l => Math.Exp(l - largest)));
    }
}
