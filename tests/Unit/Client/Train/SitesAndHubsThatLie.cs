using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Consilience.Analyses.Cohorts;
using Consilience.Client.Analyse;
using Consilience.Client.Tests.World;
using Consilience.Client.Train;
using Consilience.Connectors.Mapping;
using Consilience.Connectors.Rows;
using Consilience.Hub.Tests.World;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Wire;
using Consilience.Tests.World;
using Google.Protobuf;

namespace Consilience.Client.Tests.Train;

/// <summary>Sites with impossible rows, sites that send what their software never would, and a hub that hands sites other weights or old rounds.</summary>
public sealed class SitesAndHubsThatLie
{
    private static readonly NodeIdentity Cedar = new(Consortia.Id("cedar"), NodeRole.Site, "cedar");

    /// <summary>A cell that no schema allows keeps its site out; it never becomes part of a model.</summary>
    [Theory]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("1e300")]
    [InlineData("201")]
    [InlineData("-0.5")]
    [InlineData("99999999999999999999")]
    public async Task A_row_of_no_number_or_a_giant_one_keeps_its_site_out(string age)
    {
        await using var without = await Stages.OpenAsync(cedarRefuses: true);
        var expected = await Stages.TrainAsync(without);
        await using var desk = await Desk.OpenAsync([.. WholeNetwork.ThreeSites[..2], ("cedar", $"stage,age\n2,10\n2,11\n2,{age}\n")], Stages.WithTraining);
        var trained = await Stages.TrainAsync(desk);
        Assert.All(trained.Rounds, r => Assert.Equal(["aster", "birch"], r.Result.Sites.Answered.Select(s => $"{s}")));
        Assert.Equal(expected.State.Digest, trained.State.Digest);
    }

    public static TheoryData<string, long[]> Sums => new()
    {
        { "an update a thousand times too long", [3, 0, 2, 0, 3, 1 << 24, 1 << 24] },
        { "words that wrap", [3, 0, 2, 0, 3, int.MaxValue, int.MinValue] },
        { "a weight that no site has", [3, 0, 2, 0, 1_000_000, 1 << 24, 0] },
        { "fewer persons than none", [-100, 0, 2, 0, 3, 0, 0] },
    };

    /// <summary>The broken twin is the strategy alone, which takes the step.</summary>
    [Theory]
    [MemberData(nameof(Sums))]
    public async Task A_sum_longer_than_honest_sites_make_it_ends_the_training(string lie, long[] values)
    {
        Assert.NotEmpty(lie);
        var (desk, cedar) = await Desk.PlayCedarAsync(WholeNetwork.ThreeSites[..2], Stages.WithTraining);
        await using var _ = desk;
        var training = Stages.TrainAsync(desk);
        await cedar.ContributeAsync(desk.World, desk.Network.Agreement, values);
        var stopped = await Assert.ThrowsAsync<TrainingStoppedException>(() => training);
        Assert.Contains("a site sent what it must not", stopped.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(Stages.FolderOf(desk), "rounds")));

        var course = Stages.Course(desk);
        var twin = course.Plan.Strategy.Step(course.Start().Memory, course.Start().Weights.Values, [1e9, 1e9], 1);
        Assert.All(twin.Weights, w => Assert.True(float.IsFinite(w)));
    }

    /// <summary>What a site may send it may send: a lie within the clip is not seen, as docs/train.md says.</summary>
    [Fact]
    public async Task A_lie_no_longer_than_the_clip_is_not_seen()
    {
        var (desk, cedar) = await Desk.PlayCedarAsync(WholeNetwork.ThreeSites[..2], Stages.WithTraining);
        await using var _ = desk;
        var training = Stages.TrainAsync(desk, Stages.Plan.Replace("rounds: 4", "rounds: 1", StringComparison.Ordinal));
        await cedar.ContributeAsync(desk.World, desk.Network.Agreement, [3, 0, 2, 0, 3, 30 << 12, 0]);
        Assert.Equal(1, (await training).State.Round);
    }

    /// <summary>Weights stand in the signed request. The broken twin is the method alone, which trains from whatever it is handed: two sites at different models would meet in one sum.</summary>
    [Fact]
    public async Task A_hub_that_hands_one_site_another_model_does_without_that_site()
    {
        var (tap, others) = (new Wiretap(), Convert.ToBase64String(new byte[8]));
        await using var desk = await Desk.OpenAsync(terms: Stages.WithTraining, tap: tap);
        var swapped = 0;
        tap.ToParty = (party, frame) =>
        {
            if (party != Cedar || frame.FrameCase != HubFrame.FrameOneofCase.Request)
                return frame;
            var changed = frame.Clone();
            changed.Request.Statement = WithWeights(frame.Request.Statement, others);
            swapped += changed.Equals(frame) ? 0 : 1;
            return changed;
        };
        var trained = await Stages.TrainAsync(desk);
        Assert.Equal(4, swapped);
        Assert.All(trained.Rounds, r => Assert.Equal("cedar", $"{Assert.Single(r.Result.Sites.Refused).Site}"));
        var refusals = tap.Frames.OfType<PartyFrame>().Where(f => f.FrameCase == PartyFrame.FrameOneofCase.Refusal).Select(f => Signed<RefusalStatement>.PeekUnverified(f.Refusal.Statement.Span)!.Code).ToList();
        Assert.Equal(4, refusals.Count);
        Assert.All(refusals, code => Assert.Equal(RefusalCode.SignatureInvalid, code));
        Assert.Empty(desk.Network.LedgerOf("cedar"));

        var asked = trained.Course.Ask(trained.Course.Start());
        var parameters = JsonNode.Parse(asked.Parameters.GetRawText())!.AsObject();
        parameters["weights"] = others;
        Assert.NotEqual(Encoded(desk, trained.Course, asked), Encoded(desk, trained.Course, asked with { Parameters = JsonSerializer.SerializeToElement(parameters) }));
    }

    /// <summary>Handed an old round again, a site sends nothing new and charges nothing: what it says is what it said.</summary>
    [Fact]
    public async Task A_hub_that_replays_a_round_gets_nothing_that_it_did_not_have()
    {
        var tap = new Wiretap();
        await using var desk = await Desk.OpenAsync(terms: Stages.WithTraining, tap: tap);
        var trained = await Stages.TrainAsync(desk);
        var ledger = desk.Network.LedgerOf("cedar").ToList();
        var requests = tap.Frames.OfType<HubFrame>().Where(f => f.FrameCase == HubFrame.FrameOneofCase.Request).DistinctBy(f => f.Request.Run).ToList();
        Assert.Equal(4, requests.Count);
        var said = Said(tap);
        foreach (var request in requests)
            await tap.InjectAsync(Cedar, request);
        for (var i = 0; i < 100 && tap.Frames.OfType<PartyFrame>().Count(f => f.FrameCase is PartyFrame.FrameOneofCase.Contribution or PartyFrame.FrameOneofCase.Refusal) < 16; i++)
            await Task.Delay(20, TestContext.Current.CancellationToken);
        Assert.Equal(16, tap.Frames.OfType<PartyFrame>().Count(f => f.FrameCase is PartyFrame.FrameOneofCase.Contribution or PartyFrame.FrameOneofCase.Refusal));
        Assert.Equal(said, Said(tap));
        Assert.Equal(ledger, desk.Network.LedgerOf("cedar"));
        Assert.Equal(4, trained.Rounds.Count);
    }

    /// <summary>Every masked vector that was ever announced.</summary>
    private static HashSet<string> Said(Wiretap tap) =>
        [.. tap.Frames.OfType<PartyFrame>().Where(f => f.FrameCase == PartyFrame.FrameOneofCase.Contribution).Select(f => f.Contribution.Transfer)];

    private static ByteString WithWeights(ByteString statement, string weights)
    {
        var written = JsonNode.Parse(statement.Span)!["payload"]!.GetValue<string>();
        var payload = Encoding.UTF8.GetString(Convert.FromBase64String(written));
        var asked = JsonNode.Parse(payload)!["parameters"]!["weights"]!.GetValue<string>();
        return ByteString.CopyFromUtf8(statement.ToStringUtf8().Replace(written, Convert.ToBase64String(Encoding.UTF8.GetBytes(payload.Replace(asked, weights, StringComparison.Ordinal))), StringComparison.Ordinal));
    }

    private static long[] Encoded(Desk desk, Course course, Question question)
    {
        var schema = desk.Network.Agreement.Study.Schema;
        using var data = SiteData.Open(DataMapping.Direct(desk.World.Path("cedar.csv"), schema), schema);
        var sums = course.PlanOf(question).Sums;
        var vector = new long[sums.VectorLength];
        sums.Encode(data.Select(CohortExpression.Parse("", schema, [])!), vector);
        return vector;
    }
}
