using Consilience.Client.Train;

namespace Consilience.Client.Tests.Train;

/// <summary>Server steps by hand, from the formulas of Reddi et al. 2021; schedules and the rule to stop early.</summary>
public sealed class StrategiesTakeTheirSteps
{
    private static readonly double[] First = [0.5, -0.25];
    private static readonly double[] Second = [0.125, 0.25];

    private static float[] TwoSteps(Strategy strategy)
    {
        var (memory, weights) = strategy.Step(strategy.Begin(2), [1f, 2f], First, 1);
        return strategy.Step(memory, weights, Second, 1).Weights;
    }

    [Fact]
    public void Averages_add_the_mean_update_times_the_rate()
    {
        Assert.Equal([1.625f, 2f], TwoSteps(new Averaging("fedavg", 1, 0)));
        Assert.Equal([1.3125f, 2f], TwoSteps(new Averaging("fedprox", 0.5, 0.1m)));
    }

    [Theory]
    [InlineData(Adaptation.Adagrad)]
    [InlineData(Adaptation.Adam)]
    [InlineData(Adaptation.Yogi)]
    public void Adaptive_steps_follow_the_papers_formulas(Adaptation kind)
    {
        const double Rate = 0.1, Beta1 = 0.9, Beta2 = 0.99, Tau = 0.01;
        var expected = new float[2];
        for (var i = 0; i < 2; i++)
        {
            double w = i + 1, m = 0, v = Tau * Tau;
            foreach (var d in new[] { First[i], Second[i] })
            {
                m = (Beta1 * m) + ((1 - Beta1) * d);
                v = kind switch
                {
                    Adaptation.Adagrad => v + (d * d),
                    Adaptation.Adam => (Beta2 * v) + ((1 - Beta2) * (d * d)),
                    _ => v - ((1 - Beta2) * (d * d) * Math.Sign(v - (d * d))),
                };
                w = (float)((float)w + (Rate * m / (Math.Sqrt(v) + Tau)));
            }

            expected[i] = (float)w;
        }

        Assert.Equal(expected, TwoSteps(new Adaptive("any", Rate, kind, Beta1, Beta2, Tau)));
        Assert.NotEqual(expected, TwoSteps(new Adaptive("any", Rate, kind == Adaptation.Adam ? Adaptation.Yogi : Adaptation.Adam, Beta1, Beta2, Tau)));
    }

    [Fact]
    public void Schedules_give_the_same_decimals_to_everybody()
    {
        Assert.Equal([1, 1, 0.5m, 0.5m, 0.25m], Enumerable.Range(1, 5).Select(r => new Schedule(ScheduleKind.Step, 0.5m, 2).At(r, 5)));
        Assert.Equal([1, 0.9m, 0.81m], Enumerable.Range(1, 3).Select(r => new Schedule(ScheduleKind.Exponential, 0.9m).At(r, 3)));
        var cosine = new Schedule(ScheduleKind.Cosine, 0.1m);
        Assert.Equal([1, 0.55m, 0.1m], Enumerable.Range(1, 3).Select(r => cosine.At(r, 3)));
        for (var round = 1; round <= 15; round++)
            Assert.Equal(0.1 + (0.45 * (1 + Math.Cos(Math.PI * (round - 1) / 14))), (double)cosine.At(round, 15), 1e-11);
        Assert.Equal(1, cosine.At(1, 1));
    }

    [Fact]
    public void Training_stops_when_the_loss_has_not_fallen_for_long_enough()
    {
        var rule = new StopRule(2, 0.01m);
        Assert.False(rule.IsReached([0.7, 0.6]));
        Assert.False(rule.IsReached([0.7, 0.6, 0.5, 0.49]));
        Assert.True(rule.IsReached([0.7, 0.6, 0.595, 0.594]));
        Assert.False(rule.IsReached([0.7, null, 0.595]));
        Assert.True(rule.IsReached([0.5, 0.6, null, 0.7]));
    }
}
