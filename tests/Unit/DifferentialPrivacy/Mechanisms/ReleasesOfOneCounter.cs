using Consilience.Arithmetic;
using Consilience.DifferentialPrivacy.Mechanisms;

namespace Consilience.DifferentialPrivacy.Tests.Mechanisms;

/// <summary>A mechanism as its attacker sees it: a value goes in, a noisy one comes out, and the code is known.</summary>
internal abstract class ReleaseOfOneCounter
{
    internal abstract double Release(long value);

    /// <summary>Whether some randomness makes this mechanism answer <paramref name="output"/> when the truth is <paramref name="value"/>.</summary>
    internal abstract bool CanGive(double output, long value);
}

/// <summary>The product's mechanism. That an output is possible is shown by making the randomness that gives it.</summary>
internal sealed class ExactRelease(Rational scale) : ReleaseOfOneCounter
{
    private readonly DiscreteLaplace mechanism = new(scale);

    internal override double Release(long value)
    {
        Span<long> draw = stackalloc long[1];
        mechanism.Fill(draw, RandomBytes.OperatingSystem);
        return value + draw[0];
    }

    internal override bool CanGive(double output, long value)
    {
        if (output != Math.Floor(output) || Math.Abs(output) > 1L << 52)
            return false;
        Span<long> draw = stackalloc long[1];
        mechanism.Fill(draw, WordsThatGive((long)output - value));
        return value + draw[0] == output;
    }

    /// <summary>
    /// For scale s/t and noise n: the sign; then u = |n|·t mod s, kept at the first try; then |n|·t div s successes of Bernoulli(1/e), and a failure.
    /// A success is the words 0, 0, 2 (below 1, 2 and 3), a failure 0, 1.
    /// </summary>
    private Randomness.WordSequence WordsThatGive(long noise)
    {
        ulong s = (ulong)scale.Numerator, t = (ulong)scale.Denominator, reach = (ulong)Math.Abs(noise) * t;
        var words = new List<uint>();
        Take(2, noise < 0 ? 0UL : 1);
        Take(s, reach % s);
        var reduced = new Rational(reach % s, s);
        Take((ulong)reduced.Denominator, (ulong)reduced.Denominator - 1);
        for (ulong i = 0; i < reach / s; i++)
        {
            Take(1, 0);
            Take(2, 0);
            Take(3, 2);
        }

        Take(1, 0);
        Take(2, 1);
        return new Randomness.WordSequence(words);

        void Take(ulong below, ulong outcome) => words.Add((uint)outcome << System.Numerics.BitOperations.LeadingZeroCount((uint)below));
    }
}

/// <summary>Broken: −b·ln(u) in floating point, as textbooks have it. Only 2⁵³ noises exist, and the grid of sums differs from truth to truth.</summary>
internal sealed class NaiveRelease(double scale) : ReleaseOfOneCounter
{
    private const double Grid = 9007199254740992;

    internal override double Release(long value)
    {
        Span<byte> bytes = stackalloc byte[8];
        RandomBytes.OperatingSystem.Fill(bytes);
        var word = System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        return value + Noise((word >> 11) + 1, (word & 1) == 0 ? 1 : -1);
    }

    internal override bool CanGive(double output, long value)
    {
        var distance = output - value;
        var sign = distance < 0 ? -1 : 1;
        var nearest = (long)Math.Round(Math.Exp(-Math.Abs(distance) / scale) * Grid);
        for (var step = -64; step <= 64; step++)
        {
            var u = nearest + step;
            if (u is > 0 and <= (long)Grid && value + Noise((ulong)u, sign) == output)
                return true;
        }

        return false;
    }

    private double Noise(ulong u, int sign) => sign * -scale * Math.Log(u / Grid);
}

/// <summary>Broken: the exact sampler, but the noise forgets negative values.</summary>
internal sealed class OneSidedRelease(Rational scale) : ReleaseOfOneCounter
{
    private readonly DiscreteLaplace mechanism = new(scale);

    internal override double Release(long value)
    {
        Span<long> draw = stackalloc long[1];
        mechanism.Fill(draw, RandomBytes.OperatingSystem);
        return value + Math.Abs(draw[0]);
    }

    internal override bool CanGive(double output, long value) => output >= value && output == Math.Floor(output);
}
