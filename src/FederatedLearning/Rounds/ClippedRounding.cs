using Consilience.FederatedLearning.Numerics;

namespace Consilience.FederatedLearning.Rounds;

/// <summary>
/// Clips a person's vector, a gradient or an update, to a length and rounds it to whole units, up or down at random so that the mean is kept. <b>Guarantee:</b> the squares of what it writes sum to at most <see cref="Squares"/>, counted in whole numbers; no
/// floating-point number decides it. Rounding may lengthen a vector: where it does by more than 4 standard deviations, it rounds towards 0 instead (Kairouz, Liu and Steinke 2021, section 4, round anew, which is not repeatable).
/// </summary>
internal sealed class ClippedRounding(int clip, double unit, int length)
{
    /// <summary>C² + d/4 + 4(C + ½√d), rounded up: the mean of the squares of a rounded vector of length C, and four times a bound of their deviation.</summary>
    internal long Squares { get; } = ((long)clip * clip) + ((length + 3) / 4) + (4L * clip) + (2 * ((long)Math.Ceiling(Math.Sqrt(length)) + 1));

    /// <summary>Whether the vector was longer than the clip; null where it is not finite, and then nothing may be used of <paramref name="rounded"/>.</summary>
    internal bool? Round(ReadOnlySpan<float> vector, SeededStream stream, Span<int> rounded)
    {
        double norm = 0;
        foreach (var v in vector)
            norm += (double)v * v;
        norm = Math.Sqrt(norm) * unit;
        if (!double.IsFinite(norm))
            return null;
        var factor = norm > clip ? clip / norm * unit : unit;
        var squares = Stochastic(vector, factor, stream, rounded);
        for (; squares > Squares; factor *= 0.999)
            squares = TowardsZero(vector, factor, rounded);
        return norm > clip;
    }

    private static long Stochastic(ReadOnlySpan<float> vector, double factor, SeededStream stream, Span<int> rounded)
    {
        long squares = 0;
        unchecked
        {
            for (var i = 0; i < vector.Length; i++)
            {
                var value = vector[i] == 0 ? 0 : (int)Math.Floor((vector[i] * factor) + stream.Uniform());
                rounded[i] = value;
                squares += (long)value * value;
            }
        }

        return squares;
    }

    private static long TowardsZero(ReadOnlySpan<float> vector, double factor, Span<int> rounded)
    {
        long squares = 0;
        for (var i = 0; i < vector.Length; i++)
        {
            rounded[i] = (int)(vector[i] * factor);
            squares += (long)rounded[i] * rounded[i];
        }

        return squares;
    }
}
