using Consilience.Client.Train;

namespace Consilience.Client.Tests.Train;

/// <summary>The figure of the release gate, on tables whose answer is known.</summary>
public sealed class AttacksOnMembership
{
    [Fact]
    public void Of_the_same_losses_there_is_no_advantage()
    {
        var attack = MembershipAttack.Of([10, 20, 30], [100, 200, 300])!;
        Assert.Equal((0, 60, 600), (attack.Advantage, attack.Members, attack.Others));
        Assert.Equal(0, attack.Lower);
        Assert.Equal(Math.Sqrt(Math.Log(80) / 120) + Math.Sqrt(Math.Log(80) / 1200), attack.Upper, 1e-12);
    }

    [Fact]
    public void The_best_threshold_is_found()
    {
        Assert.Equal(1, MembershipAttack.Of([5, 0], [0, 7])!.Advantage);
        Assert.Equal(0, MembershipAttack.Of([0, 5], [7, 0])!.Advantage);
        Assert.Equal(0.6 - 0.25, MembershipAttack.Of([60, 20, 20], [25, 50, 25])!.Advantage, 1e-12);
        Assert.Equal(0.9 - 0.5, MembershipAttack.Of([30, 60, 10], [25, 25, 50])!.Advantage, 1e-12);
        Assert.Null(MembershipAttack.Of([1, 2], [0, 0]));
        Assert.Equal(1, MembershipAttack.Of([5, -3], [-2, 7])!.Advantage);
    }

    /// <summary>Four classes of score: without the event the loss rises with the score, with it it falls.</summary>
    [Fact]
    public void Losses_follow_from_scores_and_outcomes() => Assert.Equal([1 + 80, 2 + 70, 3 + 60, 4 + 50], MembershipAttack.ByLoss([1, 2, 3, 4, 50, 60, 70, 80]));
}
