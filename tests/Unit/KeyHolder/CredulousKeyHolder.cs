using Consilience.Arithmetic;
using Consilience.DifferentialPrivacy.Mechanisms;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Wire;
using Consilience.SecureAggregation.Masking;
using Consilience.SecureAggregation.Sealing;
using Consilience.Tests.World;

namespace Consilience.KeyHolder.Tests;

/// <summary>
/// A deliberately broken key holder: opens whatever it is shown, as often as it is asked, with fresh noise, to whom the request names. Every attack that the real one
/// withstands has to succeed against this one, or the attack is none.
/// </summary>
internal sealed class CredulousKeyHolder(KeyFolder keys, string id, Func<Digest, SealingPublicKey> keyOf)
{
    internal Task<PartyAnswer> AskAsync(RollToOpen asked)
    {
        var request = Signed<RequestStatement>.PeekUnverified(asked.Request.Span)!;
        var requestDigest = DsseEnvelope.TryParse(asked.Request.Span, out var envelope) ? envelope.PayloadDigest : throw new InvalidOperationException();
        var seeds = new List<(MaskContext, MaskSeed)>();
        foreach (var contribution in asked.Contributions.Select(c => Signed<ContributionStatement>.PeekUnverified(c.Span)!))
        {
            var context = new MaskContext(contribution.Run.ToBytes(), contribution.Round, contribution.Site.ToString(), id, contribution.Request.ToBytes(), contribution.VectorLength, Ring.Of(request.WordBits));
            if (MaskSeed.Open(keys.Sealing, context, contribution.Seeds.First(s => s.KeyHolder.ToString() == id).Envelope) is { } seed)
                seeds.Add((context, seed));
        }

        var noise = new long[request.VectorLength];
        if (request.Epsilon is not null)
            new DiscreteLaplace(1 / Rational.Parse(request.Epsilon)).Fill(noise, RandomBytes.OperatingSystem);
        var share = WholeVectors.OpenShare(seeds, Ring.Of(request.WordBits), noise);
        var sealedFor = new Signed<RequestStatement>(request, requestDigest, asked.Request.ToByteArray());
        var (bytes, _) = WholeVectors.SealShare(
            share, RunContexts.Share(sealedFor, Rolls.DigestOf(asked), Consortia.Id(id)), [.. request.Recipients.Select(r => keyOf(r.SealingKey))]);
        return Task.FromResult(new PartyAnswer([], bytes, null));
    }
}
