using Consilience.Protocol.Agreements;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Wire;
using Consilience.SecureAggregation.Masking;
using Consilience.Tests.World;
using Google.Protobuf;

namespace Consilience.Site.Tests;

/// <summary>
/// What a site answers and what it refuses. The broken twin is a site that masks its counts for whoever asks: <see cref="Rolls.Contribute"/>, without agreement, policy or ledger.
/// </summary>
public sealed class WhatASiteAnswers
{
    [Theory]
    [InlineData("", 2, 3)]
    [InlineData("age >= 50", 0, 3)]
    public async Task The_masked_vector_holds_the_counts_for_the_agreed_key_holders_together(string cohort, long early, long late)
    {
        await using var asked = await Asked.StartAsync();
        var request = asked.World.Sign(asked.World.Exact(asked.Agreement) with { Cohort = cohort });
        var answer = await asked.Hub.AskAsync(request);
        Assert.Equal([early, late], Unmask(asked, request, answer, "aster", "birch"));
        Assert.NotEqual([early, late], Unmask(asked, request, answer, "aster"));
        Assert.NotEqual([early, late], Unmask(asked, request, answer));
    }

    [Fact]
    public async Task An_exact_answer_is_recorded_and_costs_nothing()
    {
        await using var asked = await Asked.StartAsync();
        Assert.True((await asked.Hub.AskAsync(asked.World.Sign(asked.World.Exact(asked.Agreement)))).Gave);
        Assert.All(asked.Host.Ledger.Entries(), e => Assert.Equal(0, e.Charge));
        Assert.Equal(2, asked.Host.Ledger.Entries().Count);
    }

    /// <summary>Where nobody grants exact precision there is no minimum of persons, and none is needed.</summary>
    [Fact]
    public async Task A_study_of_noised_answers_alone_is_answered()
    {
        static string Noised(string text) => string.Join('\n', text.Split('\n').Where(l => !l.Contains("exact:", StringComparison.Ordinal)));
        await using var asked = await Asked.StartAsync(policy: Noised, study: Noised(Consortia.StudyText));
        Assert.True((await asked.Hub.AskAsync(asked.World.Sign(asked.World.Noised(asked.Agreement)))).Gave);
        Assert.Equal(RefusalCode.PrecisionNotPermitted, (await asked.Hub.AskAsync(asked.World.Sign(asked.World.Exact(asked.Agreement)))).Refusal!.Code);
    }

    [Fact]
    public async Task A_site_that_is_not_asked_does_not_answer()
    {
        await using var asked = await Asked.StartAsync();
        RequestStatement Of(params string[] sites) => asked.World.Noised(asked.Agreement) with { Sites = [.. sites.Select(Consortia.Id)] };
        Assert.Equal(RefusalCode.RequestInvalid, (await asked.Hub.AskAsync(asked.World.Sign(Of("aster", "birch")))).Refusal!.Code);
        Assert.Empty(asked.Host.Ledger.Entries());
        Assert.True((await asked.Hub.AskAsync(asked.World.Sign(Of("birch", "cedar")))).Gave);
    }

    [Fact]
    public async Task At_exact_precision_a_cohort_below_the_minimum_is_refused()
    {
        await using var asked = await Asked.StartAsync();
        await OnlyTheTwinAnswersAsync(asked, asked.World.Sign(asked.World.Exact(asked.Agreement) with { Cohort = "age >= 60" }), RefusalCode.TooFewPersons);
    }

    [Theory]
    [InlineData("age >= 60")]
    [InlineData("age >= 150")]
    public async Task At_noised_precision_no_threshold_acts_on_the_truth(string cohort)
    {
        await using var asked = await Asked.StartAsync();
        Assert.True((await asked.Hub.AskAsync(asked.World.Sign(asked.World.Noised(asked.Agreement) with { Cohort = cohort }))).Gave);
    }

    [Fact]
    public async Task Questions_add_up_until_the_budget_is_spent_and_exact_ones_go_on()
    {
        await using var asked = await Asked.StartAsync();
        for (var i = 0; i < 4; i++)
            Assert.True((await asked.Hub.AskAsync(asked.World.Sign(asked.World.Noised(asked.Agreement) with { Again = true }))).Gave);
        await OnlyTheTwinAnswersAsync(asked, asked.World.Sign(asked.World.Noised(asked.Agreement) with { Again = true }), RefusalCode.BudgetSpent);
        Assert.True((await asked.Hub.AskAsync(asked.World.Sign(asked.World.Exact(asked.Agreement)))).Gave);
        Assert.Equal(2_000_000_000, asked.Host.Ledger.Spent(asked.Agreement.Digest).Amount);
    }

    [Fact]
    public async Task A_request_that_its_researcher_did_not_sign_is_refused()
    {
        await using var asked = await Asked.StartAsync();
        await OnlyTheTwinAnswersAsync(asked, asked.World.Sign(asked.World.Noised(asked.Agreement), signer: "harbour"), RefusalCode.SignatureInvalid);
    }

    [Fact]
    public async Task A_request_outside_the_agreements_terms_is_refused()
    {
        await using var asked = await Asked.StartAsync();
        var eve = RunPlan.Fingerprint(asked.World.KeysOf("eve").Sealing.PublicKey);
        var terms = asked.World.Noised(asked.Agreement);
        await OnlyTheTwinAnswersAsync(asked, asked.World.Sign(asked.World.Noised(asked.Agreement, "2")), RefusalCode.NoiseMismatch);
        await OnlyTheTwinAnswersAsync(asked, asked.World.Sign(terms with { Method = "kaplan-meier" }), RefusalCode.MethodNotPermitted);
        await OnlyTheTwinAnswersAsync(asked, asked.World.Sign(terms with { Recipients = [new RecipientBinding(Consortia.Researcher, eve)] }), RefusalCode.RecipientNotAgreed);
        await OnlyTheTwinAnswersAsync(asked, asked.World.Sign(terms with { KeyHolders = [terms.KeyHolders[0] with { SealingKey = eve }, terms.KeyHolders[1]] }), RefusalCode.KeyHolderMismatch);
        await OnlyTheTwinAnswersAsync(asked, asked.World.Sign(terms with { KeyHolders = [terms.KeyHolders[0]] }), RefusalCode.KeyHolderMismatch);
        Assert.Empty(asked.Host.Ledger.Entries());
    }

    [Fact]
    public async Task A_study_that_everyone_signed_except_this_site_by_its_own_decision_is_not_run()
    {
        await using var asked = await Asked.StartAsync();
        var other = asked.World.Agree(asked.World.Propose(Consortia.StudyText.Replace("study: tumours", "study: others", StringComparison.Ordinal)));

        // Every signature is genuine, cedar's key included; this site's own record knows no such decision.
        await asked.Hub.SendAsync(new HubFrame { Agreement = ByteString.CopyFrom(other.ToBytes()) });
        await OnlyTheTwinAnswersAsync(asked, asked.World.Sign(asked.World.Noised(other)), RefusalCode.AgreementUnknown, other);
    }

    [Fact]
    public async Task Signatures_moved_to_another_text_put_nothing_in_force()
    {
        await using var asked = await Asked.StartAsync();
        var wider = asked.World.Propose(Consortia.StudyText.Replace("minimumSites: 2", "minimumSites: 1", StringComparison.Ordinal));
        var text = System.Text.Json.Nodes.JsonNode.Parse(asked.Agreement.ToBytes())!;
        text["proposal"] = Convert.ToBase64String(wider.Envelope);
        await asked.Hub.SendAsync(new HubFrame { Agreement = ByteString.CopyFromUtf8(text.ToJsonString()) });
        var signedElsewhere = asked.World.Agree(wider);
        await OnlyTheTwinAnswersAsync(asked, asked.World.Sign(asked.World.Noised(signedElsewhere)), RefusalCode.AgreementUnknown, signedElsewhere);
    }

    [Theory]
    [InlineData("maximumEpsilon: 1, budget: 2", "maximumEpsilon: 1/2, budget: 2", false)]
    [InlineData("exact: {minimumSites: 3, minimumPersons: 3}\n", "", true)]
    public async Task A_policy_made_stricter_later_holds_for_requests_of_studies_already_signed(string granted, string stricter, bool exact)
    {
        using var world = new Consortia();
        System.IO.File.WriteAllText(world.Path("rows.csv"), Asked.FivePersons);
        var agreement = world.Agree();
        Signed<RequestStatement> Ask() => world.Sign(exact ? world.Exact(agreement) : world.Noised(agreement));
        using (var host = Asked.HostOn(world, world.Path("site.db")))
        await using (var hub = new HubEnd(host.ServeAsync, world.KeysOf("cedar").Signing.Public))
        {
            await hub.AgreeAsync(agreement);
            Assert.True((await hub.AskAsync(Ask())).Gave);
        }

        using var later = Asked.HostOn(world, world.Path("site.db"), policy: p => p.Replace(granted, stricter, StringComparison.Ordinal));
        await using var link = new HubEnd(later.ServeAsync, world.KeysOf("cedar").Signing.Public);
        Assert.Equal(RefusalCode.PolicyForbids, (await link.AskAsync(Ask())).Refusal!.Code);
    }

    /// <summary>The real site refuses, signed, with this code, and charges nothing; the twin hands a masked vector out.</summary>
    private static async Task OnlyTheTwinAnswersAsync(Asked asked, Signed<RequestStatement> request, RefusalCode code, Agreement? agreement = null)
    {
        var spent = asked.Host.Ledger.Entries().Count;
        var answer = await asked.Hub.AskAsync(request);
        Assert.False(answer.Gave);
        Assert.Equal(code, answer.Refusal!.Code);
        Assert.Equal(request.Digest, answer.Refusal.Request);
        Assert.Equal(spent, asked.Host.Ledger.Entries().Count);
        Assert.NotEmpty(asked.World.Contribute(agreement ?? asked.Agreement, request, "cedar", [2, 3]).Masked);
    }

    /// <summary>What the key holders named here could read together.</summary>
    private static long[] Unmask(Asked asked, Signed<RequestStatement> request, PartyAnswer answer, params string[] keyHolders)
    {
        Assert.True(Signed<ContributionStatement>.TryOpen(answer.Statement, asked.World.KeysOf("cedar").Signing.Public, out var contribution));
        Assert.Equal(contribution.Statement.MaskedVector, Digest.Of(answer.Bytes));
        var shares = keyHolders.Select(id =>
        {
            var context = RunContexts.Mask(request, Consortia.Id("cedar"), Consortia.Id(id));
            var envelope = contribution.Statement.Seeds.Single(s => s.KeyHolder.ToString() == id).Envelope;
            return WholeVectors.OpenShare([(context, MaskSeed.Open(asked.World.KeysOf(id).Sealing, context, envelope)!)], Ring.Bits64, new long[Questions.Length]);
        });
        return WholeVectors.Unseal(Ring.Bits64, answer.Bytes!, shares);
    }
}
