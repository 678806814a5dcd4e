using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Consilience.Protocol.Identity;

namespace Consilience.Site.Ledger;

/// <summary>
/// A site's whole privacy ledger as it signs it for an auditor. Holds digests, run ids, researchers' names and amounts; nothing that follows from data.
/// </summary>
public sealed record LedgerExport : IStatement<LedgerExport>
{
    public const string PayloadType = "application/vnd.consilience.ledger.v1+json";

    public required OrganisationId Site { get; init; }

    public required DateTimeOffset ExportedAt { get; init; }

    /// <summary>Oldest first.</summary>
    public required IReadOnlyList<LedgerEntry> Entries { get; init; }

    static string IStatement<LedgerExport>.Type => PayloadType;

    static JsonTypeInfo<LedgerExport> IStatement<LedgerExport>.Json => LedgerJson.Default.LedgerExport;

    static int IStatement<LedgerExport>.LargestSize => 1024 * 1024 * 1024;

    /// <summary>Reads an export that its site signed and whose every entry follows from those before it.</summary>
    public static bool TryOpen(ReadOnlySpan<byte> envelope, Consortium consortium, [NotNullWhen(true)] out LedgerExport? export, [NotNullWhen(false)] out string? reason)
    {
        ArgumentNullException.ThrowIfNull(consortium);
        export = null;
        var member = Signed<LedgerExport>.PeekUnverified(envelope) is { } peeked ? consortium.Find(peeked.Site) : null;
        if (member is null || !Signed<LedgerExport>.TryOpen(envelope, member.SigningKey, out var signed))
        {
            reason = "ledger export: not signed by the member of the consortium that it names";
            return false;
        }

        try
        {
            LedgerChain.Verify([.. signed.Statement.Entries.Select(e => new LedgerRow(e, e.Hash()))]);
        }
        catch (LedgerDamagedException e)
        {
            reason = $"ledger export: entry {e.Sequence} does not follow from those before it";
            return false;
        }

        (export, reason) = (signed.Statement, null);
        return true;
    }
}

/// <summary>Strict JSON of exports.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(LedgerExport))]
internal sealed partial class LedgerJson : JsonSerializerContext;
