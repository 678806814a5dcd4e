using Consilience.KeyHolder.Analyse;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Wire;
using Consilience.SecureAggregation.Masking;
using Consilience.Tests.World;

namespace Consilience.KeyHolder.Tests;

/// <summary>
/// A researcher chooses the sites of exact sums so that sums can be subtracted, in questions whose words differ a little. The real key holder opens no set that leaves fewer sites than agreed; its credulous twin does, and a site's part falls out.
/// </summary>
public sealed class SitesThatWereChosen
{
    private static string Two(string text) => text.Replace("sites: [aster, birch, cedar]", "sites: [aster, birch, cedar, dogwood]", StringComparison.Ordinal).Replace("exact: {minimumSites: 3", "exact: {minimumSites: 2", StringComparison.Ordinal);

    private static Task<Attacked> StartAsync() => Attacked.StartAsync(study: Two(Consortia.StudyText), policy: Two);

    private static RollToOpen Roll(Attacked attacked, string? chosen, out Signed<RequestStatement> request, out List<MadeContribution> contributions, string? onRoll = null, bool exact = true)
    {
        var world = attacked.World;
        OrganisationId[]? sites = chosen is null ? null : [.. chosen.Split(' ').Select(Consortia.Id)];
        // Another cohort each time: to key holders these are different questions, though they are about the same persons.
        request = world.Sign((exact ? world.Exact(attacked.Agreement) : world.Noised(attacked.Agreement)) with { Sites = sites, Cohort = $"age >= {Interlocked.Increment(ref cohort) % 10}" });
        contributions = [.. world.ContributeAll(attacked.Agreement, request).Where(c => (onRoll ?? chosen)?.Split(' ').Contains(c.Signed.Statement.Site.ToString()) != false)];
        return world.RollOf(request, contributions);
    }

    private static int cohort;

    private static async Task<RefusalCode?> AskAsync(Attacked attacked, string? chosen, string? onRoll = null, bool exact = true) =>
        (await attacked.Hub.AskAsync(Roll(attacked, chosen, out _, out _, onRoll, exact))).Refusal?.Code;

    [Fact]
    public async Task One_site_more_is_refused_and_the_twin_gives_it_away()
    {
        await using var attacked = await StartAsync();
        var first = Roll(attacked, "aster birch", out var one, out var two);
        var second = Roll(attacked, "aster birch cedar", out var other, out var three);
        Assert.True((await attacked.Hub.AskAsync(first)).Gave);
        var refusal = (await attacked.Hub.AskAsync(second)).Refusal!;
        Assert.Equal(RefusalCode.TooFewSites, refusal.Code);
        Assert.Contains("what cedar answered could be worked out (at least 2 sites agreed)", refusal.Message, StringComparison.Ordinal);

        var birch = new CredulousKeyHolder(attacked.World.KeysOf("birch"), "birch", _ => attacked.World.KeysOf("ada").Sealing.PublicKey);
        async Task<long[]> OpenAsync(RollToOpen roll, Signed<RequestStatement> request, List<MadeContribution> made)
        {
            var own = attacked.World.ReadShare(request, roll, "aster", await attacked.Twin.AskAsync(roll))!;
            var its = attacked.World.ReadShare(request, roll, "birch", await birch.AskAsync(roll))!;
            return WholeVectors.Unseal(Ring.Bits64, Rolls.MaskedSum(made), [own, its]);
        }

        Assert.Equal([12, 22], (await OpenAsync(second, other, three)).Zip(await OpenAsync(first, one, two), (a, b) => a - b));
    }

    [Fact]
    public async Task Groups_that_do_not_overlap_may_be_asked_as_often_as_wanted_and_everybody_too()
    {
        await using var attacked = await StartAsync();
        foreach (var sites in new[] { "aster birch", null, "cedar dogwood", "aster birch", null, "cedar dogwood" })
            Assert.Null(await AskAsync(attacked, sites));
    }

    /// <summary>Their sums, and that of everybody, give single sites: 2·aster = (aster + birch) + (aster + cedar) + (aster + dogwood) − everybody.</summary>
    [Theory]
    [InlineData("aster cedar")]
    [InlineData("birch cedar")]
    [InlineData("aster birch cedar")]
    [InlineData("birch cedar dogwood")]
    public async Task Groups_that_overlap_are_refused_in_whatever_order(string other)
    {
        await using var attacked = await StartAsync();
        Assert.Null(await AskAsync(attacked, "aster birch"));
        Assert.Equal(RefusalCode.TooFewSites, await AskAsync(attacked, other));
        await using var later = await StartAsync();
        Assert.Equal(other.Split(' ').Length == 2 ? null : RefusalCode.TooFewSites, await AskAsync(later, other));
        Assert.Equal(other.Split(' ').Length == 2 ? RefusalCode.TooFewSites : null, await AskAsync(later, "aster birch"));
    }

    [Fact]
    public async Task A_sum_over_chosen_sites_is_over_all_of_them_and_no_others()
    {
        await using var attacked = await StartAsync();
        Assert.Equal(RefusalCode.TooFewSites, await AskAsync(attacked, "aster birch", onRoll: "aster"));
        Assert.Equal(RefusalCode.RollInvalid, await AskAsync(attacked, "aster birch", onRoll: "aster birch cedar"));
        Assert.Equal(RefusalCode.RollInvalid, await AskAsync(attacked, "aster birch", onRoll: "aster cedar"));
    }

    [Fact]
    public async Task At_noised_precision_any_sites_may_be_chosen()
    {
        await using var attacked = await StartAsync();
        foreach (var sites in new[] { "aster birch", "aster cedar", "aster birch cedar" })
            Assert.Null(await AskAsync(attacked, sites, exact: false));
    }

    /// <summary>The argument, tried: combinations of sums over sets whose parts have three sites are about none or at least three. The twin, which compares pairs of sets alone, lets a family pass that gives a single site away.</summary>
    [Fact]
    public void Whatever_is_made_of_sums_that_are_opened_is_about_no_few_sites()
    {
        var (random, sites) = (new Random(5), Enumerable.Range(0, 9).Select(i => Consortia.Id($"site{i}")).ToList());
        for (var family = 0; family < 3000; family++)
        {
            var parts = Enumerable.Range(0, 9).Select(_ => random.Next(3)).ToList();
            List<HashSet<string>> sets = [.. Enumerable.Range(0, 3).Select(_ => random.Next(1, 8)).Select(mask => sites.Where((_, i) => (mask >> (random.Next(20) == 0 ? random.Next(3) : parts[i]) & 1) == 1).Select(s => s.ToString()).ToHashSet())];
            if (!ChosenSites.Parts(sites, sets).All(p => p.Count >= 3))
                continue;
            for (var trial = 0; trial < 20; trial++)
            {
                int[] factors = [.. Enumerable.Range(0, sets.Count + 1).Select(_ => random.Next(-3, 4))];
                var about = sites.Count(s => factors[^1] + sets.Select((set, i) => set.Contains(s.ToString()) ? factors[i] : 0).Sum() != 0);
                Assert.False(about is 1 or 2);
            }
        }

        // Pairs differ by two at least, and yet a + b + (a + c) − (b + c) is 2a.
        HashSet<string>[] pairwise = [["a", "b"], ["a", "c"], ["b", "c"]];
        Assert.All(pairwise.SelectMany(_ => pairwise, (x, y) => x.Except(y).Count() + y.Except(x).Count()), d => Assert.True(d is 0 or >= 2));
        Assert.Contains(ChosenSites.Parts([.. "abc".Select(c => Consortia.Id($"{c}"))], pairwise), p => p.Count < 2);
    }
}
