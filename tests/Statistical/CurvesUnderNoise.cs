using Consilience.DifferentialPrivacy.Accounting;
using Consilience.DifferentialPrivacy.Mechanisms;

namespace Consilience.Statistical.Tests;

/// <summary>
/// Kaplan–Meier curves with noise of the price of ε = 1 on 12 intervals: how far they are from the same curves without noise, and how often their 95 % limits hold the
/// survival the persons were drawn from. Seeds are fixed.
/// </summary>
[Trait("speed", "slow")]
public sealed class CurvesUnderNoise(ITestOutputHelper output)
{
    private const int Repetitions = 2000;
    private static readonly Epsilon One = Epsilon.Parse("1");

    /// <summary>The ρ that a pure ε of 1 costs, offered as ρ: the planner chooses.</summary>
    private static readonly PrivacyPrice SamePrice = PrivacyPrice.Concentrated(NanoRho.FromPureEpsilon(One));

    private CurveErrors Simulate(int persons, int intervals, PrivacyPrice price, KeyHolderTrust trust)
    {
        var errors = SimulatedCurves.Run(persons, intervals, price, trust, Repetitions);
        output.WriteLine($"{persons} persons, {intervals} intervals, {price}, {trust.KeyHolders} key holders of whom {trust.Colluding} may collude: {errors}");
        return errors;
    }

    [Theory]
    [InlineData(50, 1, 0, 0.055)]
    [InlineData(50, 2, 0, 0.055)]
    [InlineData(50, 3, 1, 0.055)]
    [InlineData(50, 2, 1, 0.060)]
    [InlineData(300, 1, 0, 0.012)]
    [InlineData(300, 2, 1, 0.012)]
    [InlineData(300, 3, 2, 0.014)]
    public void What_the_planner_chooses_keeps_curves_close(int persons, int keyHolders, int colluding, double most)
    {
        var errors = Simulate(persons, 12, SamePrice, new KeyHolderTrust(keyHolders, colluding));
        Assert.Equal("discrete-gaussian+prefix", errors.Plan);
        Assert.InRange(errors.RootMeanSquare, 0.001, most);
    }

    /// <summary>Pure ε costs accuracy: a full draw of discrete Laplace from every key holder.</summary>
    [Theory]
    [InlineData(50, 1, 0.058)]
    [InlineData(50, 2, 0.080)]
    [InlineData(300, 1, 0.012)]
    [InlineData(300, 2, 0.015)]
    public void Pure_epsilon_costs_what_it_costs(int persons, int keyHolders, double most)
    {
        var errors = Simulate(persons, 12, PrivacyPrice.Pure(One), new KeyHolderTrust(keyHolders, keyHolders - 1));
        Assert.Equal("discrete-laplace", errors.Plan);
        Assert.InRange(errors.RootMeanSquare, 0.001, most);
    }

    [Theory]
    [InlineData(50)]
    [InlineData(100)]
    [InlineData(300)]
    [InlineData(1000)]
    public void Limits_hold_the_truth_as_often_as_they_say(int persons)
    {
        foreach (var keyHolders in new[] { 1, 2 })
            Assert.InRange(Simulate(persons, 12, SamePrice, new KeyHolderTrust(keyHolders, keyHolders - 1)).Coverage, 0.93, 0.97);
    }

    [Theory]
    [InlineData(50, 6)]
    [InlineData(100, 12)]
    [InlineData(300, 12)]
    [InlineData(1000, 12)]
    public void Limits_under_pure_epsilon_do_too(int persons, int intervals) =>
        Assert.InRange(Simulate(persons, intervals, PrivacyPrice.Pure(One), new KeyHolderTrust(1, 0)).Coverage, 0.93, 0.97);

    [Fact]
    public void Limits_that_forget_the_noise_are_caught() =>
        Assert.True(SimulatedCurves.Run(100, 12, PrivacyPrice.Pure(One), new KeyHolderTrust(2, 1), Repetitions, forgetNoise: true).Coverage < 0.93);
}
