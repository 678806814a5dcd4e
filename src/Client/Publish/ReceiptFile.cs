using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;

namespace Consilience.Client.Publish;

/// <summary>A receipt as it lies in a folder, with its evidence beside it where that is large.</summary>
/// <param name="Path">Of the receipt.</param>
public sealed record ReceiptFile(string Path)
{
    internal string Folder => System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path))!;

    public byte[] Read() => File.ReadAllBytes(Path);

    /// <summary>Verifies it with nothing but the consortium file.</summary>
    public Verification Verify(ConsortiumFile consortia) => Verification.OfReceipt(Read(), consortia, Folder);

    /// <summary>The file of its evidence; null where that is within it, or nobody can tell.</summary>
    internal string? FindEvidence() =>
        Signed<ReceiptStatement>.PeekUnverified(Read()) is { MaskedSum: null } receipt && Signed<RequestStatement>.PeekUnverified(receipt.Request) is { } request ? System.IO.Path.Combine(Folder, RunEvidence.NameOf(request.Run)) : null;
}
