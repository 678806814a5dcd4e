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
public sealed class SiteNode(PartyStudies studies, AnswerRequest answer, LedgerWitness witness, ILogger logger, Action<string>? onStep = null)
    : PartyNode(studies, logger, onStep, SiteSteps.Prefix)
{
    protected override async Task AnswerAsync(Link<PartyFrame, HubFrame> link, HubFrame frame, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(frame);
        if (frame.FrameCase != HubFrame.FrameOneofCase.Request)
            return;
        var asked = frame.Request;
        var (contribution, refusal) = answer.Answer(asked);
        if (contribution is not null)
        {
            Logger.LogInformation("run {Run}: answered", asked.Run);
            var announcement = new Contribution
            {
                Run = asked.Run,
                Round = asked.Round,
                Statement = UnsafeByteOperations.UnsafeWrap(contribution.Statement),
                Transfer = Digest.Of(contribution.MaskedVector).ToString(),
                SizeInBytes = (ulong)contribution.MaskedVector.Length,
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

    protected override byte[]? StoredBytes(string transfer) => answer.StoredVector(transfer);

    protected override void Forget(RunId run, int round) => answer.Forget(run, round);
}
