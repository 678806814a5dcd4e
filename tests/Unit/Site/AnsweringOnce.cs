using Consilience.Protocol.Agreements;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Wire;
using Consilience.Site.Ledger;
using Consilience.Tests.World;

namespace Consilience.Site.Tests;

/// <summary>One run, one charge, one masked vector: asked again, asked at once, and killed at every step.</summary>
public sealed class AnsweringOnce
{
    public static TheoryData<string> Steps => [.. SiteSteps.All.Except(SiteSteps.OfAttachments)];

    [Fact]
    public async Task A_request_asked_again_gets_identical_bytes_and_no_second_charge()
    {
        await using var asked = await Asked.StartAsync();
        var request = asked.World.Sign(asked.World.Noised(asked.Agreement));
        var first = await asked.Hub.AskAsync(request);
        var second = await asked.Hub.AskAsync(request);
        Assert.Equal(first.Statement, second.Statement);
        Assert.Equal(first.Bytes, second.Bytes);
        Assert.Equal([LedgerEntryKind.Reserve, LedgerEntryKind.Commit], asked.Host.Ledger.Entries().Select(e => e.Kind));

        // Without the stored answer the same question is masked afresh, and the comparison above tells.
        var twin = asked.World.Contribute(asked.Agreement, request, "cedar", [2, 3]);
        Assert.NotEqual(twin.Masked, asked.World.Contribute(asked.Agreement, request, "cedar", [2, 3]).Masked);
    }

    [Fact]
    public async Task A_request_asked_many_times_at_once_is_answered_once()
    {
        await using var asked = await Asked.StartAsync();
        var request = asked.World.Sign(asked.World.Noised(asked.Agreement));
        for (var i = 0; i < 20; i++)
            await asked.Hub.SendAsync(new HubFrame { Request = HubEnd.FrameOf(request) });
        var statements = new HashSet<string>();
        for (var i = 0; i < 20; i++)
            statements.Add(Convert.ToBase64String((await asked.Hub.NextAsync()).Contribution.Statement.Span));
        Assert.Single(statements);
        Assert.Equal(2, asked.Host.Ledger.Entries().Count);
    }

    [Fact]
    public async Task Another_request_under_the_same_run_id_is_refused_and_not_charged()
    {
        await using var asked = await Asked.StartAsync();
        var request = asked.World.Sign(asked.World.Noised(asked.Agreement));
        await asked.Hub.AskAsync(request);
        var other = asked.World.Sign(request.Statement with { Cohort = "age >= 50" });
        Assert.Equal(RefusalCode.RunAlreadyUsed, (await asked.Hub.AskAsync(other)).Refusal!.Code);
        Assert.Equal(2, asked.Host.Ledger.Entries().Count);
    }

    [Fact]
    public async Task Bytes_are_sent_from_the_offset_the_hub_asks_for()
    {
        await using var asked = await Asked.StartAsync();
        var question = new HubFrame { Request = HubEnd.FrameOf(asked.World.Sign(asked.World.Noised(asked.Agreement))) };
        var whole = await asked.Hub.AskAsync(question);
        Assert.Equal(whole.Bytes![8..], (await asked.Hub.AskAsync(question, offset: 8)).Bytes);
        Assert.Empty((await asked.Hub.AskAsync(question, offset: 16)).Bytes!);
    }

    [Fact]
    public async Task A_run_that_ended_keeps_its_charge_and_is_not_answered_again()
    {
        await using var asked = await Asked.StartAsync();
        var request = asked.World.Sign(asked.World.Noised(asked.Agreement));
        await asked.Hub.AskAsync(request);
        await asked.Hub.EndAsync(request.Statement.Run);
        Assert.Equal(RefusalCode.RunAlreadyUsed, (await asked.Hub.AskAsync(request)).Refusal!.Code);
        Assert.Equal(500_000_000, asked.Host.Ledger.Spent(asked.Agreement.Digest).Amount);
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task A_kill_at_any_step_leaves_one_charge_and_identical_bytes(string step)
    {
        var (before, after, ledger) = await KillAndAskAgainAsync(step, diskIsLost: false);
        Assert.All(before, statement => Assert.Equal(after, statement));
        Assert.Equal([LedgerEntryKind.Reserve, LedgerEntryKind.Commit], ledger);
    }

    [Fact]
    public async Task A_site_whose_record_does_not_survive_the_kill_is_noticed()
    {
        var (before, after, _) = await KillAndAskAgainAsync(SiteSteps.ContributionSent, diskIsLost: true);
        Assert.NotEmpty(before);
        Assert.All(before, statement => Assert.NotEqual(after, statement));
    }

    private static async Task<(List<byte[]> Before, byte[] After, List<LedgerEntryKind> Ledger)> KillAndAskAgainAsync(string step, bool diskIsLost)
    {
        using var world = new Consortia();
        System.IO.File.WriteAllText(world.Path("rows.csv"), Asked.FivePersons);
        var (first, survivor) = (world.Path("first.db"), world.Path("second.db"));
        var kill = new KilledAt(step, first, survivor);
        var agreement = world.Agree();
        var request = world.Sign(world.Noised(agreement));

        List<byte[]> before;
        using (var host = Asked.HostOn(world, first, onStep: kill.OnStep))
        await using (var hub = new HubEnd(host.ServeAsync, world.KeysOf("cedar").Signing.Public))
        {
            await ConverseAsync(hub, agreement, request);
            await hub.UntilPartyIsGoneAsync();
            before = [.. hub.Received.Where(f => f.FrameCase == PartyFrame.FrameOneofCase.Contribution).Select(f => f.Contribution.Statement.ToByteArray())];
        }

        Assert.True(kill.Happened, $"{step} was never reached");
        using var again = Asked.HostOn(world, diskIsLost ? world.Path("empty.db") : survivor);
        await using var link = new HubEnd(again.ServeAsync, world.KeysOf("cedar").Signing.Public);
        await link.AgreeAsync(agreement);
        var answer = await link.AskAsync(request);
        var kinds = again.Ledger.Entries().Select(e => e.Kind).ToList();
        if (answer.Refusal is not { } refusal)
            return (before, answer.Statement!, kinds);

        // Killed after the run had ended, of which the hub may tell while the site still notes that it has sent: the charge stands, and nothing is sent again.
        Assert.Contains(step, new[] { SiteSteps.ContributionSent, "site.end-stored" });
        Assert.Equal(RefusalCode.RunAlreadyUsed, refusal.Code);
        return ([], [], kinds);
    }

    private static async Task ConverseAsync(HubEnd hub, Agreement agreement, Signed<RequestStatement> request)
    {
        try
        {
            await hub.AgreeAsync(agreement);
            await hub.AskAsync(request);
            await hub.EndAsync(request.Statement.Run);
        }
        catch (System.Threading.Channels.ChannelClosedException)
        {
            // The party died, as it was to.
        }
    }
}
