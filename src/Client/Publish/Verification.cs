using System.Text.Json;
using Consilience.Analyses;
using Consilience.Analyses.Disclosure;
using Consilience.FederatedLearning;
using Consilience.Protocol.Agreements;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.SecureAggregation;

namespace Consilience.Client.Publish;

/// <summary>One thing that was checked.</summary>
public sealed record VerificationStep(string What, bool Holds, string Detail);

/// <summary>
/// Checks a result's evidence from its signed statements alone, and computes the result again. The same code runs before a researcher is shown a result and when anyone
/// verifies its receipt later. Steps stop at the first that fails, because later ones build on it.
/// </summary>
public sealed class Verification
{
    private readonly List<VerificationStep> steps = [];
    private readonly ReceiptStatement evidence;
    private readonly string? folder;

    private Verification(ReceiptStatement evidence, string? folder) => (this.evidence, this.folder) = (evidence, folder);

    public IReadOnlyList<VerificationStep> Steps => steps;

    public bool Holds => steps.All(s => s.Holds);

    /// <summary>The result computed anew; null when a step failed.</summary>
    public AnalysisResult? Recomputed { get; private set; }

    /// <summary>The counters as opened, and recovered where they were factorised; empty when a step failed.</summary>
    public ReadOnlyMemory<long> Total { get; private set; }

    /// <summary>Verifies a receipt with nothing but the consortium file.</summary>
    /// <param name="receipt">Its bytes.</param>
    /// <param name="consortia">Whose signatures count.</param>
    /// <param name="folder">Where it lies, for evidence beside it; null where it lies nowhere.</param>
    public static Verification OfReceipt(ReadOnlySpan<byte> receipt, ConsortiumFile consortia, string? folder = null)
    {
        ArgumentNullException.ThrowIfNull(consortia);
        var peeked = Signed<ReceiptStatement>.PeekUnverified(receipt);
        if (peeked is null)
        {
            var none = new Verification(null!, null);
            none.Step("receipt", false, "not a receipt (expected a file that consilience wrote)");
            return none;
        }

        var verification = new Verification(peeked, folder);
        if (!verification.Check(consortia, out var plan))
            return verification;
        var researcher = plan.Agreement.Proposal.FindResearcher(plan.Request.Statement.Researcher)!;
        if (!verification.Step("receipt", Signed<ReceiptStatement>.TryOpen(receipt, researcher.SigningKey, out _), $"signed by researcher {researcher.Name} of {researcher.Organisation}"))
            return verification;
        var shown = JsonSerializer.SerializeToUtf8Bytes(new ResultDocument([peeked.Result with { Receipt = null }]), ResultJson.Default.ResultDocument);
        var again = JsonSerializer.SerializeToUtf8Bytes(new ResultDocument([verification.Recomputed!]), ResultJson.Default.ResultDocument);
        verification.Step("result", shown.AsSpan().SequenceEqual(again), "every figure computed again from masked sum and shares is the one shown");
        return verification;
    }

    /// <summary>Verifies what just arrived from the hub and computes the result.</summary>
    internal static Verification OfEvidence(ReceiptStatement evidence, ConsortiumFile consortia, string? folder)
    {
        var verification = new Verification(evidence, folder);
        verification.Check(consortia, out _);
        return verification;
    }

    private bool Check(ConsortiumFile consortia, out RunPlan plan)
    {
        plan = null!;
        if (!Step("agreement", Agreement.TryOpen(evidence.Agreement, consortia, out var agreement, out var reason), reason ?? $"{agreement!.Digest.Short} signed by every site and key holder"))
            return false;
        var issued = Signed<RequestStatement>.PeekUnverified(evidence.Request)?.IssuedAt ?? default;
        var (planned, refusal) = RunPlan.Decide(agreement!, evidence.Request, issued);
        if (!Step("request", planned is not null, refusal?.Message ?? $"signed by researcher {planned!.Request.Statement.Researcher}, within the agreement"))
            return false;
        plan = planned!;
        if (!CheckRoll(plan, out var roll) || !CheckContributions(plan, roll) || !CheckRefusals(plan, roll))
            return false;
        if (!CheckShares(plan, roll, out var commitments) || !CheckMethod(plan, out var finished) || Unseal(plan, roll, commitments) is not { } opened)
            return false;
        var total = plan.Noise?.Factorisation?.Recover(opened) ?? opened;
        Total = total;
        Recomputed = Finish(plan, finished, roll, total);
        return true;
    }

    private bool CheckRoll(RunPlan plan, out Signed<RollStatement> roll)
    {
        var hub = plan.Agreement.Consortium.Hub;
        if (!Step("roll", Signed<RollStatement>.TryOpen(evidence.Roll, hub.SigningKey, out roll!), $"signed by hub {hub.Id}"))
            return false;
        var terms = plan.Request.Statement;
        var listed = roll.Statement;
        var sites = listed.Sites.Select(s => s.Site).ToList();
        var belongs = listed.Run == terms.Run && listed.Round == terms.Round && listed.Request == plan.Request.Digest;
        return Step("roll", belongs, "made for this request")
            && Step("sites", sites.Distinct().Count() == sites.Count && sites.All(plan.Sites.Contains), $"{string.Join(", ", sites)}: each of those asked, none twice")
            && Step("minimum of sites", sites.Count >= plan.MinimumSites, $"{sites.Count} in the sum, {plan.MinimumSites} agreed");
    }

    private bool CheckContributions(RunPlan plan, Signed<RollStatement> roll)
    {
        if (!Step("contributions", evidence.Contributions.Count == roll.Statement.Sites.Count, "one for each site on the roll"))
            return false;
        foreach (var (entry, envelope) in roll.Statement.Sites.Zip(evidence.Contributions))
        {
            var key = plan.Agreement.Consortium.Find(entry.Site)!.SigningKey;
            var holds = Signed<ContributionStatement>.TryOpen(envelope, key, out var contribution)
                && contribution.Digest == entry.Contribution
                && contribution.Statement.Site == entry.Site
                && contribution.Statement.Request == plan.Request.Digest
                && contribution.Statement.VectorLength == plan.Method.Sums.VectorLength;
            if (!Step("contribution", holds, $"signed by site {entry.Site} for this request, and the one on the roll"))
                return false;
        }

        return true;
    }

    private bool CheckRefusals(RunPlan plan, Signed<RollStatement> roll)
    {
        var onRoll = roll.Statement.Sites.Select(s => s.Site).ToHashSet();
        List<OrganisationId> accounted = [.. onRoll, .. evidence.Absent];
        foreach (var envelope in evidence.Refusals)
        {
            var party = Signed<RefusalStatement>.PeekUnverified(envelope)?.Party;
            var member = party is null ? null : plan.Agreement.Consortium.Find(party);

            // The hub signs in a site's name only that it turned the site's answer away; it can do no more than leave a site out, which it could anyway.
            var signed = member is not null && (Signed<RefusalStatement>.TryOpen(envelope, member.SigningKey, out var refusal)
                || Signed<RefusalStatement>.TryOpen(envelope, plan.Agreement.Consortium.Hub.SigningKey, out refusal))
                && refusal.Statement.Request == plan.Request.Digest && !onRoll.Contains(party!);
            if (!Step("refusal", signed, $"signed by {party}, or by the hub about it, for this request"))
                return false;
            accounted.Add(party!);
        }

        return Step("every site", accounted.Count == plan.Sites.Count && accounted.ToHashSet().SetEquals(plan.Sites),
            "that was asked either in the sum, or refused, or absent");
    }

    private bool CheckShares(RunPlan plan, Signed<RollStatement> roll, out List<Digest> commitments)
    {
        commitments = [];
        var keyHolders = plan.Agreement.Study.KeyHolders;
        if (!Step("shares", evidence.Shares.Count == keyHolders.Count, $"one from each of {keyHolders.Count} key holders"))
            return false;
        foreach (var (keyHolder, share) in keyHolders.Zip(evidence.Shares))
        {
            var key = plan.Agreement.Consortium.Find(keyHolder)!.SigningKey;
            if (!Step("share", Signed<ShareStatement>.TryOpen(share.Statement, key, out var signed), $"signed by key holder {keyHolder}"))
                return false;
            var says = signed!.Statement;
            var belongs = says.KeyHolder == keyHolder && says.Request == plan.Request.Digest && says.Roll == roll.Digest && says.VectorLength == plan.Method.Sums.VectorLength;
            var noise = says.Noise == (plan.Noise?.Mechanism.Name ?? "none") && says.Scale == plan.Noise?.Mechanism.Parameter.ToString();
            if (!Step("share", belongs, $"of {keyHolder}: made for this roll") || !Step("noise", noise, $"of {keyHolder}: {says.Noise}{(says.Scale is null ? "" : $", scale {says.Scale}")}, as agreed"))
                return false;
            commitments.Add(says.Commitment);
        }

        return true;
    }

    /// <summary>The opened counters; null unless they come from the masked sum that the hub signed and the shares that the key holders committed to.</summary>
    private long[]? Unseal(RunPlan plan, Signed<RollStatement> roll, List<Digest> commitments)
    {
        var (opened, objection) = RunEvidence.Open(evidence, plan.Request.Statement.Run, plan.Ring.SizeOf(plan.VectorLength), folder);
        if (!Step("evidence", opened is not null, objection ?? $"masked sum and shares, {opened!.Words}"))
            return null;
        using var vectors = opened;
        var unsealed = SealedSums.Unseal(plan.Ring, plan.VectorLength, vectors!.MaskedSum, [.. evidence.Shares.Zip(vectors.Shares, (share, bytes) => new SaltedShare(share.Salt, bytes))]);
        if (!Step("masked sum", Digest.FromHash(unsealed.MaskedSum) == roll.Statement.MaskedSum, "the one the hub signed"))
            return null;
        foreach (var ((keyHolder, made), committed) in plan.Agreement.Study.KeyHolders.Zip(unsealed.Commitments).Zip(commitments))
        {
            if (!Step("share", Digest.FromHash(made) == committed, $"of {keyHolder}: the one committed to"))
                return null;
        }

        return unsealed.Total;
    }

    /// <summary>Another method than the request's may be made of its sums, where it reads the same ones and the agreement permits it.</summary>
    private bool CheckMethod(RunPlan plan, out MethodPlan method)
    {
        var study = plan.Agreement.Study;
        var named = evidence.Result.Method;
        method = (study.Methods.Contains(named) ? KnownMethods.Find(named) : null)?.Plan(evidence.Result.Parameters, study.Schema, [])!;
        return Step("method", method is not null && method.Sums.Canonical == plan.Method.Sums.Canonical && (plan.Noise is null || method.ObjectionToNoise is null),
            "permitted by the agreement, and made of the sums that the request asked for");
    }

    private AnalysisResult Finish(RunPlan plan, MethodPlan method, Signed<RollStatement> roll, long[] total)
    {
        var keyHolders = plan.Agreement.Study.KeyHolders;
        var noise = plan.Noise is null ? NoiseModel.None : NoiseModel.Of(plan.Noise);
        var finished = method.Finish(total, noise, plan.Agreement.Study.Disclosure);
        var refused = evidence.Refusals.Select(r => Signed<RefusalStatement>.PeekUnverified(r)!).Select(r => new SiteRefusal(r.Party, r.Code, r.Message));
        return new AnalysisResult
        {
            Name = evidence.Result.Name,
            Method = evidence.Result.Method,
            Parameters = evidence.Result.Parameters,
            Precision = plan.Precision,
            Epsilon = plan.Noise?.Epsilon?.ToString(),
            Rho = plan.Noise is null ? null : plan.Charge.ToString(),
            Run = plan.Request.Statement.Run,
            Agreement = plan.Agreement.Digest,
            Study = plan.Agreement.Study.Id.ToString(),
            Cohort = plan.Cohort.Canonical,
            Sites = new SiteParticipation([.. roll.Statement.Sites.Select(s => s.Site)], evidence.Absent, [.. refused]),
            KeyHolders = keyHolders,
            Privacy = PrivacyInWords.Of(plan),
            PrivacyUnit = plan.Noise is null ? null : plan.Agreement.Study.Unit.ToString(),
            Noise = plan.Noise?.Name,
            Disclosure = plan.Agreement.Study.Disclosure.Names,
            Groups = [.. finished.Groups.Select(g => Asked(g, plan))],
            Tables = finished.Tables,
        };
    }

    /// <summary>A group whose code the cohort leaves out was not asked about, whatever noise stands in its counter.</summary>
    private static ResultGroup Asked(ResultGroup group, RunPlan plan) =>
        group.Key.Any(k => plan.Cohort.Excludes(k.Key, k.Value)) ? new ResultGroup { Key = group.Key, Answer = AnswerKind.NotAsked, Curve = group.Curve is null ? null : [] } : group;

    private bool Step(string what, bool holds, string detail)
    {
        steps.Add(new VerificationStep(what, holds, detail));
        return holds;
    }
}
