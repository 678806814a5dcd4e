using Consilience.Hub.Tests.World;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Wire;
using Consilience.Site.Ledger;
using Consilience.Tests.World;
using Google.Protobuf;

namespace Consilience.Hub.Tests;

/// <summary>
/// The hub is killed at every step there is, and another is started on what the first left on its disk: the study comes into force, the run opens one roll, no site's answer
/// is lost, counted twice or charged twice.
/// </summary>
public sealed class KilledAtAnyStep
{
    private const string Survivor = "second.db";
    private static readonly HubLimits Limits = new() { ClockInterval = TimeSpan.FromMilliseconds(10), Retention = TimeSpan.FromDays(1) };

    public static TheoryData<string> Steps => [.. HubSteps.All.Except(HubSteps.OfAttachments)];

    public static TheoryData<string> AttachmentSteps => [.. HubSteps.OfAttachments];

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task A_kill_loses_nothing_and_doubles_nothing(string step)
    {
        await using var network = Start(step, cedar: null);
        var request = network.SignBeforehand();
        var first = await UntilKilledAsync(network, request);
        await network.ReplaceHubAsync(Survivor);
        var seen = first ?? await ConverseAsync(network, request);
        Assert.Equal([3, 3], seen.Open(network.World));
        Assert.Equal(["aster", "birch"], seen.Sites);
        Assert.Equal(("cedar", RefusalCode.DataUnreadable), seen.Refusals.Select(r => (r.Party.ToString(), r.Code)).Single());
        foreach (var site in new[] { "aster", "birch" })
            Assert.Equal([LedgerEntryKind.Reserve, LedgerEntryKind.Commit], network.LedgerOf(site));
    }

    [Theory]
    [MemberData(nameof(AttachmentSteps))]
    public async Task Nor_does_one_while_an_attachment_is_handed_over(string step)
    {
        await using var network = WholeNetwork.Start(Limits, killedAt: (step, Survivor), terms: Consortia.WithTraining, sites: WholeNetwork.ThreeSites);
        var weights = Questions.Weights(3, Questions.ThreePieces);
        var request = network.World.Sign(network.World.Training(network.World.Agree(network.Proposal()), weights, Questions.ThreePieces));
        var first = await UntilKilledAsync(network, request, weights);
        await network.ReplaceHubAsync(Survivor);
        var seen = first ?? await ConverseAsync(network, request, weights);
        Assert.Equal(9, seen.Open(network.World)[0]);
        Assert.Equal(["aster", "birch", "cedar"], seen.Sites);
        foreach (var site in new[] { "aster", "birch", "cedar" })
            Assert.Equal([LedgerEntryKind.Reserve, LedgerEntryKind.Commit], network.LedgerOf(site));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_roll_that_was_shown_is_the_only_one_though_a_site_has_gone_meanwhile(bool diskIsLost)
    {
        await using var network = Start("hub.share-storing", WholeNetwork.ThreeSites[2].Rows);
        var request = network.SignBeforehand();
        Assert.Null(await UntilKilledAsync(network, request));
        network.Forsake("cedar", NodeRole.Site);
        await network.ReplaceHubAsync(diskIsLost ? "empty.db" : Survivor);
        if (!diskIsLost)
        {
            var sum = (await ConverseAsync(network, request)).Open(network.World);
        Assert.Equal([3, 6], sum);
            return;
        }

        // The broken twin remembers nothing and wants a second roll, of two sites: sites that were told of the first do not answer again, and key holders open no other.
        var cedar = await network.PlayAsync("cedar", NodeRole.Site);
        await network.AgreeAsync(cedar);
        await cedar.LeaveAsync();
        var running = network.SubmitAsync(request);
        await Task.Delay(200);
        network.World.Clock.Now += TimeSpan.FromSeconds(31);
        var failed = (await running).Failed;
        Assert.True(failed.Code is "already-opened" || failed.Refusals.Count > 0, failed.Code);
        Assert.All(failed.Refusals, r => Assert.Equal(RefusalCode.RunAlreadyUsed, Signed<RefusalStatement>.PeekUnverified(r.Span)!.Code));
    }

    /// <summary>Real parties but cedar, which has these rows, or refuses for want of its data file.</summary>
    private static WholeNetwork Start(string step, string? cedar) =>
        WholeNetwork.Start(Limits, killedAt: (step, Survivor), sites: [.. WholeNetwork.ThreeSites[..2], ("cedar", cedar)]);

    /// <summary>The conversation on the first hub; what the researcher saw when the run had ended before the kill.</summary>
    private static async Task<SeenRun?> UntilKilledAsync(WholeNetwork network, Signed<RequestStatement> request, byte[]? attached = null)
    {
        SeenRun? seen = null;
        var conversing = Task.Run(async () =>
        {
            seen = await ConverseAsync(network, request, attached);

            // Two days later its bytes are forgotten.
            network.World.Clock.Now += TimeSpan.FromDays(2);
        });
        var patience = DateTime.UtcNow.AddSeconds(20);
        while (!network.Kill!.Happened)
        {
            Assert.True(DateTime.UtcNow < patience, $"the step was never reached: {conversing.Status} {conversing.Exception?.InnerException?.Message}");
            await Task.Delay(5);
        }

        return seen;
    }

    /// <summary>All of it, as researchers and parties would do it again after a failure.</summary>
    private static async Task<SeenRun> ConverseAsync(WholeNetwork network, Signed<RequestStatement> request, byte[]? attached = null)
    {
        var proposal = network.Proposal();
        network.Hub.Propose(WholeNetwork.Researcher("ada"), new ProposeRequest { Proposal = ByteString.CopyFrom(proposal.Envelope) });
        await network.InForceAsync(proposal);
        var seen = await network.SubmitAsync(request, attached: attached);
        Assert.True(seen.IsOpened, seen.IsOpened ? "" : seen.Failed.Message);
        return seen;
    }
}
