using Consilience.Hub.Tests.World;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Wire;
using Consilience.Tests.World;
using Google.Protobuf;

namespace Consilience.Hub.Tests;

/// <summary>What a researcher may not ask of the real hub, and what nobody may propose.</summary>
public sealed class RequestsThatAreTurnedAway
{
    [Fact]
    public async Task Another_request_under_a_used_run_id()
    {
        await using var network = await StartAsync();
        var request = network.Request();
        Assert.True((await network.SubmitAsync(request)).IsOpened);
        var other = network.World.Sign(request.Statement with { Cohort = "age >= 11" });
        Assert.Equal("run-already-used", (await network.SubmitAsync(other)).Failed.Code);
    }

    [Fact]
    public async Task The_same_request_again_follows_the_same_run()
    {
        await using var network = await StartAsync();
        var request = network.Request();
        var (first, second) = (await network.SubmitAsync(request), await network.SubmitAsync(request));
        Assert.Equal(first.Opening, second.Opening);
        Assert.Equal(first.Bytes(first.Opening.MaskedSumTransfer), second.Bytes(second.Opening.MaskedSumTransfer));
    }

    [Fact]
    public async Task A_request_another_researcher_signed()
    {
        await using var network = await StartAsync();
        Assert.Equal("researcher-unknown", (await network.SubmitAsync(network.Request(), "bo")).Failed.Code);
        var opened = network.Request();
        Assert.True((await network.SubmitAsync(opened)).IsOpened);
        Assert.Equal("researcher-unknown", (await network.SubmitAsync(opened, "bo")).Failed.Code);
    }

    [Fact]
    public async Task A_request_under_an_agreement_that_is_not_in_force()
    {
        await using var network = await StartAsync();
        var elsewhere = Digest.Of([1]);
        Assert.Equal("agreement-unknown", (await network.SubmitAsync(network.Request(r => r with { Agreement = elsewhere }))).Failed.Code);
    }

    [Fact]
    public async Task A_request_that_has_lapsed()
    {
        await using var network = await StartAsync();
        var request = network.Request();
        network.World.Clock.Now = request.Statement.ExpiresAt.AddSeconds(1);
        Assert.Equal("request-expired", (await network.SubmitAsync(request)).Failed.Code);
    }

    [Fact]
    public async Task A_vector_larger_than_the_hub_takes()
    {
        await using var network = await StartAsync(new HubLimits { LargestVector = 8 });
        var failed = (await network.SubmitAsync(network.Request())).Failed;
        Assert.Equal("request-invalid", failed.Code);
        Assert.Contains("at most 8 bytes at this hub", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_runs_than_the_hub_keeps_under_way()
    {
        await using var network = await StartAsync(new HubLimits { RunsUnderWay = 0 });
        Assert.Contains("0 runs are under way", (await network.SubmitAsync(network.Request())).Failed.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("not a request at all")]
    public async Task What_is_no_signed_request(string text)
    {
        await using var network = await StartAsync();
        var frames = new List<RunFrame>();
        await foreach (var frame in network.Hub.SubmitAsync(WholeNetwork.Researcher("ada"), new SubmitRequest { Statement = ByteString.CopyFromUtf8(text) }, default))
            frames.Add(frame);
        Assert.Equal("request-invalid", Assert.Single(frames).Failed.Code);
    }

    [Fact]
    public async Task A_proposal_sent_by_another_than_its_signer()
    {
        await using var network = await StartAsync();
        var proposal = new ProposeRequest { Proposal = ByteString.CopyFrom(network.World.Propose().Envelope) };
        Assert.Contains("expected its own proposer", Assert.Throws<HubRefusedException>(() => network.Hub.Propose(WholeNetwork.Researcher("bo"), proposal)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_study_is_listed_to_those_who_take_part_in_it_alone()
    {
        await using var network = await StartAsync();
        NodeIdentity Of(string organisation, NodeRole role, string name) => new(Consortia.Id(organisation), role, name);
        Assert.Single(network.Hub.ListStudies(Of("aster", NodeRole.Researcher, "ada")).Studies);
        Assert.Single(network.Hub.ListStudies(Of("cedar", NodeRole.Site, "cedar")).Studies);
        Assert.Empty(network.Hub.ListStudies(Of("aster", NodeRole.Researcher, "eve")).Studies);
        Assert.Empty(network.Hub.ListStudies(Of("dogwood", NodeRole.Site, "dogwood")).Studies);
    }

    private static async Task<WholeNetwork> StartAsync(HubLimits? limits = null)
    {
        var network = WholeNetwork.Start(limits, sites: WholeNetwork.ThreeSites);
        await network.AgreeAsync();
        return network;
    }
}
