using Consilience.Protocol.Agreements;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Wire;
using Consilience.SecureAggregation;
using Consilience.SecureAggregation.Masking;
using Google.Protobuf;

namespace Consilience.Tests.World;

/// <summary>A site's signed contribution and its masked vector.</summary>
internal sealed record MadeContribution(Signed<ContributionStatement> Signed, byte[] Masked);

/// <summary>Contributions as sites make them, and rolls as a hub signs them — honest ones, and any others a test asks for.</summary>
internal static class Rolls
{
    internal static MadeContribution Contribute(this Consortia world, Agreement agreement, Signed<RequestStatement> request, string site, long[] values, string? signer = null)
    {
        var keyHolders = agreement.Study.KeyHolders;
        var made = WholeVectors.Seal(
            values, RunContexts.Mask(request, Consortia.Id(site), keyHolders[0]),
            [.. keyHolders.Select(k => new KeyHolderKey(k.ToString(), agreement.Consortium.Find(k)!.SealingKey))]);
        var statement = new ContributionStatement
        {
            Run = request.Statement.Run,
            Round = 0,
            Request = request.Digest,
            Site = Consortia.Id(site),
            VectorLength = values.Length,
            MaskedVector = Digest.Of(made.Masked),
            Seeds = [.. keyHolders.Zip(made.Envelopes, (k, e) => new SealedSeed(k, e))],
            Ledger = new LedgerHead(BitConverter.ToInt64(request.Statement.Run.ToBytes()) & long.MaxValue, request.Digest),
        };
        return new MadeContribution(Signed<ContributionStatement>.By(world.KeysOf(signer ?? site).Signing, statement), made.Masked);
    }

    internal static List<MadeContribution> ContributeAll(this Consortia world, Agreement agreement, Signed<RequestStatement> request) =>
        [.. agreement.Study.Sites.Select((s, i) => world.Contribute(agreement, request, s.ToString(), [10 + i, 20 + i]))];

    /// <summary>A roll over <paramref name="contributions"/>, signed by the hub or whoever is named.</summary>
    internal static RollToOpen RollOf(
        this Consortia world, Signed<RequestStatement> request, IReadOnlyList<MadeContribution> contributions, string signer = "harbour", Func<RollStatement, RollStatement>? change = null)
    {
        var roll = new RollStatement
        {
            Run = request.Statement.Run,
            Round = 0,
            Request = request.Digest,
            Sites = [.. contributions.Select(c => new RollEntry(c.Signed.Statement.Site, c.Signed.Digest))],
            MaskedSum = Digest.Of(MaskedSum(contributions, Ring.Of(request.Statement.WordBits))),
        };
        var asked = new RollToOpen
        {
            Run = request.Statement.Run.ToString(),
            Request = ByteString.CopyFrom(request.Envelope),
            Roll = ByteString.CopyFrom(Signed<RollStatement>.By(world.KeysOf(signer).Signing, change is null ? roll : change(roll)).Envelope),
        };
        asked.Contributions.AddRange(contributions.Select(c => ByteString.CopyFrom(c.Signed.Envelope)));
        return asked;
    }

    internal static byte[] MaskedSum(IReadOnlyList<MadeContribution> contributions, Ring? ring = null)
    {
        var sum = new byte[contributions[0].Masked.Length];
        foreach (var contribution in contributions)
            (ring ?? Ring.Bits64).Add(sum, contribution.Masked);
        return sum;
    }

    internal static Digest DigestOf(RollToOpen roll) => DsseEnvelope.TryParse(roll.Roll.Span, out var envelope) ? envelope.PayloadDigest : throw new InvalidOperationException();

    /// <summary>What a recipient reads in an answer; null when it is not sealed to it for this roll.</summary>
    internal static byte[]? ReadShare(this Consortia world, Signed<RequestStatement> request, RollToOpen roll, string keyHolder, PartyAnswer answer, string recipient = Consortia.Researcher) =>
        answer.Bytes is not null
        && WholeVectors.TryOpenShare(answer.Bytes, RunContexts.Share(request, DigestOf(roll), Consortia.Id(keyHolder)), world.KeysOf(recipient).Sealing, out var opened)
            ? opened.Share
            : null;
}
