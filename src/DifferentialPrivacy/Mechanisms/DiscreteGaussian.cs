using System.Numerics;
using Consilience.Arithmetic;
using Consilience.DifferentialPrivacy.Sampling;

namespace Consilience.DifferentialPrivacy.Mechanisms;

/// <summary>
/// Whole-number noise with P(y) ∝ e^(−y²/2σ²). Added to a vector of l2 sensitivity Δ it gives (Δ²/2σ²)-zero-concentrated differential privacy (Canonne, Kamath and
/// Steinke 2020, theorem 4).
/// </summary>
public sealed class DiscreteGaussian : NoiseMechanism
{
    public const string MechanismName = "discrete-gaussian";

    private readonly Lazy<GaussianTable?> table;

    public DiscreteGaussian(Rational sigmaSquared)
    {
        ArgumentNullException.ThrowIfNull(sigmaSquared);
        if (sigmaSquared.Sign <= 0)
            throw new ArgumentOutOfRangeException(nameof(sigmaSquared), "discrete Gaussian: σ² is not positive");
        SigmaSquared = sigmaSquared;
        table = new(() => GaussianTable.TryCreate(sigmaSquared));
    }

    /// <summary>σ².</summary>
    public Rational SigmaSquared { get; }

    public override string Name => MechanismName;

    public override Rational Parameter => SigmaSquared;

    /// <summary>Never above σ², and the same to 15 digits from σ² = 2 on.</summary>
    public override double Variance
    {
        get
        {
            var sigmaSquared = SigmaSquared.ToDouble();
            if (sigmaSquared >= 2)
                return sigmaSquared;
            double mass = 1, squares = 0;
            for (var y = 1; y <= 20; y++)
            {
                mass += 2 * Weight(y);
                squares += 2.0 * y * y * Weight(y);
            }

            return squares / mass;
        }
    }

    public override BigInteger StandardDeviationBound => Rational.SquareRootFloor(SigmaSquared.Ceiling()) + 1;

    public override double Weight(long y) => Math.Exp(-(double)y * y / (2 * SigmaSquared.ToDouble()));

    public override void Fill(Span<long> draws, RandomBytes random)
    {
        using var words = new UniformWords(random);
        if (table.Value is { } shares)
        {
            for (var i = 0; i < draws.Length; i++)
                draws[i] = shares.Next(words);
        }
        else if (FastGaussian.TryCreate(words, SigmaSquared) is { } fast)
        {
            for (var i = 0; i < draws.Length; i++)
                draws[i] = fast.Next();
        }
        else
        {
            var exact = new ExactSampler(words);
            for (var i = 0; i < draws.Length; i++)
                draws[i] = (long)exact.DiscreteGaussian(SigmaSquared);
        }
    }
}
