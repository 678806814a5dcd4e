using Consilience.KeyHolder.Storage;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Wire;
using Consilience.Tests.World;
using Microsoft.Extensions.Logging.Abstractions;

namespace Consilience.KeyHolder.Tests;

/// <summary>One run, one roll, one draw of noise: asked twice, asked at once, and killed at every step.</summary>
public sealed class OpeningHappensOnce
{
    private delegate Task<PartyAnswer> Opener(RollToOpen roll);

    public static TheoryData<string> Steps => [.. KeyHolderSteps.All];

    [Fact]
    public async Task A_second_roll_of_a_run_is_refused()
    {
        await using var attacked = await Attacked.StartAsync();
        Assert.False(await OpensTwoRollsAsync(attacked, attacked.Hub.AskAsync));
        Assert.True(await OpensTwoRollsAsync(attacked, attacked.Twin.AskAsync));
    }

    [Fact]
    public async Task A_roll_asked_again_gets_identical_bytes_and_no_fresh_noise()
    {
        await using var attacked = await Attacked.StartAsync();
        Assert.False(await DrawsFreshNoiseAsync(attacked, attacked.Hub.AskAsync));
        Assert.True(await DrawsFreshNoiseAsync(attacked, attacked.Twin.AskAsync));
    }

    [Fact]
    public async Task A_roll_asked_many_times_at_once_is_opened_once()
    {
        await using var attacked = await Attacked.StartAsync();
        var (_, roll) = Ask(attacked);
        for (var i = 0; i < 20; i++)
            await attacked.Hub.SendAsync(new HubFrame { Roll = roll });
        var shares = new HashSet<string>();
        for (var i = 0; i < 20; i++)
            shares.Add(Convert.ToBase64String((await attacked.Hub.NextAsync()).Share.Statement.Span));
        Assert.Single(shares);
    }

    [Fact]
    public async Task A_run_that_ended_is_not_opened_again()
    {
        await using var attacked = await Attacked.StartAsync();
        var (request, roll) = Ask(attacked);
        Assert.True((await attacked.Hub.AskAsync(roll)).Gave);
        await attacked.Hub.EndAsync(request.Statement.Run);
        var again = await attacked.Hub.AskAsync(roll);
        Assert.Equal(RefusalCode.AlreadyOpened, again.Refusal!.Code);
    }

    [Fact]
    public async Task Bytes_are_sent_from_the_offset_the_hub_asks_for()
    {
        await using var attacked = await Attacked.StartAsync();
        var (_, roll) = Ask(attacked);
        var whole = await attacked.Hub.AskAsync(roll);
        var rest = await attacked.Hub.AskAsync(new HubFrame { Roll = roll }, offset: 1000);
        Assert.Equal(whole.Bytes![1000..], rest.Bytes);
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task A_kill_at_any_step_leaves_one_opening_and_identical_bytes(string step)
    {
        var (before, after, records) = await KillAndAskAgainAsync(step, recordIsLost: false);
        Assert.All(before, statement => Assert.Equal(after, statement));
        Assert.Equal(1, records);
    }

    [Fact]
    public async Task A_key_holder_whose_record_does_not_survive_the_kill_is_noticed()
    {
        var (before, after, _) = await KillAndAskAgainAsync(KeyHolderSteps.ShareSent, recordIsLost: true);
        Assert.NotEmpty(before);
        Assert.All(before, statement => Assert.NotEqual(after, statement));
    }

    private static (Signed<RequestStatement>, RollToOpen) Ask(Attacked attacked)
    {
        var request = attacked.World.Sign(attacked.World.Noised(attacked.Agreement));
        return (request, attacked.World.RollOf(request, attacked.World.ContributeAll(attacked.Agreement, request)));
    }

    /// <summary>Two rolls that differ by one site: their difference is that site's part.</summary>
    private static async Task<bool> OpensTwoRollsAsync(Attacked attacked, Opener open)
    {
        var request = attacked.World.Sign(attacked.World.Noised(attacked.Agreement));
        var all = attacked.World.ContributeAll(attacked.Agreement, request);
        var first = await open(attacked.World.RollOf(request, all));
        var second = await open(attacked.World.RollOf(request, [.. all.Take(2)]));
        Assert.True(first.Gave);
        if (second.Refusal is { } refusal)
            Assert.Equal(RefusalCode.AlreadyOpened, refusal.Code);
        return second.Gave;
    }

    /// <summary>Fresh noise under the same masks averages away. Whether sealed bytes differ already tells: a repeat is a copy, not a second computation.</summary>
    private static async Task<bool> DrawsFreshNoiseAsync(Attacked attacked, Opener open)
    {
        var (_, roll) = Ask(attacked);
        var answers = new List<PartyAnswer>();
        for (var i = 0; i < 5; i++)
            answers.Add(await open(roll));
        Assert.All(answers, a => Assert.True(a.Gave));
        return answers.Select(a => Convert.ToBase64String(a.Statement!) + Convert.ToBase64String(a.Bytes!)).Distinct().Count() != 1;
    }

    /// <summary>
    /// A whole conversation with a key holder that dies at <paramref name="step"/>, then the same with one started on what the disk held. Gives the share statements the
    /// hub had received, the one it receives afterwards, and the number of durable records.
    /// </summary>
    private static async Task<(List<byte[]> Before, byte[] After, int Records)> KillAndAskAgainAsync(string step, bool recordIsLost)
    {
        using var world = new Consortia();
        var (first, survivor) = (world.Path("first.db"), world.Path("second.db"));
        var kill = new KilledAt(step, first, survivor);
        var agreement = world.Agree();
        var request = world.Sign(world.Noised(agreement));
        var roll = world.RollOf(request, world.ContributeAll(agreement, request));

        List<byte[]> before;
        var announced = new List<Share>();
        using (var host = HostOn(world, first, kill.OnStep))
        await using (var hub = new HubEnd(host.ServeAsync, world.KeysOf("aster").Signing.Public))
        {
            await ConverseAsync(hub, agreement, request, roll);
            await hub.UntilPartyIsGoneAsync();
            announced.AddRange(hub.Received.Where(f => f.FrameCase == PartyFrame.FrameOneofCase.Share).Select(f => f.Share));
            before = [.. announced.Select(s => s.Statement.ToByteArray())];
        }

        Assert.True(kill.Happened, $"{step} was never reached");
        var restarted = recordIsLost ? world.Path("empty.db") : survivor;
        using var again = HostOn(world, restarted, null);
        await using var link = new HubEnd(again.ServeAsync, world.KeysOf("aster").Signing.Public);
        await link.AgreeAsync(agreement);
        var answer = await link.AskAsync(roll);
        if (answer.Refusal is { } refusal)
        {
            // Killed after the run had ended: it is never opened again, and that is an end too.
            Assert.Equal("keyholder.end-stored", step);
            Assert.Equal(RefusalCode.AlreadyOpened, refusal.Code);
            return ([], [], Records(restarted));
        }

        return (before, answer.Statement!, Records(restarted));
    }

    private static KeyHolderHost HostOn(Consortia world, string database, Action<string>? onStep) =>
        new(world.PartyOf("aster", NodeRole.KeyHolder), database, null, world.Clock, NullLogger.Instance, onStep);

    /// <summary>Everything a hub does in one run, for as long as the party answers.</summary>
    private static async Task ConverseAsync(HubEnd hub, Protocol.Agreements.Agreement agreement, Signed<RequestStatement> request, RollToOpen roll)
    {
        try
        {
            await hub.AgreeAsync(agreement);
            await hub.AskAsync(roll);
            await hub.EndAsync(request.Statement.Run);
        }
        catch (System.Threading.Channels.ChannelClosedException)
        {
            // The party died, as it was to.
        }
    }

    private static int Records(string database)
    {
        using var opened = PartyDatabase.Open(database, PartyDatabaseKind.KeyHolder);
        return opened.Read(t => t.Query("SELECT run FROM opened_roll", r => r.GetString(0))).Count;
    }
}
