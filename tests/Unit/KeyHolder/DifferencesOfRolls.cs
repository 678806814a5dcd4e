using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Wire;
using Consilience.SecureAggregation.Masking;
using Consilience.Tests.World;

namespace Consilience.KeyHolder.Tests;

/// <summary>
/// A hub that works together with a researcher asks the same thing twice, once without one site: the difference of the two exact answers would be that site's part. The real key
/// holder does not open the second; its credulous twin does, and the part falls out.
/// </summary>
public sealed class DifferencesOfRolls
{
    private static readonly string FourSites = Consortia.StudyText.Replace("sites: [aster, birch, cedar]", "sites: [aster, birch, cedar, dogwood]", StringComparison.Ordinal);

    [Fact]
    public async Task An_exact_question_over_one_site_less_is_refused_and_the_twin_gives_the_site_away()
    {
        await using var attacked = await Attacked.StartAsync(study: FourSites);
        var (first, second) = (Ask(attacked, exact: true), Ask(attacked, exact: true));
        Assert.True((await attacked.Hub.AskAsync(first.Whole)).Gave);
        var refusal = (await attacked.Hub.AskAsync(second.WithoutDogwood)).Refusal!;
        Assert.Equal(RefusalCode.TooFewSites, refusal.Code);
        Assert.Contains("differ by 1", refusal.Message, StringComparison.Ordinal);

        var birch = new CredulousKeyHolder(attacked.World.KeysOf("birch"), "birch", _ => attacked.World.KeysOf("ada").Sealing.PublicKey);
        var whole = await OpenAsync(attacked, birch, first.Request, first.Whole, first.Contributions);
        var less = await OpenAsync(attacked, birch, second.Request, second.WithoutDogwood, second.Contributions[..3]);
        Assert.Equal([13, 23], whole.Zip(less, (a, b) => a - b));
    }

    [Fact]
    public async Task The_order_of_the_two_makes_no_difference()
    {
        await using var attacked = await Attacked.StartAsync(study: FourSites);
        Assert.True((await attacked.Hub.AskAsync(Ask(attacked, exact: true).WithoutDogwood)).Gave);
        Assert.Equal(RefusalCode.TooFewSites, (await attacked.Hub.AskAsync(Ask(attacked, exact: true).Whole)).Refusal!.Code);
    }

    [Fact]
    public async Task The_same_sites_may_be_asked_again_and_other_questions_of_other_sites_too()
    {
        await using var attacked = await Attacked.StartAsync(study: FourSites);
        Assert.True((await attacked.Hub.AskAsync(Ask(attacked, exact: true).Whole)).Gave);
        Assert.True((await attacked.Hub.AskAsync(Ask(attacked, exact: true).Whole)).Gave);
        Assert.True((await attacked.Hub.AskAsync(Ask(attacked, exact: true, cohort: "age >= 50").WithoutDogwood)).Gave);
    }

    [Fact]
    public async Task At_noised_precision_both_open_each_with_noise_of_its_own()
    {
        await using var attacked = await Attacked.StartAsync(study: FourSites);
        Assert.True((await attacked.Hub.AskAsync(Ask(attacked, exact: false).Whole)).Gave);
        Assert.True((await attacked.Hub.AskAsync(Ask(attacked, exact: false).WithoutDogwood)).Gave);
    }

    private static (Signed<RequestStatement> Request, List<MadeContribution> Contributions, RollToOpen Whole, RollToOpen WithoutDogwood) Ask(Attacked attacked, bool exact, string cohort = "")
    {
        var world = attacked.World;
        var terms = exact ? world.Exact(attacked.Agreement) : world.Noised(attacked.Agreement);
        var request = world.Sign(terms with { Cohort = cohort });
        var contributions = world.ContributeAll(attacked.Agreement, request);
        return (request, contributions, world.RollOf(request, contributions), world.RollOf(request, contributions[..3]));
    }

    /// <summary>What a researcher reads when both key holders are credulous.</summary>
    private static async Task<long[]> OpenAsync(Attacked attacked, CredulousKeyHolder birch, Signed<RequestStatement> request, RollToOpen roll, IReadOnlyList<MadeContribution> contributions)
    {
        var own = attacked.World.ReadShare(request, roll, "aster", await attacked.Twin.AskAsync(roll))!;
        var other = attacked.World.ReadShare(request, roll, "birch", await birch.AskAsync(roll))!;
        return WholeVectors.Unseal(Ring.Bits64, Rolls.MaskedSum(contributions), [own, other]);
    }
}
