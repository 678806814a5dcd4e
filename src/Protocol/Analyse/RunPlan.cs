using System.Numerics;
using System.Text;
using Consilience.Analyses;
using Consilience.Analyses.Cohorts;
using Consilience.Analyses.Schema;
using Consilience.Analyses.Sums;
using Consilience.DifferentialPrivacy.Accounting;
using Consilience.DifferentialPrivacy.Mechanisms;
using Consilience.FederatedLearning;
using Consilience.Protocol.Agreements;
using Consilience.Protocol.Identity;
using Consilience.SecureAggregation;
using Consilience.SecureAggregation.Masking;
using Consilience.SecureAggregation.Sealing;

namespace Consilience.Protocol.Analyse;

/// <summary>
/// A request checked against its agreement, computed anew by every party from the same signed bytes. <b>Guarantee:</b> an object of this type exists only for a request that a
/// researcher of the agreement signed and whose terms lie within it.
/// </summary>
public sealed class RunPlan
{
    /// <summary>How far apart the clocks of a researcher and a party may be.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(10);

    private RunPlan(Agreement agreement, Signed<RequestStatement> request, MethodPlan method, CohortExpression cohort, NoiseTerms? noise, IReadOnlyList<SealingPublicKey> recipients)
    {
        Agreement = agreement;
        Request = request;
        Method = method;
        Cohort = cohort;
        Noise = noise;
        Recipients = recipients;
    }

    public Agreement Agreement { get; }

    public Signed<RequestStatement> Request { get; }

    public MethodPlan Method { get; }

    /// <summary>The request's cohort within the study's.</summary>
    public CohortExpression Cohort { get; }

    /// <summary>Null at exact precision.</summary>
    public NoiseTerms? Noise { get; }

    public IReadOnlyList<SealingPublicKey> Recipients { get; }

    public Precision Precision => Request.Statement.Precision;

    /// <summary>Number of counters.</summary>
    public int VectorLength => Method.Sums.VectorLength;

    /// <summary>In which the run's vectors are masked and added.</summary>
    public Ring Ring => Ring.Of(Method.Sums.WordBits);

    /// <summary>The bytes that every site needs beside the request; null for most.</summary>
    public AttachmentBinding? Attachment => Request.Statement.Attachment;

    /// <summary>The sites that are asked.</summary>
    public IReadOnlyList<OrganisationId> Sites => Request.Statement.Sites ?? Agreement.Study.Sites;

    /// <summary>Whether the researcher chose among the sites.</summary>
    public bool ChoosesSites => Request.Statement.Sites is not null;

    /// <summary>Fewest sites in the sum. An exact sum over sites that were chosen is over all of them or not opened: who else is in it must not be left to chance.</summary>
    public int MinimumSites => ChoosesSites && Precision == Precision.Exact ? Sites.Count : Agreement.Study.MinimumSitesAt(Precision);

    /// <summary>
    /// What makes two requests one question: agreement, the sums asked for, and cohort, each in canonical form; not what a method makes of the sums, nor the run, its sites, noise or recipients.
    /// </summary>
    public Digest Question => Digest.Of(Encoding.UTF8.GetBytes(string.Join('\n', Agreement.Digest, Method.Sums.Canonical, Cohort.Canonical)));

    /// <summary>What makes two noised requests ask for one release: question, noise, price and chosen sites. Null at exact precision, where repeating shows nothing new.</summary>
    public Digest? Release => Noise is null ? null : Digest.Of(Encoding.UTF8.GetBytes(string.Join('\n', Question, Noise.Name, Request.Statement.Epsilon, Request.Statement.Rho, string.Join(' ', Request.Statement.Sites ?? []))));

    /// <summary>What each site's ledger is charged.</summary>
    public NanoRho Charge => Noise?.Charge ?? NanoRho.Zero;

    /// <summary>The same in billionths of ρ.</summary>
    public long ChargeInNanoRho => Charge.Amount;

    /// <summary>What the request offers; null at exact precision.</summary>
    public PrivacyPrice? Price => Noise is null ? null : PrivacyPrice.Read(Request.Statement.Epsilon, Request.Statement.Rho);

    /// <summary>Opens a request and plans it; otherwise says why not.</summary>
    public static (RunPlan? Plan, Refusal? Refusal) Decide(Agreement agreement, ReadOnlySpan<byte> requestEnvelope, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(agreement);
        var name = Signed<RequestStatement>.PeekUnverified(requestEnvelope)?.Researcher;
        if (name is null || agreement.Proposal.FindResearcher(name) is not { } researcher)
            return Refuse(RefusalCode.ResearcherUnknown, "request: its researcher is not one of the agreement's; ask for the study to be amended");
        return Signed<RequestStatement>.TryOpen(requestEnvelope, researcher.SigningKey, out var request)
            ? Decide(agreement, request, researcher, now)
            : Refuse(RefusalCode.SignatureInvalid, $"request: not signed by researcher {researcher.Name}");
    }

    private static (RunPlan?, Refusal?) Decide(Agreement agreement, Signed<RequestStatement> request, Researcher researcher, DateTimeOffset now)
    {
        var terms = request.Statement;
        var refusal = CheckStanding(agreement, terms, researcher, now) ?? CheckParties(agreement, terms);
        if (refusal is not null)
            return (null, refusal);
        var faults = new List<Fault>();
        var method = KnownMethods.Find(terms.Method)?.Plan(terms.Parameters, agreement.Study.Schema, faults);
        if (method is null)
            return Refuse(RefusalCode.ParametersInvalid, string.Join("; ", faults));
        if (method.Sums.VectorLength != terms.VectorLength || terms.Round != 0)
            return Refuse(RefusalCode.RequestInvalid, $"request: vector of {terms.VectorLength} in round {terms.Round} (expected {method.Sums.VectorLength} in round 0); use the same version of the software as the sites");
        if (CheckWire(terms, method.Sums) is { } wire)
            return (null, wire);
        if (CheckSites(agreement.Study, terms) is { } unknown)
            return (null, unknown);
        var cohort = CohortExpression.Parse(terms.Cohort, agreement.Study.Schema, faults);
        if (cohort is null)
            return Refuse(RefusalCode.CohortInvalid, string.Join("; ", faults));
        if (cohort.Canonical != terms.Cohort)
            return Refuse(RefusalCode.CohortInvalid, "cohort: not in canonical form; use the same version of the software as the sites");
        var (noise, refused) = CheckPrecision(agreement.Study, terms, method);
        if (refused is not null)
            return (null, refused);
        if (!SumCapacity.Suffices(Ring.Of(method.Sums.WordBits), agreement.Study.Sites.Count, agreement.Study.KeyHolders.Count, method.Sums.LargestCounter, noise?.Bound ?? BigInteger.Zero))
            return Refuse(RefusalCode.SumMayWrap, "sums: so large that they could wrap, with this many sites or this much noise; ask for a larger ε, or fewer sites");
        var recipients = terms.Recipients.Select(r => agreement.Proposal.FindResearcher(r.Researcher)!.SealingKey).ToList();
        return (new RunPlan(agreement, request, method, agreement.Study.Cohort.And(cohort), noise, recipients), null);
    }

    /// <summary>Chosen sites are some of the agreement's and not all of them, in its order, and enough for a sum.</summary>
    private static Refusal? CheckSites(Study study, RequestStatement terms)
    {
        if (terms.Sites is not { } chosen)
            return null;
        if (chosen.Count == study.Sites.Count || !study.Sites.Where(chosen.Contains).SequenceEqual(chosen))
            return new(RefusalCode.RequestInvalid, $"request: its {chosen.Count} sites are not some of the agreement's {study.Sites.Count}, each once and in its order; name fewer than all, or none to ask everybody");
        var minimum = study.MinimumSitesAt(terms.Precision);
        return chosen.Count >= minimum ? null : new(RefusalCode.TooFewSites, $"request: asks {chosen.Count} sites (at least {minimum} agreed); ask more of them");
    }

    /// <summary>How the vector travels, and what travels beside the request, follow from the method: whoever wrote anything else wants parties to read one run in two ways.</summary>
    private static Refusal? CheckWire(RequestStatement terms, SiteSums sums)
    {
        if (terms.WordBits != sums.WordBits)
            return new(RefusalCode.RequestInvalid, $"request: counters of {terms.WordBits} bits (expected {sums.WordBits}); use the same version of the software as the sites");
        return terms.Attachment == BindingOf(sums)
            ? null
            : new(RefusalCode.RequestInvalid, $"request: attachment {Written(terms.Attachment)} (expected {Written(BindingOf(sums))}); attach what the parameters name");
    }

    /// <summary>What a request for these sums names as its attachment; null where they need none.</summary>
    public static AttachmentBinding? BindingOf(SiteSums sums)
    {
        ArgumentNullException.ThrowIfNull(sums);
        return sums.Attachment is not { } attachment ? null
            : attachment.IsWellFormed ? new AttachmentBinding(Digest.Parse(attachment.Sha256), attachment.SizeInBytes)
            : throw new ArgumentException("attachment: neither digest nor size may be taken from parameters unchecked", nameof(sums));
    }

    private static string Written(AttachmentBinding? attachment) => attachment is null ? "none" : $"{attachment.Digest.Short} of {attachment.SizeInBytes} bytes";

    private static Refusal? CheckStanding(Agreement agreement, RequestStatement terms, Researcher researcher, DateTimeOffset now)
    {
        var study = agreement.Study;
        if (terms.Agreement != agreement.Digest)
            return new(RefusalCode.AgreementUnknown, $"request: made under agreement {terms.Agreement.Short} (expected {agreement.Digest.Short})");
        if (terms.Consortium != agreement.Consortium.Digest)
            return new(RefusalCode.ConsortiumMismatch, $"request: made in consortium {terms.Consortium.Short} (expected {agreement.Consortium.Digest.Short}); fetch the agreement again");
        if (DateOnly.FromDateTime(now.UtcDateTime) > study.Expires)
            return new(RefusalCode.AgreementExpired, $"agreement {agreement.Digest.Short}: expired on {study.Expires:yyyy-MM-dd}; propose the study again");
        if (now > researcher.ExpiresAt)
            return new(RefusalCode.ResearcherUnknown, $"researcher {researcher.Name}: card expired on {researcher.ExpiresAt:yyyy-MM-dd}; ask {researcher.Organisation} for a new one and propose the study again");
        if (now > terms.ExpiresAt || terms.IssuedAt - now > ClockSkew)
            return new(RefusalCode.RequestExpired, $"request: good from {terms.IssuedAt:u} to {terms.ExpiresAt:u}, not at {now:u}; ask again, and check the clocks");
        return study.Methods.Contains(terms.Method)
            ? null
            : new(RefusalCode.MethodNotPermitted, $"method {PlainText.Quote(terms.Method)}: not in the agreement (expected one of {string.Join(", ", study.Methods)})");
    }

    private static Refusal? CheckParties(Agreement agreement, RequestStatement terms)
    {
        var expected = agreement.Study.KeyHolders.Select(k => new KeyHolderBinding(k, Fingerprint(agreement.Consortium.Find(k)!.SealingKey)));
        if (!terms.KeyHolders.SequenceEqual(expected))
            return new(RefusalCode.KeyHolderMismatch, "request: its key holders or their keys are not the agreement's");
        var known = terms.Recipients.All(r => agreement.Proposal.FindResearcher(r.Researcher) is { } recipient && Fingerprint(recipient.SealingKey) == r.SealingKey);
        return known && terms.Recipients.Count is >= 1 and <= 64 && terms.Recipients.Distinct().Count() == terms.Recipients.Count
            ? null
            : new(RefusalCode.RecipientNotAgreed, "request: a recipient is not a researcher of the agreement with the key of its card");
    }

    private static (NoiseTerms?, Refusal?) CheckPrecision(Study study, RequestStatement terms, MethodPlan method)
    {
        switch (terms.Precision)
        {
            case Precision.Exact when study.Exact is null:
                return (null, new(RefusalCode.PrecisionNotPermitted, "precision: the agreement does not permit exact answers; ask at noised precision"));
            case Precision.Exact when terms is not { Epsilon: null, Rho: null, Noise: null }:
                return (null, new(RefusalCode.NoiseMismatch, "epsilon, rho or noise: given at exact precision; leave them out or ask at noised precision"));
            case Precision.Exact:
                return (null, null);
            case Precision.Noised when method.ObjectionToNoise is { } objection:
                return (null, new(RefusalCode.PrecisionNotPermitted, $"method {terms.Method}: {objection}"));
            case Precision.Noised when study.Noised is null:
                return (null, new(RefusalCode.PrecisionNotPermitted, "precision: the agreement does not permit noised answers"));
            case Precision.Noised:
                return CheckNoise(study, terms, method);
            default:
                return (null, new(RefusalCode.RequestInvalid, "precision: expected noised or exact"));
        }
    }

    private static (NoiseTerms?, Refusal?) CheckNoise(Study study, RequestStatement terms, MethodPlan method)
    {
        if (PrivacyPrice.Read(terms.Epsilon, terms.Rho) is not { } price)
            return (null, new(RefusalCode.NoiseMismatch, "price: expected either an ε above 0 and at most 100 or a ρ above 0, in canonical form"));
        if (!price.IsWithin(study.Noised!.MaximumEpsilon))
            return (null, new(RefusalCode.NoiseMismatch, $"price: {price} (at most ε = {study.Noised.MaximumEpsilon} in this agreement, or the ρ it costs)"));
        var plans = NoisePlans(study, method, price);
        return plans.FirstOrDefault(p => p.Name == terms.Noise) is { } plan
            ? (plan, null)
            : (null, new(RefusalCode.NoiseMismatch, $"noise: {PlainText.Quote(terms.Noise ?? "none")} (expected {string.Join(" or ", plans.Select(p => p.Name))} for this question)"));
    }

    /// <summary>Every sound way to noise a question of a study for a price, the one with the least error first.</summary>
    public static IReadOnlyList<NoiseTerms> NoisePlans(Study study, MethodPlan method, PrivacyPrice price)
    {
        ArgumentNullException.ThrowIfNull(study);
        ArgumentNullException.ThrowIfNull(method);
        return NoisePlanner.Candidates(method.Sums.Bound.Times(study.Unit.SitesPerPerson), method.Sums.Workload, price, study.Trust);
    }

    /// <summary>The digest requests bind a sealing key by.</summary>
    public static Digest Fingerprint(SealingPublicKey key) => Digest.FromHash((key ?? throw new ArgumentNullException(nameof(key))).Fingerprint());

    private static (RunPlan?, Refusal?) Refuse(RefusalCode code, string message) => (null, new Refusal(code, message));
}
