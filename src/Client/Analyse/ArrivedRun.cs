using Consilience.Client.Publish;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Wire;
using Consilience.SecureAggregation;
using Consilience.SecureAggregation.Masking;

namespace Consilience.Client.Analyse;

/// <summary>What has arrived of a run so far; survives a broken connection.</summary>
/// <param name="request">What was asked: it fixes how many bytes may come.</param>
internal sealed class ArrivedRun(RequestStatement request)
{
    private readonly Dictionary<string, byte[]> transfers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> filled = new(StringComparer.Ordinal);
    private RunOpening? opening;
    private bool complete;

    internal bool IsComplete => complete && opening is not null;

    internal RunOpening Opening => opening ?? throw new InvalidOperationException("the run has not opened");

    /// <summary>What need not be sent again.</summary>
    internal IEnumerable<Held> Held() => filled.Select(f => new Held { Transfer = f.Key, Offset = (ulong)f.Value });

    internal void Take(RunFrame frame)
    {
        switch (frame.FrameCase)
        {
            case RunFrame.FrameOneofCase.Opening:
                Announce(frame.Opening);
                break;
            case RunFrame.FrameOneofCase.Chunk:
                Fill(frame.Chunk);
                break;
            case RunFrame.FrameOneofCase.Complete:
                complete = true;
                break;
            case RunFrame.FrameOneofCase.Failed:
                throw Failure(frame.Failed);
        }
    }

    /// <summary>A whole transfer, its digest checked.</summary>
    internal byte[] Bytes(string transfer, ulong size)
    {
        return transfers.TryGetValue(transfer, out var bytes) && (ulong)bytes.Length == size && filled[transfer] == bytes.Length && Digest.Of(bytes).ToString() == transfer
            ? bytes
            : throw Invalid("a transfer is incomplete or is not what was announced");
    }

    private void Announce(RunOpening announced)
    {
        if (announced.Shares.Count != request.KeyHolders.Count)
            throw Invalid($"{announced.Shares.Count} shares (expected {request.KeyHolders.Count}, one from each key holder)");
        opening = announced;
        var ring = Ring.Of(request.WordBits);
        Expect(announced.MaskedSumTransfer, announced.MaskedSumSize, ring.SizeOf(request.VectorLength));
        foreach (var share in announced.Shares)
            Expect(share.Transfer, share.SizeInBytes, SealedShare.SizeOf(ring, request.VectorLength, request.Recipients.Count));
    }

    private void Expect(string transfer, ulong size, long expected)
    {
        if (size != (ulong)expected)
            throw Invalid($"a transfer of {size} bytes (expected {expected})");
        if (transfers.TryAdd(transfer, new byte[expected]))
            filled[transfer] = 0;
    }

    private void Fill(Chunk chunk)
    {
        if (!transfers.TryGetValue(chunk.Transfer, out var bytes) || chunk.Offset != (ulong)filled[chunk.Transfer] || chunk.Data.Length > bytes.Length - filled[chunk.Transfer])
            throw Invalid("a chunk out of order, too long, or of no announced transfer");
        chunk.Data.Span.CopyTo(bytes.AsSpan(filled[chunk.Transfer]));
        filled[chunk.Transfer] += chunk.Data.Length;
    }

    private static AskFailedException Invalid(string what) => new(RefusalCode.TransferInvalid, $"hub: {what}; nothing of it is shown: ask again, and tell the hub's operator", [], []);

    private static AskFailedException Failure(RunFailed failed)
    {
        var refusals = failed.Refusals.Select(r => Signed<RefusalStatement>.PeekUnverified(r.Span)).OfType<RefusalStatement>()
            .Select(r => new SiteRefusal(r.Party, r.Code, r.Message)).ToList();
        var code = Enum.GetValues<RefusalCode>().FirstOrDefault(c => Consilience.Protocol.Analyse.Refusal.NameOf(c) == failed.Code);
        return new AskFailedException(code, failed.Message, refusals, [.. failed.Absent]) { Earlier = RunId.TryParse(failed.Earlier, null, out var earlier) ? earlier : null };
    }
}
