using System.Text;
using Consilience.Protocol.Agreements;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Tests.World;
using Consilience.Tests;
using CsCheck;

namespace Consilience.Protocol.Tests.Fuzz;

/// <summary>
/// Envelopes nobody meant, and statements that a member signed though they are none: every reader says no or reads it, never throws, and nothing verifies whose payload is not the
/// one that was signed.
/// </summary>
[Trait("speed", "slow")]
public sealed class EnvelopeFuzz
{
    private static readonly Network World = Network.Shared;
    private static readonly byte[] Request = Signed<RequestStatement>.By(World.Ada.Signing, World.Request()).Envelope;

    private static readonly byte[][] Originals =
        [Request, World.Proposal.Envelope, World.Decision(World.Proposal, World.Cedar.Id, NodeRole.Site), World.Agreement.ToBytes(), World.File.ToBytes(), World.Cards[0]];

    private static readonly string[] Tokens =
    [
        "{", "}", "[", "]", ",", ":", "\"", "null", "true", "-1", "0", "1e999", "99999999999999999999", "\\u0000", "\ud800", "{}", "[]", "\"run\":", "\"payload\":\"\"", "\"sig\":", "=", "A", "\"\"", "\n", "/",
        "\"vectorLength\":2147483647", "\"epsilon\":\"1/0\"", "\"cohort\":\"((((((((\"", "\"0001-01-01T00:00:00Z\"", "\"9999-12-31T23:59:59Z\"",
    ];

    /// <summary>Where no time is asked for: a number, so that what a case counts does not hang on how busy the machine is.</summary>
    private const int Cases = 16_000;

    private static Gen<byte[]> Spoilt(byte[][] originals) =>
        Gen.Select(Gen.Int[0, originals.Length - 1], Gen.Select(Gen.Double[0, 1], Gen.Int[0, 4], Gen.OneOf(Tokens), Gen.Byte).Array[1, 5]).Select((which, changes) =>
        {
            var bytes = originals[which].ToList();
            foreach (var (place, kind, token, value) in changes)
            {
                var at = (int)(place * (bytes.Count - 1));
                switch (kind)
                {
                    case 0: bytes[at] = value; break;
                    case 1: bytes.InsertRange(at, Encoding.UTF8.GetBytes(token)); break;
                    case 2: bytes.RemoveRange(at, Math.Min(bytes.Count - at - 1, value)); break;
                    case 3: bytes.AddRange(bytes.Take(at).ToList()); break;
                    default: bytes.RemoveRange(at, Math.Max(0, bytes.Count - at - 1)); break;
                }
            }

            return bytes.ToArray();
        });

    [Fact]
    public void Whatever_arrives_is_read_or_refused_and_verifies_only_with_the_payload_that_was_signed()
    {
        var (read, refused) = (0, 0);
        var original = DsseEnvelope.TryParse(Request, out var signed) ? signed.PayloadDigest : throw new InvalidOperationException();
        Gen.OneOf(Spoilt(Originals), Gen.Byte.Array[0, 300]).Sample(
            bytes =>
            {
                Interlocked.Add(ref DsseEnvelope.TryParse(bytes, out _) ? ref read : ref refused, 1);
                Agreement.TryOpen(bytes, World.File, out _, out _);
                Proposal.TryOpen(bytes, World.File, out _, out _);
                Agreement.ReadDecision(bytes, World.Proposal);
                Researcher.FromCard(bytes, World.Consortium);
                Signed<ContributionStatement>.PeekUnverified(bytes);
                Signed<RollStatement>.PeekUnverified(bytes);
                Signed<ShareStatement>.PeekUnverified(bytes);
                Signed<RefusalStatement>.PeekUnverified(bytes);
                RunPlan.Decide(World.Agreement, bytes, Network.Now);
                try
                {
                    ConsortiumFile.Parse(bytes);
                }
                catch (ConsortiumException)
                {
                    // The one way in which it says no.
                }

                return !Signed<RequestStatement>.TryOpen(bytes, World.Ada.Signing.Public, out var opened) || opened.Digest == original;
            },
            iter: Cases,
            time: FuzzTime.Asked ?? -1);
        Assert.True(read > 100 && refused > 100, $"{read} read, {refused} refused");
    }

    [Fact]
    public void Whatever_a_member_signs_is_planned_or_refused()
    {
        var (planned, refused) = (0, 0);
        var payload = Payload(Request);
        Gen.OneOf(Spoilt([payload]), Gen.Const(payload)).Sample(
            bytes =>
            {
                var envelope = DsseEnvelope.Sign(RequestStatement.PayloadType, bytes, World.Ada.Signing).ToBytes();
                var (plan, refusal) = RunPlan.Decide(World.Agreement, envelope, Network.Now);
                Interlocked.Add(ref plan is null ? ref refused : ref planned, 1);
                return plan is null != refusal is null && (refusal is null || refusal.Message.Length < 4_000);
            },
            iter: Cases,
            time: FuzzTime.Asked ?? -1);
        Assert.True(planned > 100 && refused > 100, $"{planned} planned, {refused} refused");
    }

    private static byte[] Payload(byte[] envelope) => System.Text.Json.JsonDocument.Parse(envelope).RootElement.GetProperty("payload").GetBytesFromBase64();
}
