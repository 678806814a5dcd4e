using System.Collections.Concurrent;
using Consilience.Arithmetic;
using Consilience.KeyHolder;
using Consilience.KeyHolder.Studies;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Wire;
using Consilience.Site.Analyse;
using Consilience.Site.Ledger;
using Google.Protobuf;
using Microsoft.Extensions.Logging;

namespace Consilience.Site;

/// <summary>A site on its link to the hub: answers requests, and refuses with a signed reason.</summary>
public sealed class SiteNode(PartyStudies studies, AnswerRequest answer, Attachments attachments, LedgerWitness witness, ILogger logger, Action<string>? onStep = null)
    : PartyNode(studies, logger, onStep, SiteSteps.Prefix)
{
    /// <summary>Requests that wait for a part of their attachment, by run. Of this link only: the hub sends again what is outstanding on the next.</summary>
    private readonly ConcurrentDictionary<string, HubFrame> waiting = new(StringComparer.Ordinal);

    protected override async Task AnswerAsync(Link<PartyFrame, HubFrame> link, HubFrame frame, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(frame);
        if (frame.FrameCase != HubFrame.FrameOneofCase.Request)
            return;
        var asked = frame.Request;
        var (contribution, refusal, wanted) = answer.Answer(asked);
        LargeArrays.GiveBack(contribution?.Size ?? 0);
        if (wanted is not null)
        {
            waiting[asked.Run] = frame;
            await SendAsync(link, new PartyFrame { Wanted = wanted }, cancellation);
        }
        else if (contribution is not null)
        {
            Logger.LogInformation("run {Run}: answered", asked.Run);
            var announcement = new Contribution
            {
                Run = asked.Run,
                Round = asked.Round,
                Statement = UnsafeByteOperations.UnsafeWrap(contribution.Statement),
                Transfer = contribution.Transfer.ToString(),
                SizeInBytes = (ulong)contribution.Size,
            };
            await SendAsync(link, new PartyFrame { Contribution = announcement }, cancellation);
        }
        else if (RefusalFrames.For(Studies.Party, asked.Run, asked.Round, asked.Statement.Span, refusal!) is { } signed)
        {
            Logger.LogWarning("run {Run}: refused, {Refusal}", asked.Run, refusal);
            await SendAsync(link, signed, cancellation);
        }
    }

    protected override void Greeted(Welcome welcome)
    {
        ArgumentNullException.ThrowIfNull(welcome);
        witness.See(welcome.Witness.Span);
        if (witness.Objection is { } objection)
            Logger.LogCritical("nothing is answered: {Objection}", objection);
    }

    /// <summary>Stores the next piece of an attachment. Once what was wanted is there, the request is answered again: it wants the next part, or is answered.</summary>
    protected override HubFrame? Take(AttachmentChunk chunk)
    {
        ArgumentNullException.ThrowIfNull(chunk);
        if (!waiting.ContainsKey(chunk.Run))
            return null;
        Step("attachment-storing");
        var isThere = attachments.Take(chunk);
        Step("attachment-stored");
        return isThere && waiting.TryRemove(chunk.Run, out var request) ? request : null;
    }

    protected override ReadOnlyMemory<byte> StoredBytes(string transfer, long offset) => answer.StoredVector(transfer, offset);

    protected override void DropDrafts()
    {
        waiting.Clear();
        answer.DropDrafts();
    }

    protected override void Forget(RunId run, int round)
    {
        ArgumentNullException.ThrowIfNull(run);
        waiting.TryRemove(run.ToString(), out _);
        answer.Forget(run, round);
    }
}
