using Consilience.Connectors.Mapping;
using Consilience.Connectors.Rows;
using Consilience.Hub.Tests.World;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Wire;
using Consilience.Tests.World;
using Google.Protobuf;
using Microsoft.Data.Sqlite;

namespace Consilience.Hub.Tests;

/// <summary>Attachments at a real hub: what is signed reaches every site and no other byte is stored, whoever sends it.</summary>
public sealed class WhatTravelsBesideRequests
{
    private static readonly byte[] Weights = Questions.Weights(3, Questions.ThreePieces);

    [Fact]
    public async Task Every_site_trains_from_the_attached_weights_and_the_sum_opens_exactly()
    {
        await using var network = await StartAsync();
        var request = Request(network, Weights);
        var seen = await network.SubmitAsync(request, attached: Weights);
        Assert.True(seen.IsOpened, seen.IsOpened ? "" : seen.Failed.Message);
        Assert.Equal(4L * request.Statement.VectorLength, seen.Bytes(seen.Opening.MaskedSumTransfer).Length);
        Assert.Equal(Expected(network, request, Weights), seen.Open(network.World));

        // Other weights, other updates: the comparison above tells which were used.
        Assert.NotEqual(Expected(network, request, Questions.Weights(5, Questions.ThreePieces)), seen.Open(network.World));
        Assert.Equal(0, Stored(network, role: -1));
    }

    [Fact]
    public async Task Bytes_that_are_not_those_signed_end_the_run_before_any_site_is_asked()
    {
        await using var network = await StartAsync();
        var other = (byte[])Weights.Clone();
        other[^1] ^= 1;
        var seen = await network.SubmitAsync(Request(network, Weights), attached: other);
        Assert.Equal("transfer-invalid", seen.Failed.Code);
        Assert.Equal(0, Stored(network));
        Assert.Empty(network.LedgerOf("cedar"));
    }

    [Fact]
    public async Task A_researcher_whose_connection_broke_goes_on_where_it_broke()
    {
        await using var network = await StartAsync();
        var request = Request(network, Weights);
        using var broken = new CancellationTokenSource();
        var ada = WholeNetwork.Researcher("ada");
        await foreach (var frame in network.Hub.SubmitAsync(ada, new SubmitRequest { Statement = ByteString.CopyFrom(request.Envelope) }, broken.Token))
        {
            if (frame.FrameCase != RunFrame.FrameOneofCase.Wanted)
                continue;
            Assert.Equal((0UL, (ulong)Weights.Length), (frame.Wanted.Offset, frame.Wanted.SizeInBytes));
            Assert.Equal(2UL << 20, (await network.Hub.AttachAsync(ada, WholeNetwork.Pieces(request, Weights, until: 2 << 20), broken.Token)).Held);
            break;
        }

        var seen = await network.SubmitAsync(request, attached: Weights);
        Assert.Equal(2UL << 20, seen.Frames.Single(f => f.FrameCase == RunFrame.FrameOneofCase.Wanted).Wanted.Offset);
        Assert.Equal(9, seen.Open(network.World)[0]);
    }

    public static TheoryData<string> Unasked => ["a run nobody submitted", "a run without an attachment", "another researcher's run", "a piece out of order", "a short piece", "more than was signed"];

    [Theory]
    [MemberData(nameof(Unasked))]
    public async Task Nothing_is_stored_that_no_accepted_request_names(string what)
    {
        await using var network = await StartAsync();
        var request = what == "a run without an attachment" ? network.Request() : Request(network, Weights);
        using var stopping = new CancellationTokenSource();
        var running = what == "a run nobody submitted" ? Task.CompletedTask : SubmitWithoutAsync(network, request, stopping.Token);
        var sender = WholeNetwork.Researcher(what == "another researcher's run" ? "bo" : "ada");
        var piece = new AttachmentChunk { Run = request.Statement.Run.ToString(), Offset = what == "a piece out of order" ? 1UL << 20 : 0, Data = ByteString.CopyFrom(Weights.AsSpan(0, what == "a short piece" ? 10 : 1 << 20)) };
        if (what == "more than was signed")
        {
            Assert.Equal((ulong)Weights.Length, (await network.Hub.AttachAsync(sender, WholeNetwork.Pieces(request, Weights), default)).Held);
            piece.Offset = (ulong)Weights.Length;
        }

        var before = Stored(network, role: -1);
        await Assert.ThrowsAsync<HubRefusedException>(() => network.Hub.AttachAsync(sender, One(piece), default));
        Assert.True(Stored(network, role: -1) <= before);
        await StopAsync(stopping, running);
    }

    [Fact]
    public async Task An_attachment_beyond_the_hubs_limits_is_refused_before_a_byte_of_it()
    {
        await using var small = await StartAsync(new HubLimits { LargestAttachment = Weights.Length - 1 });
        Assert.Equal("request-invalid", (await small.SubmitAsync(Request(small, Weights))).Failed.Code);

        await using var full = await StartAsync(new HubLimits { AttachmentsInAll = Weights.Length + 10 });
        using var stopping = new CancellationTokenSource();
        var first = SubmitWithoutAsync(full, Request(full, Weights), stopping.Token);
        Assert.Equal("deadline-passed", (await full.SubmitAsync(Request(full, Weights))).Failed.Code);
        await StopAsync(stopping, first);
    }

    [Fact]
    public async Task A_run_whose_attachment_does_not_come_ends()
    {
        await using var network = await StartAsync();
        var running = network.SubmitAsync(Request(network, Weights));
        await Task.Delay(100);
        network.World.Clock.Now += TimeSpan.FromMinutes(6);
        Assert.Equal("deadline-passed", (await running).Failed.Code);
    }

    [Fact]
    public async Task A_site_that_answers_in_longer_words_is_turned_away()
    {
        await using var network = await StartAsync(sites: WholeNetwork.ThreeSites[..2]);
        var cedar = await network.PlayAsync("cedar", NodeRole.Site);
        await network.AgreeAsync(cedar);
        var weights = Questions.Weights(3, 4);
        var request = network.World.Sign(network.World.Training(network.Agreement, weights, 4));
        var running = network.SubmitAsync(request, attached: weights);
        await cedar.NextAsync(HubFrame.FrameOneofCase.Request);

        // The same vector in words of 64 bits: a hub that took its size from the site would add halves of words to words.
        var liar = network.World.Sign(request.Statement with { WordBits = 64 });
        var made = network.World.Contribute(network.Agreement, liar, "cedar", new long[request.Statement.VectorLength]);
        var statement = Signed<ContributionStatement>.By(network.World.KeysOf("cedar").Signing, made.Signed.Statement with { Request = request.Digest });
        await cedar.SendAsync(new PartyFrame
        {
            Contribution = new Contribution
            {
                Run = request.Statement.Run.ToString(), Statement = ByteString.CopyFrom(statement.Envelope), Transfer = Digest.Of(made.Masked).ToString(), SizeInBytes = (ulong)made.Masked.Length,
            },
        });
        var seen = await running;
        Assert.Equal(["aster", "birch"], seen.Sites);
        Assert.Equal(RefusalCode.TransferInvalid, seen.Refusals.Single().Code);
    }

    private static async Task<WholeNetwork> StartAsync(HubLimits? limits = null, params (string Site, string? Rows)[] sites)
    {
        var network = WholeNetwork.Start(limits, terms: Consortia.WithTraining, sites: sites.Length == 0 ? WholeNetwork.ThreeSites : sites);
        if (sites.Length == 0)
            await network.AgreeAsync();
        return network;
    }

    private static Signed<RequestStatement> Request(WholeNetwork network, byte[] weights) => network.World.Sign(network.World.Training(network.Agreement, weights, Questions.ThreePieces));

    private static async Task StopAsync(CancellationTokenSource stopping, Task following)
    {
        await stopping.CancelAsync();
        await following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Submits, attaches nothing, and follows until told to stop.</summary>
    private static async Task SubmitWithoutAsync(WholeNetwork network, Signed<RequestStatement> request, CancellationToken cancellation)
    {
        await foreach (var _ in network.Hub.SubmitAsync(WholeNetwork.Researcher("ada"), new SubmitRequest { Statement = ByteString.CopyFrom(request.Envelope) }, cancellation))
        {
        }
    }

    private static async IAsyncEnumerable<AttachmentChunk> One(AttachmentChunk chunk)
    {
        await Task.Yield();
        yield return chunk;
    }

    /// <summary>Pieces of bytes in the hub's database.</summary>
    private static long Stored(WholeNetwork network, int? role = null)
    {
        using var connection = new SqliteConnection($"Data Source={network.World.Path("hub.db")};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM run_bytes WHERE $role IS NULL OR role = $role";
        command.Parameters.AddWithValue("$role", role ?? (object)DBNull.Value);
        return (long)command.ExecuteScalar()!;
    }

    /// <summary>What sites encode from these weights, added in the clear.</summary>
    private static long[] Expected(WholeNetwork network, Signed<RequestStatement> request, byte[] weights)
    {
        var (plan, refusal) = RunPlan.Decide(network.Agreement, request.Envelope, network.World.Clock.Now);
        Assert.Null(refusal);
        var sum = new long[plan!.VectorLength];
        foreach (var site in new[] { "aster", "birch", "cedar" })
        {
            using var data = SiteData.Open(DataMapping.Direct(network.World.Path($"{site}.csv"), network.Agreement.Study.Schema), network.Agreement.Study.Schema);
            var vector = new long[plan.VectorLength];
            plan.Method.Sums.Encode(data.Select(plan.Cohort), weights, vector);
            for (var i = 0; i < sum.Length; i++)
                sum[i] += vector[i];
        }

        return sum;
    }
}
