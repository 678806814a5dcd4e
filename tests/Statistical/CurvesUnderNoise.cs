using Consilience.DifferentialPrivacy.Accounting;
using Consilience.DifferentialPrivacy.Mechanisms;

namespace Consilience.Statistical.Tests;

[Trait("speed", "slow")]
public sealed class CurvesUnderNoise(ITestOutputHelper output)
{
    [Theory]
    [InlineData(50)]
    [InlineData(100)]
    [InlineData(300)]
    [InlineData(1000)]
    public void Explore(int persons)
    {
        foreach (var (price, holders, which) in new[] { ("1", 1, "discrete-laplace"), ("1", 2, "discrete-laplace"), (null, 1, "discrete-gaussian"), (null, 2, "discrete-gaussian"), (null, 1, "discrete-gaussian+prefix"), (null, 2, "discrete-gaussian+prefix") })
        {
            var p = price is null ? PrivacyPrice.Concentrated(NanoRho.FromPureEpsilon(Epsilon.Parse("1"))) : PrivacyPrice.Pure(Epsilon.Parse(price));
            output.WriteLine($"{persons} {holders} {which}: {SimulatedCurves.Run(persons, 12, p, holders, which, 400)}");
        }
    }
}
