using System.Text.Json;

namespace Consilience.Protocol.Identity;

/// <summary>The file as stored: every version's envelope, oldest first.</summary>
internal sealed record ConsortiumDocument(IReadOnlyList<byte[]> Versions);

/// <summary>A consortium file could not be accepted; every reason is listed.</summary>
public sealed class ConsortiumException(IReadOnlyList<string> reasons)
    : Exception("consortium file: not accepted\n" + string.Join('\n', reasons.Select(r => "  " + r)))
{
    public IReadOnlyList<string> Reasons { get; } = reasons;
}

/// <summary>
/// The chain of a consortium's versions: the only root of trust. <b>Guarantee:</b> membership and keys change only by signatures of the members. Version 1 is signed by all
/// its members. Every later version names the digest of the one before and is signed by every member that remains (they must be a majority of the former members),
/// by every newcomer, and, where a member's signing key changed, by its old and its new key.
/// </summary>
public sealed class ConsortiumFile
{
    private const int LargestSize = 16 * 1024 * 1024;

    private readonly IReadOnlyList<DsseEnvelope> envelopes;

    private ConsortiumFile(IReadOnlyList<DsseEnvelope> envelopes, IReadOnlyList<Consortium> versions)
    {
        this.envelopes = envelopes;
        Versions = versions;
    }

    /// <summary>Every version, oldest first.</summary>
    public IReadOnlyList<Consortium> Versions { get; }

    public Consortium Current => Versions[^1];

    public Consortium? Find(Digest digest) => Versions.FirstOrDefault(v => v.Digest == digest);

    /// <summary>An unsigned next version, to be signed by those the rule names: with no file yet, the founding one.</summary>
    public static DsseEnvelope Draft(ConsortiumFile? current, string name, IReadOnlyList<MemberEntry> members, SigningKey firstSigner)
    {
        var statement = new ConsortiumStatement
        {
            Name = name,
            Version = (current?.Current.Version ?? 0) + 1,
            Previous = current?.Current.Digest,
            Members = members,
        };
        return DsseEnvelope.Sign(ConsortiumStatement.PayloadType, JsonSerializer.SerializeToUtf8Bytes(statement, IdentityJson.Default.ConsortiumStatement), firstSigner);
    }

    /// <exception cref="ConsortiumException">The version does not follow from the current one, or signatures are missing.</exception>
    public static ConsortiumFile Append(ConsortiumFile? current, DsseEnvelope next) => Open([.. current?.envelopes ?? [], next]);

    /// <exception cref="ConsortiumException">The bytes are not a consortium file, or a version is not signed by those the rule names.</exception>
    public static ConsortiumFile Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > LargestSize)
            throw new ConsortiumException([$"size: {bytes.Length} bytes (expected at most {LargestSize})"]);
        if (StrictJson.Read(bytes, IdentityJson.Default.ConsortiumDocument) is not { } document)
            throw new ConsortiumException(["not a consortium file (expected JSON with a list of versions); ask the hub's operator for it again"]);
        var envelopes = new List<DsseEnvelope>();
        foreach (var version in document.Versions)
            envelopes.Add(DsseEnvelope.TryParse(version, out var envelope) ? envelope : throw new ConsortiumException(["a version is not a DSSE envelope"]));
        return Open(envelopes);
    }

    public byte[] ToBytes() =>
        JsonSerializer.SerializeToUtf8Bytes(new ConsortiumDocument([.. envelopes.Select(e => e.ToBytes())]), IdentityJson.Default.ConsortiumDocument);

    /// <summary>Who still has to sign <paramref name="next"/>, as ids; empty when it may be appended.</summary>
    public static IReadOnlyList<string> MissingSignatures(ConsortiumFile? current, DsseEnvelope next)
    {
        var faults = new List<string>();
        var version = ReadVersion(next, faults) ?? throw new ConsortiumException(faults);
        return [.. RequiredSigners(current?.Current, version.Consortium).Where(s => !next.IsSignedBy(s.Key)).Select(s => s.Who)];
    }

    private static ConsortiumFile Open(IReadOnlyList<DsseEnvelope> envelopes)
    {
        var faults = new List<string>();
        var versions = new List<Consortium>();
        foreach (var envelope in envelopes)
        {
            if (ReadVersion(envelope, faults) is not var (next, statement))
                break;
            CheckSuccession(versions.Count == 0 ? null : versions[^1], next, statement.Previous, envelope, faults);
            versions.Add(next);
        }

        if (envelopes.Count == 0)
            faults.Add("no version in it (expected the founding version first)");
        return faults.Count == 0 ? new ConsortiumFile(envelopes, versions) : throw new ConsortiumException(faults);
    }

    private static void CheckSuccession(Consortium? previous, Consortium next, Digest? named, DsseEnvelope envelope, List<string> faults)
    {
        if (next.Version != (previous?.Version ?? 0) + 1 || named != previous?.Digest || (previous is not null && next.Name != previous.Name))
            faults.Add($"version {next.Version}: does not follow from the version before it (expected its number, name and digest)");
        var remaining = previous?.Members.Count(m => next.Find(m.Id) is not null) ?? 0;
        if (previous is not null && remaining * 2 <= previous.Members.Count)
            faults.Add($"version {next.Version}: {remaining} of {previous.Members.Count} members remain (expected a majority)");
        foreach (var (who, key) in RequiredSigners(previous, next))
        {
            if (!envelope.IsSignedBy(key))
                faults.Add($"version {next.Version}: not signed by {who}");
        }
    }

    private static IEnumerable<(string Who, VerificationKey Key)> RequiredSigners(Consortium? previous, Consortium next)
    {
        foreach (var member in next.Members)
        {
            yield return (member.Id.ToString(), member.SigningKey);
            if (previous?.Find(member.Id) is { } former && !former.SigningKey.Equals(member.SigningKey))
                yield return ($"{member.Id} (former key)", former.SigningKey);
        }
    }

    private static (Consortium Consortium, ConsortiumStatement Statement)? ReadVersion(DsseEnvelope envelope, List<string> faults)
    {
        if (envelope.PayloadType != ConsortiumStatement.PayloadType)
            faults.Add($"a version of another type (expected {ConsortiumStatement.PayloadType})");
        else if (StrictJson.Read(envelope.UnverifiedPayload(), IdentityJson.Default.ConsortiumStatement) is not { } statement)
            faults.Add("a version that is not a consortium statement");
        else if (Consortium.Check(statement, envelope.PayloadDigest, faults) is { } consortium)
            return (consortium, statement);
        return null;
    }
}
