using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Wire;
using Consilience.SecureAggregation.Masking;
using Consilience.Tests.World;

namespace Consilience.Hub.Tests.World;

/// <summary>What a researcher saw of a run.</summary>
internal sealed record SeenRun(Signed<RequestStatement> Request)
{
    internal List<RunFrame> Frames { get; } = [];

    internal RunOpening Opening => Frames.Single(f => f.FrameCase == RunFrame.FrameOneofCase.Opening).Opening;

    internal RunFailed Failed => Frames.Single(f => f.FrameCase == RunFrame.FrameOneofCase.Failed).Failed;

    internal bool IsOpened => Frames.Exists(f => f.FrameCase == RunFrame.FrameOneofCase.Opening);

    /// <summary>The sites in the sum.</summary>
    internal IEnumerable<string> Sites => Roll.Sites.Select(s => s.Site.ToString());

    internal RollStatement Roll => Signed<RollStatement>.PeekUnverified(Opening.Roll.Span)!;

    /// <summary>Refusals as the run tells them, whoever signed them.</summary>
    internal IEnumerable<RefusalStatement> Refusals =>
        (IsOpened ? Opening.Refusals : Failed.Refusals).Select(r => Signed<RefusalStatement>.PeekUnverified(r.Span)!);

    internal byte[] Bytes(string transfer) =>
        [.. Frames.Where(f => f.FrameCase == RunFrame.FrameOneofCase.Chunk && f.Chunk.Transfer == transfer).SelectMany(f => f.Chunk.Data.ToByteArray())];

    /// <summary>The sum, opened as the researcher ada opens it.</summary>
    internal long[] Open(Consortia world)
    {
        Assert.True(DsseEnvelope.TryParse(Opening.Roll.Span, out var roll));
        var shares = Opening.Shares.Select(share =>
        {
            var holder = Signed<ShareStatement>.PeekUnverified(share.Statement.Span)!.KeyHolder;
            Assert.True(WholeVectors.TryOpenShare(Bytes(share.Transfer), RunContexts.Share(Request, roll.PayloadDigest, holder), world.KeysOf("ada").Sealing, out var opened));
            return opened.Share;
        });
        return WholeVectors.Unseal(Ring.Of(Request.Statement.WordBits), Bytes(Opening.MaskedSumTransfer), [.. shares]);
    }
}
