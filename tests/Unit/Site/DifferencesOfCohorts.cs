using System.Text.Json;
using Consilience.Analyses;
using Consilience.Analyses.Cohorts;
using Consilience.Connectors.Mapping;
using Consilience.Connectors.Rows;
using Consilience.Protocol.Analyse;
using Consilience.Site.Ledger;
using Consilience.Tests.World;

namespace Consilience.Site.Tests;

/// <summary>
/// Two exact questions that differ by few persons, each about enough of them: the difference of the answers would be the data of those few. The site refuses the second, however it is
/// worded; the broken twin, which compares nothing, gives the one person away.
/// </summary>
public sealed class DifferencesOfCohorts
{
    private const string Header = "id,stage,age\n";
    private const string EightPersons = "a,1,30\nb,1,40\nc,2,50\nd,2,60\ne,2,70\nf,1,75\ng,1,80\nh,2,85\n";

    [Theory]
    [InlineData("age >= 40")]
    [InlineData("not (age <= 30)")]
    [InlineData("age >= 50")]
    [InlineData("age between 30 and 80")]
    public async Task A_cohort_that_leaves_a_few_out_is_refused_after_everyone(string cohort)
    {
        await using var asked = await Asked.StartAsync(Header + EightPersons);
        Assert.True((await AskAsync(asked, "")).Gave);
        var refusal = (await AskAsync(asked, cohort)).Refusal!;
        Assert.Equal(RefusalCode.TooFewPersons, refusal.Code);
        Assert.Contains("differ by fewer than 3", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(LedgerEntryKind.Release, asked.Host.Ledger.Entries()[^1].Kind);
    }

    [Fact]
    public async Task The_twin_that_compares_nothing_gives_the_one_person_away()
    {
        await using var asked = await Asked.StartAsync(Header + EightPersons);
        var (schema, faults) = (asked.Agreement.Study.Schema, new List<Analyses.Schema.Fault>());
        using var data = SiteData.Open(DataMapping.Direct(asked.DataFile, schema), schema);
        var plan = MethodList.Find("count")!.Plan(JsonDocument.Parse("""{"by":["stage"]}""").RootElement, schema, faults)!;
        var (everyone, without) = (new long[2], new long[2]);
        plan.Sums.Encode(data.Select(CohortExpression.Everyone), everyone);
        plan.Sums.Encode(data.Select(CohortExpression.Parse("age >= 40", schema, faults)!), without);
        Assert.Equal([1, 0], everyone.Zip(without, (a, b) => a - b));
    }

    [Fact]
    public async Task The_same_persons_and_enough_others_are_answered()
    {
        await using var asked = await Asked.StartAsync(Header + EightPersons);
        Assert.True((await AskAsync(asked, "")).Gave);
        Assert.True((await AskAsync(asked, "age >= 0")).Gave);
        Assert.True((await AskAsync(asked, "age >= 60")).Gave);
        Assert.True((await AskAsync(asked, "age < 60")).Gave);
    }

    [Fact]
    public async Task A_noised_question_about_almost_the_same_persons_is_answered_and_charged()
    {
        await using var asked = await Asked.StartAsync(Header + EightPersons);
        Assert.True((await AskAsync(asked, "")).Gave);
        var noised = asked.World.Noised(asked.Agreement) with { Cohort = "age >= 40" };
        Assert.True((await asked.Hub.AskAsync(asked.World.Sign(noised))).Gave);
        Assert.Equal(500_000_000, asked.Host.Ledger.Spent(asked.Agreement.Digest).Amount);
    }

    [Fact]
    public async Task Persons_left_out_for_a_missing_value_count_too()
    {
        await using var asked = await Asked.StartAsync($"{Header}{EightPersons}i,,90\n");
        Assert.True((await AskAsync(asked, "")).Gave);
        var all = asked.World.Exact(asked.Agreement) with { Parameters = JsonDocument.Parse("""{"by":[{"variable":"age","edges":[50]}]}""").RootElement };
        Assert.Equal(RefusalCode.TooFewPersons, (await asked.Hub.AskAsync(asked.World.Sign(all))).Refusal!.Code);
    }

    /// <summary>Completeness counts the one whose stage is missing, whom the table of stages leaves out: the two differ by that person.</summary>
    [Fact]
    public async Task Persons_counted_as_missing_are_persons_too()
    {
        static string WithCompleteness(string text) => text.Replace("methods: [count]", "methods: [count, completeness]", StringComparison.Ordinal);
        await using var asked = await Asked.StartAsync($"{Header}{EightPersons}i,,90\n", policy: WithCompleteness, study: WithCompleteness(Consortia.StudyText));
        Assert.True((await AskAsync(asked, "")).Gave);
        var known = asked.World.Exact(asked.Agreement) with { Method = "completeness", Parameters = JsonDocument.Parse("""{"variables":["stage"]}""").RootElement };
        Assert.Equal(RefusalCode.TooFewPersons, (await asked.Hub.AskAsync(asked.World.Sign(known))).Refusal!.Code);
    }

    [Theory]
    [InlineData(null, "i,1,90\n", RefusalCode.DataChanged)]
    [InlineData("id", "i,1,90\n", RefusalCode.TooFewPersons)]
    [InlineData("id", "i,1,90\nj,2,91\nk,2,92\n", null)]
    public async Task Persons_who_come_later_are_told_apart_by_the_person_column(string? person, string added, RefusalCode? refused)
    {
        await using var asked = await Asked.StartAsync(Header + EightPersons, person: person);
        Assert.True((await AskAsync(asked, "")).Gave);
        File.WriteAllText(asked.DataFile, Header + added + EightPersons);
        Assert.Equal(refused, (await AskAsync(asked, "")).Refusal?.Code);
    }

    private static Task<PartyAnswer> AskAsync(Asked asked, string cohort)
    {
        var canonical = CohortExpression.Parse(cohort, asked.Agreement.Study.Schema, [])!.Canonical;
        return asked.Hub.AskAsync(asked.World.Sign(asked.World.Exact(asked.Agreement) with { Cohort = canonical }));
    }
}
