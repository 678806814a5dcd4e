using Consilience.Analyses.Schema;
using Consilience.Client.Train;
using CsCheck;

namespace Consilience.Client.Tests.Train;

/// <summary>A clip that moves with the noised share of persons clipped: where it moves to, what bounds it, and that whoever verifies finds the very clips.</summary>
public sealed class ClipsThatMove
{
    private static readonly string Plan = Stages.Plan.Replace("local: {epochs: 2, batch: 2, rate: 0.1}\n", "", StringComparison.Ordinal).Replace("clip: 10", "clip: {adaptive: {start: 0.125, quantile: 0.5, rate: 0.25}}\npatients: 9", StringComparison.Ordinal)
        .Replace("precision: exact", "precision: noised\nrho: 1.6", StringComparison.Ordinal);

    private static readonly AdaptiveClip Median = new(0.5m, 0.2m);

    /// <summary>Lengths of a thousand persons; from a hundredfold too short or too long, the clip comes to their quantile and stays.</summary>
    [Theory]
    [InlineData(0.5, 0.01)]
    [InlineData(0.5, 100)]
    [InlineData(0.8, 1)]
    [InlineData(0.1, 10)]
    public void It_moves_to_the_quantile(double quantile, double start)
    {
        double[] lengths = [.. Enumerable.Range(1, 1000).Select(i => i / 500.0)];
        var (clips, clip) = (new AdaptiveClip((decimal)quantile, 0.2m), (decimal)start);
        for (var round = 0; round < 200; round++)
            clip = clips.Next(clip, lengths.Count(l => l > (double)clip) / 1000.0);
        Assert.Equal(2 * quantile, (double)clip, 0.02);
    }

    /// <summary>Whatever noise makes of the share, a round moves the clip's logarithm by no more than the rate.</summary>
    [Fact]
    public void No_noise_moves_it_farther_than_its_rate() => Gen.Select(Gen.Double[-1e9, 1e9], Gen.Decimal[0.001m, 1000m]).Sample((clipped, clip) =>
        Assert.InRange(Math.Abs(Math.Log((double)(Median.Next(clip, clipped) / clip))), 0, 0.1 + 1e-9));

    [Fact]
    public void It_is_the_published_step()
    {
        Assert.Equal(3 * Math.Exp(-0.2 * (0.9 - 0.5)), (double)Median.Next(3, 0.1), 1e-11);
        Assert.Equal(3, Median.Next(3, 0.5));
        Assert.Equal(3, Median.Next(3, null));
        Assert.Equal(AdaptiveClip.Least, Median.Next(AdaptiveClip.Least, 0));
    }

    /// <summary>So many units that whole numbers cost little, so few that sums of many persons fit.</summary>
    [Fact]
    public void Its_units_follow_it() => Gen.Double[-4, 3].Sample(power =>
    {
        var clip = (decimal)Math.Pow(10, power);
        Assert.InRange(decimal.Floor(clip * (1 << AdaptiveClip.BitsOf(clip))), 1024, 2047);
    });

    [Theory]
    [InlineData("adaptive: {start: 0.125", "adaptive: {start: 0", "start")]
    [InlineData("start: 0.125, ", "", "start")]
    [InlineData("quantile: 0.5", "quantile: 1", "quantile")]
    [InlineData("rate: 0.25", "rate: 2", "rate")]
    [InlineData("rate: 0.25", "rate: 0.25, decay: 1", "decay")]
    [InlineData("{adaptive: {start: 0.125, quantile: 0.5, rate: 0.25}}", "{fixed: 1}", "adaptive")]
    [InlineData("rounds: 4", "rounds: 4\nbits: 3", "bits")]
    [InlineData("rounds: 4", "rounds: 4\nlocal: {epochs: 1, batch: 2, rate: 0.1}", "local")]
    public void A_fault_of_form_is_named(string part, string faulty, string subject) =>
        Assert.Contains(Assert.Throws<FaultyInputException>(() => TrainingPlanReader.Read(Plan.Replace(part, faulty, StringComparison.Ordinal))).Faults, f => f.Subject.EndsWith($".{subject}", StringComparison.Ordinal));

    /// <summary>Through a real network: each round is asked at the clip the one before led to, for one price; a release is verified with the same clips. The broken twin asked with others.</summary>
    [Fact]
    public async Task A_release_is_verified_with_the_clips_its_rounds_were_asked_with()
    {
        await using var desk = await Stages.OpenAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Stages.TrainAsync(desk, Plan, stopAfter: 2));
        var trained = await Stages.TrainAsync(desk, Plan, resume: true);
        var clips = trained.Rounds.Select(r => r.Result.Parameters.GetProperty("clip").GetDecimal()).ToList();
        Assert.Equal(0.125m, clips[0]);
        Assert.Equal(clips.Skip(1).Append(((TrainingState)trained.State).Clip), clips.Zip(trained.Rounds, (clip, r) => trained.Course.Plan.Adaptive!.Next(clip, r.Round.Clipped)));
        // Noise may lead back to a clip that was.
        Assert.InRange(clips.Distinct().Count(), 2, 4);
        Assert.All(trained.Rounds, r => Assert.Equal("0.4", r.Result.Rho));

        var folder = desk.World.Path("release");
        ReleaseModel.Write(trained, desk.Asking(), folder);
        Assert.True(VerifyRelease.Of(folder, desk.World.File).Holds);
        Assert.Contains("the clip began at 0.125", File.ReadAllText(Path.Combine(folder, "card.md")), StringComparison.Ordinal);

        var plan = Path.Combine(folder, "plan.yaml");
        File.WriteAllText(plan, Plan.Replace("rate: 0.25", "rate: 0.2", StringComparison.Ordinal));
        Stages.SignAnew(desk, folder);
        Assert.Equal("rounds", VerifyRelease.Of(folder, desk.World.File).Steps[^1].What);
    }
}
