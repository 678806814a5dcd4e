using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.Tests.World;
using Microsoft.Extensions.Logging.Abstractions;

namespace Consilience.KeyHolder.Tests;

/// <summary>Replays into other runs and studies, and terms changed between the parties.</summary>
public sealed class TermsThatWereChanged
{
    [Fact]
    public async Task Contributions_replayed_into_another_run_are_refused()
    {
        await using var attacked = await Attacked.StartAsync();
        var world = attacked.World;
        var earlier = world.ContributeAll(attacked.Agreement, world.Sign(world.Noised(attacked.Agreement)));
        var roll = world.RollOf(world.Sign(world.Noised(attacked.Agreement)), earlier);
        await attacked.OnlyTheTwinOpensAsync(roll, RefusalCode.RollInvalid);
    }

    [Fact]
    public async Task A_seed_replayed_under_a_fresh_statement_of_its_own_site_does_not_open()
    {
        await using var attacked = await Attacked.StartAsync();
        var world = attacked.World;
        var all = world.ContributeAll(attacked.Agreement, world.Sign(world.Noised(attacked.Agreement)));
        var request = world.Sign(world.Noised(attacked.Agreement));

        // The colluding site signs the old seeds anew: the statement is right, and the envelopes inside are bound to another run.
        var replayed = all.Select(c => c with
        {
            Signed = Signed<ContributionStatement>.By(
                world.KeysOf(c.Signed.Statement.Site.ToString()).Signing,
                c.Signed.Statement with { Run = request.Statement.Run, Request = request.Digest }),
        }).ToList();
        var answer = await attacked.Hub.AskAsync(world.RollOf(request, replayed));
        Assert.Equal(RefusalCode.EnvelopeInvalid, answer.Refusal!.Code);
    }

    [Fact]
    public async Task A_roll_of_another_request_under_the_same_run_id_is_refused()
    {
        await using var attacked = await Attacked.StartAsync();
        var world = attacked.World;
        var shown = world.Sign(world.Noised(attacked.Agreement));
        var switched = world.Sign(shown.Statement with { Precision = Precision.Exact, Epsilon = null, Noise = null });
        var contributions = world.ContributeAll(attacked.Agreement, shown);

        // The sites answered the noised question; the key holder is shown the exact one.
        await attacked.OnlyTheTwinOpensAsync(world.RollOf(switched, contributions), RefusalCode.RollInvalid);
    }

    [Fact]
    public async Task Weaker_noise_than_agreed_is_refused_even_when_the_researcher_signs_it()
    {
        await using var attacked = await Attacked.StartAsync();
        var world = attacked.World;
        var request = world.Sign(world.Noised(attacked.Agreement, "100"));
        await attacked.OnlyTheTwinOpensAsync(world.RollOf(request, world.ContributeAll(attacked.Agreement, request)), RefusalCode.NoiseMismatch);
    }

    [Fact]
    public async Task A_request_the_hub_signed_itself_is_refused()
    {
        await using var attacked = await Attacked.StartAsync();
        var world = attacked.World;
        var request = world.Sign(world.Exact(attacked.Agreement), signer: "harbour");
        await attacked.OnlyTheTwinOpensAsync(world.RollOf(request, world.ContributeAll(attacked.Agreement, request)), RefusalCode.SignatureInvalid);
    }

    [Fact]
    public async Task A_recipient_that_the_study_does_not_name_is_refused()
    {
        await using var attacked = await Attacked.StartAsync();
        var world = attacked.World;
        var eve = RunPlan.Fingerprint(world.KeysOf("eve").Sealing.PublicKey);
        var request = world.Sign(world.Exact(attacked.Agreement) with { Recipients = [new RecipientBinding(Consortia.Researcher, eve)] });
        var roll = world.RollOf(request, world.ContributeAll(attacked.Agreement, request));
        await attacked.OnlyTheTwinOpensAsync(roll, RefusalCode.RecipientNotAgreed);
        Assert.NotNull(world.ReadShare(request, roll, "aster", await attacked.Twin.AskAsync(roll), recipient: "eve"));
    }

    [Fact]
    public async Task A_key_holders_key_that_was_exchanged_in_the_request_is_refused()
    {
        await using var attacked = await Attacked.StartAsync();
        var world = attacked.World;
        var terms = world.Exact(attacked.Agreement);
        var request = world.Sign(terms with { KeyHolders = [terms.KeyHolders[0], terms.KeyHolders[1] with { SealingKey = RunPlan.Fingerprint(world.KeysOf("eve").Sealing.PublicKey) }] });
        await attacked.OnlyTheTwinOpensAsync(world.RollOf(request, world.ContributeAll(attacked.Agreement, request)), RefusalCode.KeyHolderMismatch);
    }

    [Fact]
    public async Task A_study_this_key_holder_never_signed_opens_nothing()
    {
        await using var attacked = await Attacked.StartAsync();
        var world = attacked.World;
        var other = world.Agree(world.Propose(Consortia.StudyText.Replace("study: tumours", "study: others", StringComparison.Ordinal)));
        var request = world.Sign(world.Noised(other));
        await attacked.OnlyTheTwinOpensAsync(world.RollOf(request, world.ContributeAll(other, request)), RefusalCode.AgreementUnknown);
    }

    [Fact]
    public async Task A_study_that_one_party_has_not_signed_opens_nothing()
    {
        using var world = new Consortia();
        using var host = new KeyHolderHost(world.PartyOf("aster", NodeRole.KeyHolder), world.Path("k.db"), null, world.Clock, NullLogger.Instance);
        await using var hub = new HubEnd(host.ServeAsync, world.KeysOf("aster").Signing.Public);
        var proposal = world.Propose();
        await hub.ProposeAsync(proposal);
        var whole = world.Agree(proposal);

        // The same document with cedar's decision left out.
        var text = System.Text.Json.Nodes.JsonNode.Parse(whole.ToBytes())!;
        text["decisions"]!.AsArray().RemoveAt(2);
        await hub.SendAsync(new Protocol.Wire.HubFrame { Agreement = Google.Protobuf.ByteString.CopyFromUtf8(text.ToJsonString()) });
        var request = world.Sign(world.Noised(whole));
        var roll = world.RollOf(request, world.ContributeAll(whole, request));
        Assert.Equal(RefusalCode.AgreementUnknown, (await hub.AskAsync(roll)).Refusal!.Code);
        await hub.SendAsync(new Protocol.Wire.HubFrame { Agreement = Google.Protobuf.ByteString.CopyFrom(whole.ToBytes()) });
        Assert.True((await hub.AskAsync(roll)).Gave);
    }

    [Fact]
    public async Task An_expired_request_opens_nothing()
    {
        await using var attacked = await Attacked.StartAsync();
        var world = attacked.World;
        var request = world.Sign(world.Noised(attacked.Agreement));
        var roll = world.RollOf(request, world.ContributeAll(attacked.Agreement, request));
        world.Clock.Now += TimeSpan.FromDays(2);
        await attacked.OnlyTheTwinOpensAsync(roll, RefusalCode.RequestExpired);
    }
}
