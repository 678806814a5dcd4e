using Consilience.Client.Publish;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Wire;
using Consilience.SecureAggregation;
using Consilience.SecureAggregation.Masking;

namespace Consilience.Client.Analyse;

/// <summary>What has arrived of a run so far; survives a broken connection.</summary>
/// <param name="request">What was asked: it fixes how many bytes may come.</param>
/// <param name="arriving">Takes what is large until it is used up.</param>
internal sealed class ArrivedRun(RequestStatement request, ArrivingEvidence arriving) : IDisposable
{
    private readonly Dictionary<string, Transfer> transfers = new(StringComparer.Ordinal);
    private RunOpening? opening;
    private bool complete;

    internal bool IsComplete => complete && opening is not null;

    internal RunOpening Opening => opening ?? throw new InvalidOperationException("the run has not opened");

    /// <summary>What need not be sent again.</summary>
    internal IEnumerable<Held> Held() => transfers.Select(t => new Held { Transfer = t.Key, Offset = (ulong)t.Value.Bytes.Length });

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

    /// <summary>The run that was asked for, whichever answers it.</summary>
    internal RunId Asked => request.Run;

    /// <summary>Hands over a whole transfer from its beginning, its digest checked; once.</summary>
    internal Stream Take(string transfer, ulong size)
    {
        if (!transfers.TryGetValue(transfer, out var arrived) || (ulong)arrived.Bytes.Length != size || Digest.Of(Rewound(arrived.Bytes)).ToString() != transfer)
            throw Invalid("a transfer is incomplete or is not what was announced");
        transfers.Remove(transfer);
        return Rewound(arrived.Bytes);
    }

    public void Dispose()
    {
        foreach (var transfer in transfers.Values)
            transfer.Bytes.Dispose();
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
        if (transfers.ContainsKey(transfer))
            return;

        // A run has the same transfers however often its opening comes; others each time would fill the disk.
        if (transfers.Count > request.KeyHolders.Count)
            throw Invalid($"more transfers than a masked sum and {request.KeyHolders.Count} shares");
        transfers.Add(transfer, new(arriving.TakesFile(OpenedRun.SizeOf(request)) ? arriving.Draft() : new MemoryStream((int)expected), expected));
    }

    private void Fill(Chunk chunk)
    {
        if (!transfers.TryGetValue(chunk.Transfer, out var arrived) || chunk.Offset != (ulong)arrived.Bytes.Length || chunk.Data.Length > arrived.Size - arrived.Bytes.Length)
            throw Invalid("a chunk out of order, too long, or of no announced transfer");
        arrived.Bytes.Write(chunk.Data.Span);
    }

    private static Stream Rewound(Stream bytes)
    {
        bytes.Position = 0;
        return bytes;
    }

    private static AskFailedException Invalid(string what) => new(RefusalCode.TransferInvalid, $"hub: {what}; nothing of it is shown: ask again, and tell the hub's operator", [], []);

    private static AskFailedException Failure(RunFailed failed)
    {
        var refusals = failed.Refusals.Select(r => Signed<RefusalStatement>.PeekUnverified(r.Span)).OfType<RefusalStatement>()
            .Select(r => new SiteRefusal(r.Party, r.Code, r.Message)).ToList();
        var code = Enum.GetValues<RefusalCode>().FirstOrDefault(c => Consilience.Protocol.Analyse.Refusal.NameOf(c) == failed.Code);
        return new AskFailedException(code, failed.Message, refusals, [.. failed.Absent]) { Earlier = RunId.TryParse(failed.Earlier, null, out var earlier) ? earlier : null };
    }

    /// <param name="Bytes">Written at its end until the run is complete.</param>
    /// <param name="Size">It has once it is.</param>
    private sealed record Transfer(Stream Bytes, long Size);
}
