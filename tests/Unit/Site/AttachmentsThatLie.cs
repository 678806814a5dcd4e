using Consilience.KeyHolder.Storage;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Wire;
using Consilience.Tests.World;
using Google.Protobuf;

namespace Consilience.Site.Tests;

/// <summary>
/// What a site is handed beside a request, and a hub that hands it something else. The broken twin is an encoding that takes whatever comes: the method's own, which computes from any weights of the right size.
/// </summary>
public sealed class AttachmentsThatLie
{
    private const int PieceSize = 1 << 20;
    private static readonly byte[] Weights = Questions.Weights(3, Questions.ThreePieces);
    private static readonly byte[] Others = Questions.Weights(5, Questions.ThreePieces);

    [Fact]
    public async Task A_site_asks_for_what_it_lacks_and_answers_when_it_has_all()
    {
        await using var asked = await StartAsync();
        var request = Request(asked);
        Assert.True((await HandAsync(asked, request, Weights)).Gave);
        Assert.Equal(2, asked.Host.Ledger.Entries().Count);
        Assert.NotEmpty(Kept(asked));
        await asked.Hub.EndAsync(request.Statement.Run);
        await UntilAsync(() => Kept(asked).Count == 0);
    }

    [Fact]
    public async Task After_a_broken_link_it_asks_from_where_it_was()
    {
        await using var asked = await StartAsync();
        var request = Request(asked);
        await WantedAsync(asked, request);
        await SendAsync(asked, request, Weights, 0);
        await UntilAsync(() => Kept(asked).Count == 1);
        var wanted = await WantedAsync(asked, request);
        Assert.Equal((PieceSize, Weights.Length - PieceSize), ((int)wanted.Offset, (int)wanted.SizeInBytes));
        await SendAsync(asked, request, Weights, PieceSize);
        await SendAsync(asked, request, Weights, 2 * PieceSize);
        Assert.True((await asked.Hub.AnswerAsync()).Gave);
    }

    public static TheoryData<string> Lies => ["another model", "a bit of the model", "another run's model"];

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task A_hub_that_swaps_the_model_gets_no_answer_and_costs_nothing(string lie)
    {
        await using var asked = await StartAsync();
        var request = Request(asked);
        if (lie == "another run's model")
            Assert.True((await HandAsync(asked, Request(asked, Others), Others)).Gave);
        var before = asked.Host.Ledger.Entries().Count;
        var swapped = lie == "a bit of the model" ? Flip(Weights) : Others;
        var answer = await HandAsync(asked, request, swapped);
        Assert.Equal(RefusalCode.TransferInvalid, answer.Refusal!.Code);
        Assert.Equal(before, asked.Host.Ledger.Entries().Count);

        // The twin trains from what it was handed, and two sites that were handed different models would meet in one sum.
        Assert.NotEqual(Encode(asked, request, Weights), Encode(asked, request, swapped));

        // What was right all along is taken when it comes.
        Assert.True((await HandAsync(asked, request, Weights)).Gave);
    }

    public static TheoryData<string> Misplaced => ["out of order", "cut short", "of a run that was not asked", "too long", "empty", "twice"];

    [Theory]
    [MemberData(nameof(Misplaced))]
    public async Task Nothing_is_stored_but_the_next_piece_of_what_was_asked(string how)
    {
        await using var asked = await StartAsync();
        var request = Request(asked);
        await WantedAsync(asked, request);
        var other = Request(asked);
        var before = 0;
        if (how == "twice")
        {
            await SendAsync(asked, request, Weights, 0);
            await UntilAsync(() => Kept(asked).Count == 1);
            before = 1;
        }

        await asked.Hub.SendAsync(new HubFrame
        {
            Attachment = new AttachmentChunk
            {
                Run = (how == "of a run that was not asked" ? other : request).Statement.Run.ToString(),
                Offset = how == "out of order" ? PieceSize : 0UL,
                Data = ByteString.CopyFrom(Weights.AsSpan(0, how switch { "cut short" => PieceSize - 4, "too long" => PieceSize + 4, "empty" => 0, _ => PieceSize })),
            },
        });

        // It still wants what it wanted.
        var wanted = await WantedAsync(asked, request);
        Assert.Equal(before * PieceSize, (int)wanted.Offset);
        Assert.Equal(before, Kept(asked).Count);
        Assert.Empty(asked.Host.Ledger.Entries());
    }

    [Fact]
    public async Task A_site_holds_the_attachments_of_a_few_runs_at_once()
    {
        await using var asked = await StartAsync();
        var first = Request(asked);
        await WantedAsync(asked, first);
        for (var i = 1; i < 8; i++)
            await WantedAsync(asked, Request(asked));
        Assert.Equal(RefusalCode.PolicyForbids, (await asked.Hub.AskAsync(Request(asked))).Refusal!.Code);
        await asked.Hub.EndAsync(first.Statement.Run);
        await WantedAsync(asked, Request(asked));
    }

    public static TheoryData<string> Steps => [.. SiteSteps.OfAttachments];

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task A_kill_at_any_step_loses_nothing_that_was_stored(string step)
    {
        using var world = new Consortia();
        System.IO.File.WriteAllText(world.Path("rows.csv"), Asked.FivePersons);
        var (first, survivor) = (world.Path("first.db"), world.Path("second.db"));
        var kill = new KilledAt(step, first, survivor);
        var agreement = world.Agree(world.Propose(Consortia.WithTraining(Consortia.StudyText)));
        var request = world.Sign(world.Training(agreement, Weights, Questions.ThreePieces));
        using (var host = Asked.HostOn(world, first, onStep: kill.OnStep, policy: Consortia.WithTraining))
        await using (var hub = new HubEnd(host.ServeAsync, world.KeysOf("cedar").Signing.Public))
        {
            try
            {
                await hub.AgreeAsync(agreement);
                await HandAsync(hub, request, Weights);
            }
            catch (System.Threading.Channels.ChannelClosedException)
            {
                // The site died, as it was to.
            }

            await hub.UntilPartyIsGoneAsync();
        }

        Assert.True(kill.Happened, $"{step} was never reached");
        using var again = Asked.HostOn(world, survivor, policy: Consortia.WithTraining);
        await using var link = new HubEnd(again.ServeAsync, world.KeysOf("cedar").Signing.Public);
        await link.AgreeAsync(agreement);
        Assert.True((await HandAsync(link, request, Weights)).Gave);
        Assert.Equal(2, again.Ledger.Entries().Count);
    }

    private static async Task<Asked> StartAsync() => await Asked.StartAsync(policy: Consortia.WithTraining, study: Consortia.WithTraining(Consortia.StudyText));

    private static Signed<RequestStatement> Request(Asked asked, byte[]? weights = null) =>
        asked.World.Sign(asked.World.Training(asked.Agreement, weights ?? Weights, Questions.ThreePieces));

    private static Task<PartyAnswer> HandAsync(Asked asked, Signed<RequestStatement> request, byte[] weights) => HandAsync(asked.Hub, request, weights);

    /// <summary>Asks, hands over what is wanted from these bytes, and fetches the answer.</summary>
    private static async Task<PartyAnswer> HandAsync(HubEnd hub, Signed<RequestStatement> request, byte[] weights)
    {
        await hub.SendAsync(new HubFrame { Request = HubEnd.FrameOf(request) });
        return await hub.AnswerAsync(hand: async wanted =>
        {
            for (var at = (int)wanted.Offset; at < (int)(wanted.Offset + wanted.SizeInBytes); at += PieceSize)
                await hub.SendAsync(Piece(request, weights, at));
        });
    }

    private static async Task<AttachmentWanted> WantedAsync(Asked asked, Signed<RequestStatement> request)
    {
        await asked.Hub.SendAsync(new HubFrame { Request = HubEnd.FrameOf(request) });
        return (await asked.Hub.NextAsync()).Wanted;
    }

    private static Task SendAsync(Asked asked, Signed<RequestStatement> request, byte[] weights, int at) => asked.Hub.SendAsync(Piece(request, weights, at));

    private static HubFrame Piece(Signed<RequestStatement> request, byte[] weights, int at) => new()
    {
        Attachment = new AttachmentChunk { Run = request.Statement.Run.ToString(), Offset = (ulong)at, Data = ByteString.CopyFrom(weights.AsSpan(at, Math.Min(PieceSize, weights.Length - at))) },
    };

    /// <summary>A bit of one weight's exponent: of a less weighty one the twin's rounding hides the difference.</summary>
    private static byte[] Flip(byte[] bytes)
    {
        var flipped = (byte[])bytes.Clone();
        flipped[PieceSize + 7] ^= 0x04;
        return flipped;
    }

    private static long[] Encode(Asked asked, Signed<RequestStatement> request, byte[] weights)
    {
        var (plan, _) = RunPlan.Decide(asked.Agreement, request.Envelope, asked.World.Clock.Now);
        var schema = asked.Agreement.Study.Schema;
        using var data = Connectors.Rows.SiteData.Open(Connectors.Mapping.DataMapping.Direct(asked.DataFile, schema), schema);
        var vector = new long[plan!.VectorLength];
        plan.Method.Sums.Encode(data.Select(plan.Cohort), weights, vector);
        return vector;
    }

    /// <summary>Pieces of byte strings in the site's database.</summary>
    private static IReadOnlyList<long> Kept(Asked asked)
    {
        using var database = PartyDatabase.Open(asked.World.Path("site.db"), PartyDatabaseKind.Site);
        return database.Read(t => t.Query("SELECT start FROM kept_bytes", r => r.GetInt64(0)));
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        for (var i = 0; !holds(); i++)
        {
            Assert.True(i < 1000, "it never came to hold");
            await Task.Delay(10);
        }
    }
}
