using Consilience.Client.Publish;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Wire;

namespace Consilience.Client.Analyse;

/// <summary>What has arrived of a run so far; survives a broken connection.</summary>
internal sealed class ArrivedRun
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
            : throw new AskFailedException(RefusalCode.TransferInvalid, "hub: a transfer is incomplete or is not what was announced; ask again", [], []);
    }

    private void Announce(RunOpening announced)
    {
        opening = announced;
        foreach (var (transfer, size) in announced.Shares.Select(s => (s.Transfer, s.SizeInBytes)).Append((announced.MaskedSumTransfer, announced.MaskedSumSize)))
        {
            if (size > int.MaxValue)
                throw new AskFailedException(RefusalCode.TransferInvalid, $"hub: a transfer of {size} bytes (at most {int.MaxValue})", [], []);
            if (transfers.TryAdd(transfer, new byte[size]))
                filled[transfer] = 0;
        }
    }

    private void Fill(Chunk chunk)
    {
        if (!transfers.TryGetValue(chunk.Transfer, out var bytes) || chunk.Offset != (ulong)filled[chunk.Transfer] || chunk.Data.Length > bytes.Length - filled[chunk.Transfer])
            throw new AskFailedException(RefusalCode.TransferInvalid, "hub: a chunk out of order, too long, or of no announced transfer", [], []);
        chunk.Data.Span.CopyTo(bytes.AsSpan(filled[chunk.Transfer]));
        filled[chunk.Transfer] += chunk.Data.Length;
    }

    private static AskFailedException Failure(RunFailed failed)
    {
        var refusals = failed.Refusals.Select(r => Signed<RefusalStatement>.PeekUnverified(r.Span)).OfType<RefusalStatement>()
            .Select(r => new SiteRefusal(r.Party, r.Code, r.Message)).ToList();
        var code = Enum.GetValues<RefusalCode>().FirstOrDefault(c => Consilience.Protocol.Analyse.Refusal.NameOf(c) == failed.Code);
        return new AskFailedException(code, failed.Message, refusals, [.. failed.Absent]);
    }
}
