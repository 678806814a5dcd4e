using System.Text;
using System.Text.Json.Nodes;
using Consilience.Hub.Tests.World;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Wire;
using Consilience.SecureAggregation.Masking;
using Consilience.Tests.World;
using Google.Protobuf;

namespace Consilience.Hub.Tests;

/// <summary>
/// A hostile site at the real hub: what it sends never stands in the sum, the others' answers do, and the result says why. Each attack is also made on a hub that believes
/// what it is told, where it succeeds.
/// </summary>
public sealed class AnswersThatAreTurnedAway
{
    /// <summary>The sum of aster and birch by stage.</summary>
    private static readonly long[] WithoutCedar = [3, 3];

    [Fact]
    public async Task An_honest_answer_stands_in_the_sum()
    {
        await using var attack = await Attack.StartAsync();
        var seen = await attack.AskAsync(a => a.Honest());
        Assert.Equal(["aster", "birch", "cedar"], seen.Sites);
        Assert.Equal([13, 23], seen.Open(attack.World));
    }

    [Fact]
    public Task In_another_sites_name() => OnlyTheTwinTakesAsync(RefusalCode.SignatureInvalid, a => a.Changed(s => s with { Site = Consortia.Id("aster") }));

    [Fact]
    public Task Signed_by_another_site() => OnlyTheTwinTakesAsync(RefusalCode.SignatureInvalid, a => a.Changed(s => s, signer: "dogwood"));

    [Fact]
    public Task With_a_signature_of_something_else() => OnlyTheTwinTakesAsync(RefusalCode.SignatureInvalid, a => a.WithAnothersSignature());

    [Fact]
    public Task Replayed_from_another_run() => OnlyTheTwinTakesAsync(RefusalCode.RequestInvalid, a => a.Changed(s => s with { Run = Questions.FreshRun() }));

    [Fact]
    public Task Replayed_from_another_round() => OnlyTheTwinTakesAsync(RefusalCode.RequestInvalid, a => a.Changed(s => s with { Round = 1 }));

    [Fact]
    public Task For_another_request() => OnlyTheTwinTakesAsync(RefusalCode.RequestInvalid, a => a.Changed(s => s with { Request = Digest.Of([1]) }));

    [Fact]
    public Task Of_another_length() => OnlyTheTwinTakesAsync(RefusalCode.RequestInvalid, a => a.Changed(s => s with { VectorLength = 3 }));

    [Fact]
    public Task With_other_bytes_announced_than_signed() =>
        OnlyTheTwinTakesAsync(RefusalCode.TransferInvalid, a => a.Honest() with { Transfer = Digest.Of(new byte[16]).ToString(), Bytes = new byte[16] });

    [Fact]
    public Task With_a_size_that_is_not_the_vectors() => OnlyTheTwinTakesAsync(RefusalCode.TransferInvalid, a => a.Honest() with { Size = 24 });

    [Fact]
    public Task With_a_seed_for_a_key_holder_that_was_not_agreed() => OnlyTheTwinTakesAsync(
        RefusalCode.KeyHolderMismatch, a => a.Changed(s => s with { Seeds = [s.Seeds[0], s.Seeds[1] with { KeyHolder = Consortia.Id("dogwood") }] }));

    [Fact]
    public Task Without_a_seed_for_an_agreed_key_holder() => OnlyTheTwinTakesAsync(RefusalCode.KeyHolderMismatch, a => a.Changed(s => s with { Seeds = [s.Seeds[0]] }));

    [Fact]
    public Task With_bytes_that_are_not_those_signed() => OnlyTheTwinTakesAsync(RefusalCode.TransferInvalid, a => a.Honest() with { Bytes = new byte[16] });

    [Fact]
    public async Task A_second_different_answer_takes_the_first_out()
    {
        await using var attack = await Attack.StartAsync();
        var seen = await attack.AskAsync(a => a.Honest(), a => a.Honest());
        Assert.Equal(["aster", "birch"], seen.Sites);
        Assert.Equal(RefusalCode.RunAlreadyUsed, Assert.Single(seen.Refusals).Code);
        Assert.Equal(WithoutCedar, seen.Open(attack.World));
    }

    [Fact]
    public async Task A_key_holder_cannot_answer_as_a_site()
    {
        await using var attack = await Attack.StartAsync();
        var holder = await attack.Network.PlayAsync("birch", NodeRole.KeyHolder);
        var seen = await attack.AskAsync(a =>
        {
            var forged = a.Changed(s => s with { Site = Consortia.Id("birch") }, signer: "birch");
            holder.SendAsync(new PartyFrame { Contribution = a.Frame(forged) }).GetAwaiter().GetResult();
            holder.LeaveAsync().GetAwaiter().GetResult();
            a.Network.Redial("birch", NodeRole.KeyHolder);
            return a.Honest();
        });
        Assert.Equal([13, 23], seen.Open(attack.World));
    }

    private static async Task OnlyTheTwinTakesAsync(RefusalCode code, Func<Attack, Sent> attack)
    {
        await using var attacked = await Attack.StartAsync();
        Sent? sent = null;
        var seen = await attacked.AskAsync(a => sent = attack(a));
        Assert.Equal(["aster", "birch"], seen.Sites);
        Assert.Equal(WithoutCedar, seen.Open(attacked.World));
        var refusal = Assert.Single(seen.Refusals);
        Assert.Equal(("cedar", code), (refusal.Party.ToString(), refusal.Code));
        Assert.True(Signed<RefusalStatement>.TryOpen(seen.Opening.Refusals[0].Span, attacked.World.KeysOf("harbour").Signing.Public, out _));
        Assert.Contains(CredulousHub.Roll([sent!]).Sites, s => DsseEnvelope.TryParse(sent!.Statement, out var forged) && s.Contribution == forged.PayloadDigest);
    }

    /// <summary>What a site sends in answer.</summary>
    private sealed record Sent(byte[] Statement, string Transfer, ulong Size, byte[] Bytes);

    /// <summary>A deliberately broken hub: verifies nothing, adds the bytes it is sent, and puts every statement it can read on its roll.</summary>
    private static class CredulousHub
    {
        internal static RollStatement Roll(IReadOnlyList<Sent> answers)
        {
            var said = answers.Select(a => (Statement: Signed<ContributionStatement>.PeekUnverified(a.Statement)!, Payload: Payload(a.Statement))).ToList();
            var sum = new byte[answers.Max(a => a.Bytes.Length)];
            foreach (var answer in answers)
                Ring.Bits64.Add(sum, answer.Bytes);
            return new RollStatement
            {
                Run = said[0].Statement.Run,
                Round = said[0].Statement.Round,
                Request = said[0].Statement.Request,
                Sites = [.. said.Select(s => new RollEntry(s.Statement.Site, s.Payload))],
                MaskedSum = Digest.Of(sum),
            };
        }

        private static Digest Payload(byte[] envelope) => DsseEnvelope.TryParse(envelope, out var parsed) ? parsed.PayloadDigest : throw new InvalidOperationException();
    }

    /// <summary>Cedar, played by the test, among real parties.</summary>
    private sealed class Attack : IAsyncDisposable
    {
        private PartyEnd cedar = null!;
        private Signed<RequestStatement> request = null!;

        internal WholeNetwork Network { get; private init; } = null!;

        internal Consortia World => Network.World;

        internal static async Task<Attack> StartAsync()
        {
            var network = WholeNetwork.Start(sites: WholeNetwork.ThreeSites[..2]);
            var attack = new Attack { Network = network, cedar = await network.PlayAsync("cedar", NodeRole.Site) };
            await network.AgreeAsync(attack.cedar);
            return attack;
        }

        internal async Task<SeenRun> AskAsync(params Func<Attack, Sent>[] answers)
        {
            request = Network.Request();
            var running = Network.SubmitAsync(request);
            await cedar.NextAsync(HubFrame.FrameOneofCase.Request);
            foreach (var answer in answers)
            {
                var sent = answer(this);
                await cedar.SendAsync(new PartyFrame { Contribution = Frame(sent) });
                if (answer == answers[^1] && answers.Length == 1)
                    await cedar.SendAsync(sent.Transfer, 0, sent.Bytes);
            }

            return await running;
        }

        internal Sent Honest()
        {
            var made = World.Contribute(Network.Agreement, request, "cedar", [10, 20]);
            var bytes = made.Masked;
            return new Sent(made.Signed.Envelope, Digest.Of(bytes).ToString(), (ulong)bytes.Length, bytes);
        }

        internal Sent Changed(Func<ContributionStatement, ContributionStatement> change, string signer = "cedar")
        {
            var honest = Honest();
            var statement = Signed<ContributionStatement>.PeekUnverified(honest.Statement)!;
            return honest with { Statement = Signed<ContributionStatement>.By(World.KeysOf(signer).Signing, change(statement)).Envelope };
        }

        /// <summary>What is said in one envelope, under the signature of another.</summary>
        internal Sent WithAnothersSignature()
        {
            var (honest, other) = (Honest(), Changed(s => s with { Round = 7 }));
            var text = JsonNode.Parse(honest.Statement)!;
            text["signatures"] = JsonNode.Parse(other.Statement)!["signatures"]!.DeepClone();
            return honest with { Statement = Encoding.UTF8.GetBytes(text.ToJsonString()) };
        }

        internal Contribution Frame(Sent sent) => new()
        {
            Run = request.Statement.Run.ToString(), Statement = ByteString.CopyFrom(sent.Statement), Transfer = sent.Transfer, SizeInBytes = sent.Size,
        };

        public ValueTask DisposeAsync() => Network.DisposeAsync();
    }
}
