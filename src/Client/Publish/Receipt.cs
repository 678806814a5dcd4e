using System.Text.Json.Serialization.Metadata;
using Consilience.Protocol.Identity;

namespace Consilience.Client.Publish;

/// <summary>A key holder's signed statement with the share and salt it committed to.</summary>
/// <param name="Share">Null where it lies beside the receipt.</param>
public sealed record ReceiptShare(byte[] Statement, byte[] Salt, byte[]? Share);

/// <summary>
/// A receipt: everything another person needs to check a result and to compute it again, signed by the researcher who asked. See <c>docs/adr/0004-receipts-recompute.md</c>. Masked sum and shares, its evidence, are either all within it
/// or all beside it, see <see cref="RunEvidence"/>.
/// </summary>
public sealed record ReceiptStatement : IStatement<ReceiptStatement>
{
    public const string PayloadType = "application/vnd.consilience.receipt.v1+json";

    /// <summary>Most bytes of masked sum and shares together that can be within it: as base 64 within an envelope that is base 64 again, more does not fit what the JSON reader takes as one value.</summary>
    public const long LargestEvidence = 90_000_000;

    /// <summary>Most bytes of them that are within it where there is a folder to keep them beside it.</summary>
    public const long ModestEvidence = 4 * 1024 * 1024;

    /// <summary>Name and version of the program that wrote it.</summary>
    public required string Software { get; init; }

    /// <summary>The study with every party's signed decision.</summary>
    public required byte[] Agreement { get; init; }

    public required byte[] Request { get; init; }

    public required byte[] Roll { get; init; }

    /// <summary>Each accepted site's contribution statement, in the roll's order.</summary>
    public required IReadOnlyList<byte[]> Contributions { get; init; }

    public required IReadOnlyList<byte[]> Refusals { get; init; }

    public required IReadOnlyList<OrganisationId> Absent { get; init; }

    /// <summary>Little-endian words of the request's size; null where it lies beside the receipt.</summary>
    public required byte[]? MaskedSum { get; init; }

    public required IReadOnlyList<ReceiptShare> Shares { get; init; }

    public required AnalysisResult Result { get; init; }

    static string IStatement<ReceiptStatement>.Type => PayloadType;

    static JsonTypeInfo<ReceiptStatement> IStatement<ReceiptStatement>.Json => ResultJson.Default.ReceiptStatement;

    static int IStatement<ReceiptStatement>.LargestSize => 1024 * 1024 * 1024;
}
