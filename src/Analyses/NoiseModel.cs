using Consilience.DifferentialPrivacy.Mechanisms;

namespace Consilience.Analyses;

/// <summary>What noise an opened counter carries: none, or the sum of independent discrete Laplace draws, one full draw from each key holder.</summary>
public sealed class NoiseModel
{
    private readonly double decay;

    private NoiseModel(int draws, double variance, double decay)
    {
        Draws = draws;
        Variance = variance;
        this.decay = decay;
    }

    public static NoiseModel None { get; } = new(0, 0, 0);

    /// <summary>Number of key holders that each added a draw; 0 in exact precision.</summary>
    public int Draws { get; }

    /// <summary>Variance of the whole noise on one counter.</summary>
    public double Variance { get; }

    public bool IsExact => Draws == 0;

    public static NoiseModel Of(DiscreteLaplace mechanism, int keyHolders)
    {
        ArgumentNullException.ThrowIfNull(mechanism);
        ArgumentOutOfRangeException.ThrowIfLessThan(keyHolders, 1);
        return new NoiseModel(keyHolders, keyHolders * mechanism.Variance, Math.Exp(-1 / mechanism.Scale.ToDouble()));
    }

    /// <summary>
    /// The smallest whole w with P(|noise| ≤ w) at least <paramref name="level"/>, from the exact distribution of the sum, convolved numerically over ±30 standard deviations;
    /// from the normal distribution where that would be more than a million points.
    /// </summary>
    public long HalfWidth(double level)
    {
        if (IsExact)
            return 0;
        var reach = 30 * Math.Sqrt(Variance) + 1;
        if (reach > 500_000)
            return (long)Math.Ceiling(Statistics.Normal.Quantile((1 + level) / 2) * Math.Sqrt(Variance));
        var centre = (int)reach;
        var mass = new double[(2 * centre) + 1];
        mass[centre] = 1;
        for (var draw = 0; draw < Draws; draw++)
            mass = Convolve(mass);
        var covered = mass[centre];
        var width = 0;
        while (covered < level && width < centre)
        {
            width++;
            covered += mass[centre + width] + mass[centre - width];
        }

        return width;
    }

    /// <summary>Convolution with (1−a)/(1+a)·a^|x| by one pass in each direction.</summary>
    private double[] Convolve(double[] mass)
    {
        var forward = new double[mass.Length];
        var result = new double[mass.Length];
        double left = 0, right = 0;
        for (var i = 0; i < mass.Length; i++)
            forward[i] = left = mass[i] + (decay * left);
        for (var i = mass.Length - 1; i >= 0; i--)
        {
            right = mass[i] + (decay * right);
            result[i] = (1 - decay) / (1 + decay) * (forward[i] + right - mass[i]);
        }

        return result;
    }
}
