using System.Runtime.CompilerServices;
using System.Text.Json;
using Consilience.Client.Analyse;
using Consilience.Client.Publish;
using Consilience.Hub.Tests.World;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Wire;
using Consilience.Tests.World;
using Grpc.Core;

namespace Consilience.Client.Tests.World;

/// <summary>The researcher ada at a network of real parties, and whatever a test puts between her and the hub.</summary>
internal sealed class Desk : IAsyncDisposable
{
    internal static readonly Question ByStage = new("by stage", "count", JsonDocument.Parse("""{"by":["stage"]}""").RootElement, "", Precision.Exact, null);

    private Desk(WholeNetwork network) => Network = network;

    internal WholeNetwork Network { get; }

    internal Consortia World => Network.World;

    internal SigningKey Signing => World.KeysOf("ada").Signing;

    /// <summary>Three sites; cedar refuses when it is given no rows.</summary>
    internal static Task<Desk> OpenAsync(bool cedarRefuses = false, Func<string, string>? terms = null, Wiretap? tap = null) =>
        OpenAsync([.. WholeNetwork.ThreeSites[..2], ("cedar", cedarRefuses ? null : WholeNetwork.ThreeSites[2].Rows)], terms, tap);

    /// <summary>The study in force at these sites.</summary>
    internal static async Task<Desk> OpenAsync((string Site, string? Rows)[] sites, Func<string, string>? terms = null, Wiretap? tap = null)
    {
        var desk = new Desk(WholeNetwork.Start(terms: terms, tap: tap, sites: sites));
        await desk.Network.AgreeAsync();
        return desk;
    }

    /// <summary>The same where the test plays cedar itself.</summary>
    internal static async Task<(Desk Desk, PartyEnd Cedar)> PlayCedarAsync((string Site, string? Rows)[] others, Func<string, string>? terms = null, Wiretap? tap = null)
    {
        var desk = new Desk(WholeNetwork.Start(terms: terms, tap: tap, sites: others));
        var cedar = await desk.Network.PlayAsync("cedar", NodeRole.Site);
        await desk.Network.AgreeAsync(cedar);
        return (desk, cedar);
    }

    /// <param name="question">By stage unless another.</param>
    /// <param name="alter">What becomes of each frame on its way; throwing breaks the connection.</param>
    /// <param name="breakAfter">Pieces of an attachment after which the connection breaks, once.</param>
    internal Task<Answer> AskAsync(Question? question = null, Func<RunFrame, RunFrame>? alter = null, int? breakAfter = null) => Asking(alter, breakAfter).AskAsync(question ?? ByStage, null, CancellationToken.None);

    internal AskQuestion Asking(Func<RunFrame, RunFrame>? alter = null, int? breakAfter = null) => new(new Between(Network, alter ?? (f => f), breakAfter), World.File, Network.Agreement, "ada", World.KeysOf("ada"), World.Clock);

    internal ReceiptStatement Read(Answer answer) => Signed<ReceiptStatement>.TryOpen(answer.Receipt, Signing.Public, out var receipt) ? receipt.Statement : throw new InvalidOperationException();

    /// <summary>An answer's receipt, in a folder that may hold its evidence.</summary>
    internal ReceiptFile Keep(Answer answer, string folder)
    {
        var file = Path.Combine(Directory.CreateDirectory(World.Path(folder)).FullName, "1.receipt.json");
        File.WriteAllBytes(file, answer.Receipt);
        return new(file);
    }

    internal Verification Verify(ReceiptStatement receipt, string signer = "ada") =>
        Verification.OfReceipt(Signed<ReceiptStatement>.By(World.KeysOf(signer).Signing, receipt).Envelope, World.File);

    public ValueTask DisposeAsync() => Network.DisposeAsync();

    /// <summary>A connection that hands on what a test makes of the hub's frames.</summary>
    private sealed class Between(WholeNetwork network, Func<RunFrame, RunFrame> alter, int? breakAfter) : HubConnection
    {
        private int? breakAfter = breakAfter;

        public override Task<StudyState> ProposeAsync(ProposeRequest request, CancellationToken cancellation) => throw new NotSupportedException();

        public override Task<ListStudiesReply> ListStudiesAsync(CancellationToken cancellation) => throw new NotSupportedException();

        public override Task AttachAsync(IAsyncEnumerable<AttachmentChunk> chunks, CancellationToken cancellation) => network.Hub.AttachAsync(WholeNetwork.Researcher("ada"), Breaking(chunks), cancellation);

        private async IAsyncEnumerable<AttachmentChunk> Breaking(IAsyncEnumerable<AttachmentChunk> chunks)
        {
            await foreach (var chunk in chunks)
            {
                if (breakAfter-- == 0)
                    throw Broken();
                yield return chunk;
            }
        }

        public override async IAsyncEnumerable<RunFrame> SubmitAsync(SubmitRequest request, [EnumeratorCancellation] CancellationToken cancellation)
        {
            await foreach (var frame in network.Hub.SubmitAsync(WholeNetwork.Researcher("ada"), request, cancellation))
                yield return alter(frame.Clone());
        }
    }

    internal static RpcException Broken() => new(new Status(StatusCode.Unavailable, "the connection ended"));
}
