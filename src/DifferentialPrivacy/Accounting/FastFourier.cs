using System.Numerics;

namespace Consilience.DifferentialPrivacy.Accounting;

/// <summary>The discrete Fourier transform of 2ⁿ complex numbers, in place (Cooley and Tukey 1965).</summary>
internal static class FastFourier
{
    /// <summary>
    /// What rounding changes a transform of this length by at most, in the l2 norm, relative to that of the transform: nη/(1 − nη), η = μ + 4u(√2 + μ)/(1 − 4u), u = 2⁻⁵³ (Higham, Accuracy and
    /// Stability of Numerical Algorithms, 2002, theorem 24.2). μ = 8u is the error of the roots of unity: their angles, below π, are off by at most 4.3u, sines and cosines by one unit in
    /// the last place each.
    /// </summary>
    internal static double RelativeError(int length)
    {
        const double root = 8 * LossGrid.Unit, each = root + (4 * LossGrid.Unit * (1.4143 + root) / (1 - (4 * LossGrid.Unit)));
        var all = BitOperations.Log2((uint)length) * each;
        return all / (1 - all);
    }

    internal static void Transform(double[] real, double[] imaginary, bool inverse)
    {
        var n = real.Length;
        for (int i = 1, j = 0; i < n; i++)
        {
            var bit = n >> 1;
            for (; (j & bit) != 0; bit >>= 1)
                j ^= bit;
            j ^= bit;
            if (i < j)
                (real[i], real[j], imaginary[i], imaginary[j]) = (real[j], real[i], imaginary[j], imaginary[i]);
        }

        var (cosines, sines) = Circle(n, inverse);
        for (var length = 2; length <= n; length <<= 1)
            Butterflies(real, imaginary, length, cosines, sines);
        for (var i = 0; inverse && i < n; i++)
        {
            real[i] /= n;
            imaginary[i] /= n;
        }
    }

    private static (double[] Cosines, double[] Sines) Circle(int n, bool inverse)
    {
        var (cosines, sines) = (new double[n / 2], new double[n / 2]);
        for (var i = 0; i < n / 2; i++)
            (sines[i], cosines[i]) = Math.SinCos((inverse ? 2 : -2) * Math.PI * i / n);
        return (cosines, sines);
    }

    private static void Butterflies(double[] real, double[] imaginary, int length, double[] cosines, double[] sines)
    {
        var (half, step) = (length / 2, real.Length / length);
        for (var start = 0; start < real.Length; start += length)
        {
            for (int i = start, angle = 0; i < start + half; i++, angle += step)
            {
                var re = (real[i + half] * cosines[angle]) - (imaginary[i + half] * sines[angle]);
                var im = (real[i + half] * sines[angle]) + (imaginary[i + half] * cosines[angle]);
                (real[i + half], imaginary[i + half]) = (real[i] - re, imaginary[i] - im);
                (real[i], imaginary[i]) = (real[i] + re, imaginary[i] + im);
            }
        }
    }
}
