using System.Text.Json;
using Consilience.Protocol.Analyse;
using Consilience.Tests.World;

namespace Consilience.Site.Tests;

/// <summary>The same noised question costs once: repeated, its noise would average away.</summary>
public sealed class QuestionsAskedAgain
{
    private static RequestStatement Noised(Asked asked, string cohort = "") => asked.World.Noised(asked.Agreement, "1/4") with { Cohort = cohort };

    private static async Task<RefusalCode?> AskAsync(Asked asked, RequestStatement request) => (await asked.Hub.AskAsync(asked.World.Sign(request))).Refusal?.Code;

    [Fact]
    public async Task The_same_question_is_not_answered_twice_whoever_asks()
    {
        await using var asked = await Asked.StartAsync();
        Assert.Null(await AskAsync(asked, Noised(asked)));
        var entries = asked.Host.Ledger.Entries().Count;
        Assert.Equal(RefusalCode.AlreadyAnswered, await AskAsync(asked, Noised(asked)));
        Assert.Equal(RefusalCode.AlreadyAnswered, await AskAsync(asked, Noised(asked) with { Researcher = "bo" }));
        Assert.Equal(entries, asked.Host.Ledger.Entries().Count);
    }

    /// <summary>Words that mean the same are one question; words that do not are charged.</summary>
    [Theory]
    [InlineData("age >= 40", true)]
    [InlineData("age <= 39", false)]
    [InlineData("age >= 41", false)]
    public async Task Equivalent_words_are_one_question(string cohort, bool isSame)
    {
        await using var asked = await Asked.StartAsync();
        Assert.Null(await AskAsync(asked, Noised(asked, "age >= 40")));
        var before = asked.Host.Ledger.Spent(asked.Agreement.Digest).Amount;
        Assert.Equal(isSame ? RefusalCode.AlreadyAnswered : null, await AskAsync(asked, Noised(asked, cohort)));
        Assert.Equal(isSame ? before : 2 * before, asked.Host.Ledger.Spent(asked.Agreement.Digest).Amount);
    }

    /// <summary>Parameters in other words: other spaces, and a letter by its number.</summary>
    [Fact]
    public async Task Parameters_are_compared_as_they_are_meant()
    {
        await using var asked = await Asked.StartAsync();
        Assert.Null(await AskAsync(asked, Noised(asked)));
        Assert.Equal(RefusalCode.AlreadyAnswered, await AskAsync(asked, Noised(asked) with { Parameters = JsonDocument.Parse("""{ "by" : [ "\u0073tage" ] }""").RootElement }));
    }

    [Fact]
    public async Task New_noise_has_to_be_asked_for_and_is_charged()
    {
        await using var asked = await Asked.StartAsync();
        Assert.Null(await AskAsync(asked, Noised(asked)));
        var once = asked.Host.Ledger.Spent(asked.Agreement.Digest).Amount;
        Assert.Null(await AskAsync(asked, Noised(asked) with { Again = true }));
        Assert.Equal(2 * once, asked.Host.Ledger.Spent(asked.Agreement.Digest).Amount);
    }

    [Fact]
    public async Task Another_price_is_another_question()
    {
        await using var asked = await Asked.StartAsync();
        Assert.Null(await AskAsync(asked, Noised(asked)));
        Assert.Null(await AskAsync(asked, asked.World.Noised(asked.Agreement, "1/2")));
    }

    [Fact]
    public async Task Changed_data_make_it_a_new_question()
    {
        await using var asked = await Asked.StartAsync();
        Assert.Null(await AskAsync(asked, Noised(asked)));
        await File.WriteAllTextAsync(asked.DataFile, Asked.FivePersons + "2,80\n", TestContext.Current.CancellationToken);
        Assert.Null(await AskAsync(asked, Noised(asked)));
    }

    [Fact]
    public async Task At_exact_precision_repeating_shows_nothing_new_and_is_allowed()
    {
        await using var asked = await Asked.StartAsync();
        Assert.Null(await AskAsync(asked, asked.World.Exact(asked.Agreement)));
        Assert.Null(await AskAsync(asked, asked.World.Exact(asked.Agreement)));
    }
}
