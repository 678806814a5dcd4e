using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Consilience.Protocol.Identity;

namespace Consilience.Protocol.Agreements;

/// <summary>
/// A study that every site and every key holder has signed. <b>Guarantee:</b> an object of this type exists only after all signatures were verified against the
/// consortium the proposal names.
/// </summary>
public sealed class Agreement
{
    private const int LargestSize = 2 * DsseEnvelope.LargestSize;

    private Agreement(Proposal proposal, IReadOnlyList<byte[]> decisions)
    {
        Proposal = proposal;
        Decisions = decisions;
    }

    public Proposal Proposal { get; }

    public Digest Digest => Proposal.Digest;

    public Study Study => Proposal.Study;

    public Consortium Consortium => Proposal.Consortium;

    /// <summary>The parties' decision envelopes.</summary>
    public IReadOnlyList<byte[]> Decisions { get; }

    /// <summary>A party's signed decision about a proposal.</summary>
    public static byte[] Decide(Proposal proposal, OrganisationId party, NodeRole role, bool agrees, IReadOnlyList<string> reasons, DateTimeOffset now, SigningKey key)
    {
        ArgumentNullException.ThrowIfNull(proposal);
        return Signed<DecisionStatement>.By(key, new DecisionStatement
        {
            Agreement = proposal.Digest, Party = party, Role = NodeIdentity.RoleText(role), Agrees = agrees, Reasons = reasons, DecidedAt = now,
        }).Envelope;
    }

    /// <summary>The decision in an envelope, if it is about this proposal, by a party of it in that role, and signed by it.</summary>
    public static DecisionStatement? ReadDecision(ReadOnlySpan<byte> envelope, Proposal proposal)
    {
        ArgumentNullException.ThrowIfNull(proposal);
        var peeked = Signed<DecisionStatement>.PeekUnverified(envelope);
        return peeked is not null
            && peeked.Agreement == proposal.Digest
            && NodeIdentity.ParseRole(peeked.Role) is { } role
            && proposal.Parties.Contains((peeked.Party, role))
            && Signed<DecisionStatement>.TryOpen(envelope, proposal.Consortium.Find(peeked.Party)!.SigningKey, out var signed)
                ? signed.Statement
                : null;
    }

    /// <summary>In force once every party has agreed; otherwise names the parties that have not.</summary>
    public static Agreement? TryPutInForce(Proposal proposal, IEnumerable<byte[]> decisions, out IReadOnlyList<string> missing)
    {
        ArgumentNullException.ThrowIfNull(proposal);
        ArgumentNullException.ThrowIfNull(decisions);
        var agreed = new Dictionary<(OrganisationId, NodeRole), byte[]>();
        foreach (var envelope in decisions)
        {
            if (ReadDecision(envelope, proposal) is { Agrees: true } decision)
                agreed[(decision.Party, NodeIdentity.ParseRole(decision.Role)!.Value)] = envelope;
        }

        missing = [.. proposal.Parties.Where(p => !agreed.ContainsKey(p)).Select(p => $"{NodeIdentity.RoleText(p.Role)} {p.Party}")];
        return missing.Count == 0 ? new Agreement(proposal, [.. proposal.Parties.Select(p => agreed[p])]) : null;
    }

    public static bool TryOpen(ReadOnlySpan<byte> document, ConsortiumFile consortia, [NotNullWhen(true)] out Agreement? agreement, [NotNullWhen(false)] out string? reason)
    {
        agreement = null;
        if (document.Length > LargestSize || StrictJson.Read(document, AgreementJson.Default.AgreementDocument) is not { } parsed)
        {
            reason = "agreement: not an agreement document";
            return false;
        }

        if (!Proposal.TryOpen(parsed.Proposal, consortia, out var proposal, out reason))
            return false;
        agreement = TryPutInForce(proposal, parsed.Decisions, out var missing);
        reason = agreement is null ? $"agreement {proposal.Digest.Short}: not signed by {string.Join(", ", missing)}" : null;
        return agreement is not null;
    }

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(new AgreementDocument(Proposal.Envelope, Decisions), AgreementJson.Default.AgreementDocument);
}
