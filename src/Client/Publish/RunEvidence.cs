using Consilience.Protocol.Identity;

namespace Consilience.Client.Publish;

/// <summary>
/// Masked sum and shares of a run, vectors of one size: within its receipt, or where they are large in one file in the receipt's folder, which the run gives its name: the masked sum's bytes, and behind them each share's in the
/// agreement's order of key holders. Nobody signs the file, and nobody needs to: the hub signed the masked sum's digest, and each key holder its commitment to its share. See <c>docs/adr/0029-evidence-beside-receipts.md</c>.
/// </summary>
internal sealed class RunEvidence : IDisposable
{
    private const string Suffix = ".evidence";

    private readonly IReadOnlyList<Stream> vectors;

    private RunEvidence(IReadOnlyList<Stream> vectors, string words) => (this.vectors, Words) = (vectors, words);

    /// <summary>Where it is.</summary>
    internal string Words { get; }

    internal Stream MaskedSum => vectors[0];

    internal IEnumerable<Stream> Shares => vectors.Skip(1);

    internal static string NameOf(RunId run) => $"{run}{Suffix}";

    /// <summary>The run that gave a file its name; null where it is no evidence by its name.</summary>
    internal static RunId? RunOf(string file) => file.EndsWith(Suffix, StringComparison.Ordinal) && RunId.TryParse(Path.GetFileNameWithoutExtension(file), null, out var run) ? run : null;

    /// <summary>Opens what a receipt was made of; or says why it is not there in full.</summary>
    /// <param name="receipt">Of the run.</param>
    /// <param name="run">By its signed request.</param>
    /// <param name="size">Of each vector, in bytes.</param>
    /// <param name="folder">The receipt's; null where it lies in none.</param>
    internal static (RunEvidence? Evidence, string? Objection) Open(ReceiptStatement receipt, RunId run, long size, string? folder)
    {
        List<byte[]?> within = [receipt.MaskedSum, .. receipt.Shares.Select(s => s.Share)];
        if (within.TrueForAll(v => v is not null))
        {
            return within.TrueForAll(v => v!.Length == size)
                ? (new([.. within.Select(v => new MemoryStream(v!, writable: false))], "within the receipt"), null)
                : (null, $"a masked sum or share of another size (expected {size} bytes each)");
        }

        if (within.Exists(v => v is not null))
            return (null, "masked sum and shares are partly within the receipt (expected all of them, or none)");
        var name = NameOf(run);
        if (folder is null)
            return (null, $"masked sum and shares lie in {name} beside the receipt, and it is not known where that is");
        var file = new FileInfo(Path.Combine(folder, name));
        var expected = size * within.Count;
        if (!file.Exists)
            return (null, $"{name}: not beside the receipt (expected its masked sum and shares, {expected} bytes); bring it from where the receipt came from");
        return file.Length == expected
            ? (new([.. within.Select((_, i) => OpenAt(file.FullName, i * size))], $"in {name} beside the receipt"), null)
            : (null, $"{name}: {file.Length} bytes (expected {expected}); bring it again from where the receipt came from");
    }

    public void Dispose()
    {
        foreach (var vector in vectors)
            vector.Dispose();
    }

    private static FileStream OpenAt(string file, long offset)
    {
        var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        stream.Position = offset;
        return stream;
    }
}
