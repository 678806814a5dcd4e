using Consilience.Protocol.Agreements;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Wire;
using Consilience.Tests.World;
using Google.Protobuf;
using StudyState = Consilience.KeyHolder.Studies.StudyState;

namespace Consilience.Site.Tests;

/// <summary>A study is signed by the policy or by a person, once, and every reason is said.</summary>
public sealed class DecidingStudies
{
    private static readonly Func<string, string> ByHand = p => p.Replace("decide: automatic", "decide: by-hand", StringComparison.Ordinal);

    [Fact]
    public async Task A_study_within_the_policy_is_signed_and_the_decision_repeated_byte_for_byte()
    {
        await using var asked = await Asked.StartAsync();
        var first = await asked.Hub.ProposeAsync(asked.Agreement.Proposal);
        Assert.True(Agreement.ReadDecision(first, asked.Agreement.Proposal)!.Agrees);
        Assert.Equal(first, await asked.Hub.ProposeAsync(asked.Agreement.Proposal));
    }

    [Fact]
    public async Task A_study_outside_the_policy_is_refused_with_every_reason_and_never_runs()
    {
        using var world = new Consortia();
        using var host = Asked.HostOn(world, world.Path("site.db"), policy: p => p
            .Replace("DUO:0000007", "DUO:0000042", StringComparison.Ordinal).Replace("maximumEpsilon: 1,", "maximumEpsilon: 0.1,", StringComparison.Ordinal));
        await using var hub = new HubEnd(host.ServeAsync, world.KeysOf("cedar").Signing.Public);
        var agreement = world.Agree();
        var decision = Agreement.ReadDecision(await hub.ProposeAsync(agreement.Proposal), agreement.Proposal)!;
        Assert.False(decision.Agrees);
        Assert.Equal(2, decision.Reasons.Count);

        // Not even a document with every signature, as a stolen key would make it, overrules the site's own record.
        await hub.SendAsync(new HubFrame { Agreement = ByteString.CopyFrom(agreement.ToBytes()) });
        Assert.Equal(RefusalCode.AgreementUnknown, (await hub.AskAsync(world.Sign(world.Noised(agreement)))).Refusal!.Code);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_person_decides_in_another_program_and_the_running_site_sends_it(bool agrees)
    {
        using var world = new Consortia();
        System.IO.File.WriteAllText(world.Path("rows.csv"), Asked.FivePersons);
        using var host = Asked.HostOn(world, world.Path("site.db"), policy: ByHand);
        await using var hub = new HubEnd(host.ServeAsync, world.KeysOf("cedar").Signing.Public);
        var agreement = world.Agree();
        await hub.SendAsync(new HubFrame { Proposal = new StudyProposal { Proposal = ByteString.CopyFrom(agreement.Proposal.Envelope) } });
        await WaitUntilKnownAsync(host);
        Assert.Equal(StudyState.Waiting, host.Studies.All()[0].State);

        using (var operatorsProgram = Asked.HostOn(world, world.Path("site.db"), policy: ByHand))
        {
            operatorsProgram.Studies.DecideByHand(agreement.Digest, agrees, "read and discussed");
            Assert.Throws<KeyHolder.Studies.StudyDecisionException>(() => operatorsProgram.Studies.DecideByHand(agreement.Digest, !agrees, "changed my mind"));
        }

        var decision = Agreement.ReadDecision((await hub.NextAsync()).Decision.Span, agreement.Proposal)!;
        Assert.Equal(agrees, decision.Agrees);
        Assert.Contains("read and discussed", decision.Reasons[0], StringComparison.Ordinal);
        await hub.SendAsync(new HubFrame { Agreement = ByteString.CopyFrom(agreement.ToBytes()) });
        Assert.Equal(agrees, (await hub.AskAsync(world.Sign(world.Noised(agreement)))).Gave);
    }

    [Fact]
    public async Task What_a_person_agreed_to_is_answered_though_the_policy_would_not_have_agreed()
    {
        using var world = new Consortia();
        System.IO.File.WriteAllText(world.Path("rows.csv"), Asked.FivePersons);
        Func<string, string> strict = p => ByHand(p).Replace("DUO:0000007", "DUO:0000042", StringComparison.Ordinal)
            .Replace("budget: 2", "budget: 0.1", StringComparison.Ordinal).Replace("exact: {minimumSites: 3, minimumPersons: 3}\n", "", StringComparison.Ordinal);
        using var host = Asked.HostOn(world, world.Path("site.db"), policy: strict);
        await using var hub = new HubEnd(host.ServeAsync, world.KeysOf("cedar").Signing.Public);
        var agreement = world.Agree();
        await hub.SendAsync(new HubFrame { Proposal = new StudyProposal { Proposal = ByteString.CopyFrom(agreement.Proposal.Envelope) } });
        await WaitUntilKnownAsync(host);
        host.Studies.DecideByHand(agreement.Digest, agrees: true, "the board wants it");
        await hub.NextAsync();
        await hub.SendAsync(new HubFrame { Agreement = ByteString.CopyFrom(agreement.ToBytes()) });
        Assert.True((await hub.AskAsync(world.Sign(world.Noised(agreement)))).Gave);
        Assert.True((await hub.AskAsync(world.Sign(world.Exact(agreement)))).Gave);

        // What lies outside the study itself stays refused.
        Assert.Equal(RefusalCode.NoiseMismatch, (await hub.AskAsync(world.Sign(world.Noised(agreement, "2")))).Refusal!.Code);
    }

    [Fact]
    public async Task A_proposal_that_is_not_for_this_site_or_not_signed_is_not_taken()
    {
        using var world = new Consortia();
        using var host = Asked.HostOn(world, world.Path("site.db"));
        await using var hub = new HubEnd(host.ServeAsync, world.KeysOf("cedar").Signing.Public);
        var elsewhere = world.Propose(Consortia.StudyText.Replace("sites: [aster, birch, cedar]", "sites: [aster, birch, dogwood]", StringComparison.Ordinal));
        await hub.SendAsync(new HubFrame { Proposal = new StudyProposal { Proposal = ByteString.CopyFrom(elsewhere.Envelope) } });
        var forged = Proposal.Sign(world.File.Current, Consortia.StudyText, [], Consortia.Researcher, world.KeysOf("harbour").Signing);
        await hub.SendAsync(new HubFrame { Proposal = new StudyProposal { Proposal = ByteString.CopyFrom(forged) } });

        // Frames are taken in order: once a third is answered the first two were looked at.
        await hub.ProposeAsync(world.Propose());
        Assert.Single(host.Studies.All());
    }

    private static async Task WaitUntilKnownAsync(SiteHost host)
    {
        for (var i = 0; i < 300 && host.Studies.All().Count == 0; i++)
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
    }
}
