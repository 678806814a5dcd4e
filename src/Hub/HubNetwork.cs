using System.Runtime.CompilerServices;
using Consilience.Hub.Analyse;
using Consilience.Hub.Sites;
using Consilience.Hub.Storage;
using Consilience.Hub.Studies;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Wire;
using Google.Protobuf;
using Microsoft.Extensions.Logging;

namespace Consilience.Hub;

/// <summary>A caller may not do, or sent something that is not, what this hub takes; the message is for the caller.</summary>
public sealed class HubRefusedException(string message) : Exception(message);

/// <summary>
/// The hub, whatever the transport: parties keep links to it, researchers submit and follow. One lock orders all decisions; they are short, because vectors are only stored
/// as they come and added outside it.
/// </summary>
public sealed class HubNetwork : IDisposable
{
    private const int EndsToTell = 1000;
    private static readonly TimeSpan RetentionInterval = TimeSpan.FromHours(1);

    private readonly Lock gate = new();
    private readonly HubDatabase database;
    private readonly Func<ConsortiumFile> consortia;
    private readonly HubLimits limits;
    private readonly TimeProvider clock;
    private readonly ILogger logger;
    private readonly Connections connections;
    private readonly StudyStore studies;
    private readonly CarryStudies carry;
    private readonly RunningRuns runs;
    private readonly CancellationTokenSource stopping = new();
    private readonly Task ticking;

    /// <param name="databasePath">The hub's database file.</param>
    /// <param name="key">The hub's signing key.</param>
    public HubNetwork(string databasePath, SigningKey key, Func<ConsortiumFile> consortia, HubLimits limits, TimeProvider clock, ILogger logger, Action<string>? onStep = null)
    {
        ArgumentNullException.ThrowIfNull(limits);
        this.consortia = consortia;
        this.limits = limits;
        this.clock = clock;
        this.logger = logger;
        database = HubDatabase.Open(databasePath, onStep);
        connections = new Connections(limits, onStep);
        studies = new StudyStore(database, consortia);
        carry = new CarryStudies(studies, connections, limits, clock);
        runs = new RunningRuns(database, gate, connections, key, limits, clock, logger);
        studies.Load();
        lock (gate)
            runs.Load();
        ticking = TickAsync(stopping.Token);
    }

    /// <summary>Serves a party's link until either side ends it.</summary>
    public async Task ServeAsync(NodeIdentity peer, Link<HubFrame, PartyFrame> link, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(peer);
        ArgumentNullException.ThrowIfNull(link);
        using var closing = CancellationTokenSource.CreateLinkedTokenSource(cancellation, stopping.Token);
        var party = await GreetAsync(peer, link, closing.Token);
        PartyLink connected;
        lock (gate)
        {
            connected = connections.Open(party, closing);
            connections.Send(party, HubSteps.Sent.Welcome, new HubFrame { Welcome = Welcome(party) });
            carry.Repeat(party);
            foreach (var (run, round) in LoadRuns.NotTold(database, party, EndsToTell))
                connections.Send(party, HubSteps.Sent.Ended, RunFrames.Ended(run, round, party).Frame);
            runs.Came(party);
        }

        logger.LogInformation("{Party} connected", party);
        var pump = connected.PumpAsync(link.Outgoing, closing.Token);
        try
        {
            await foreach (var frame in link.Incoming.ReadAllAsync(closing.Token))
            {
                lock (gate)
                    Take(connected, frame);
            }
        }
        finally
        {
            lock (gate)
            {
                if (connections.Close(connected))
                    runs.Left(party);
            }

            await closing.CancelAsync();
            await pump.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            link.Outgoing.TryComplete();
            logger.LogInformation("{Party} disconnected", party);
        }
    }

    /// <exception cref="HubRefusedException">The proposal is not one this hub carries.</exception>
    public StudyState Propose(NodeIdentity caller, ProposeRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        lock (gate)
        {
            var (study, problem) = carry.Propose(caller, request.Proposal.Span, consortia());
            return study is null ? throw new HubRefusedException(problem!) : studies.Describe(study);
        }
    }

    public ListStudiesReply ListStudies(NodeIdentity caller)
    {
        lock (gate)
            return carry.List(caller);
    }

    /// <summary>Submits a request, or follows the run it already is; ends with the opening or the failure.</summary>
    public async IAsyncEnumerable<RunFrame> SubmitAsync(NodeIdentity caller, SubmitRequest request, [EnumeratorCancellation] CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation, stopping.Token);
        var follower = new Follower();
        var (run, failed) = request.Earlier.Length > 0 ? Opened(caller, request.Earlier) : Follow(caller, request.Statement.ToByteArray(), follower);
        if (failed is not null)
        {
            yield return new RunFrame { Failed = failed };
            yield break;
        }

        if (request.Earlier.Length == 0)
        {
            try
            {
                await foreach (var frame in follower.Frames(ended.Token))
                    yield return frame;
            }
            finally
            {
                lock (gate)
                    runs.Unfollow(run!.Run, follower);
            }
        }

        RunState? opened;
        IReadOnlyList<byte[]> refusals;
        lock (gate)
        {
            opened = runs.Find(run!.Run);
            refusals = LoadRuns.RefusalStatements(database, run.Run);
        }

        if (opened is not { Phase: RunPhase.Opened })
            yield break;
        foreach (var frame in StreamOpening.Frames(database, opened, refusals, request.Held.ToDictionary(h => h.Transfer, h => h.Offset, StringComparer.Ordinal)))
            yield return frame;
    }

    /// <summary>Takes what a submitted request names as its attachment, from where the hub asked for it on; how many bytes it holds then.</summary>
    /// <exception cref="HubRefusedException">The run is not one of the caller's that wants these bytes.</exception>
    public async Task<AttachReply> AttachAsync(NodeIdentity caller, IAsyncEnumerable<AttachmentChunk> chunks, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(chunks);
        long held = 0;
        await foreach (var chunk in chunks.WithCancellation(cancellation))
        {
            lock (gate)
            {
                if (!RunId.TryParse(chunk.Run, null, out var id) || runs.Find(id) is not { } run || studies.Find(run.Agreement)?.InForce is not { } agreement
                    || Signed<RequestStatement>.PeekUnverified(run.RequestStatement) is not { } terms || AcceptRequest.Foreign(caller, agreement, terms.Researcher) is not null)
                    throw new HubRefusedException($"attachment: not of a run of {caller} at this hub; submit the request first");
                if (runs.Attach(run, chunk.Offset, chunk.Data.Memory) is { } refusal)
                    throw new HubRefusedException(refusal.Message);
                held = run.Attached + chunk.Data.Length;
            }
        }

        return new AttachReply { Held = (ulong)held };
    }

    public void Dispose()
    {
        stopping.Cancel();
        ticking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing).GetAwaiter().GetResult();
        lock (gate)
            database.Dispose();
        stopping.Dispose();
    }

    private Welcome Welcome(PartyId party) => new()
    {
        Software = $"consilience {typeof(HubNetwork).Assembly.GetName().Version}",
        Witness = party.Role == Role.Site ? ByteString.CopyFrom(LedgerWitnesses.Of(database, party.Organisation)) : ByteString.Empty,
    };

    private async Task<PartyId> GreetAsync(NodeIdentity peer, Link<HubFrame, PartyFrame> link, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(limits.HelloAllowance);
        var first = await link.Incoming.ReadAsync(patience.Token);
        var role = peer.Role switch { NodeRole.Site => Role.Site, NodeRole.KeyHolder => Role.KeyHolder, _ => Role.Unspecified };
        if (role == Role.Unspecified)
            throw new HubRefusedException($"{peer}: only sites and key holders connect; researchers submit");
        if (first.FrameCase != PartyFrame.FrameOneofCase.Hello || first.Hello.ProtocolVersion != 1)
            throw new HubRefusedException($"{peer}: expected a greeting of protocol version 1 first; run a matching version of the software");
        return first.Hello.Role == role ? new PartyId(peer.Organisation, role) : throw new HubRefusedException($"{peer}: greets in another role than its certificate's");
    }

    /// <summary>An opened run, for any researcher of its agreement: what it holds is sealed to those it was opened for.</summary>
    private (RunState? Run, RunFailed? Failed) Opened(NodeIdentity caller, string id)
    {
        lock (gate)
        {
            if (!RunId.TryParse(id, null, out var run) || runs.Find(run) is not { Phase: RunPhase.Opened } state || studies.Find(state.Agreement)?.InForce is not { } agreement)
                return Fail(new(RefusalCode.RequestInvalid, "run: not an opened run of this hub"));
            return AcceptRequest.Stranger(caller, agreement) is { } stranger ? Fail(stranger) : (state, null);
        }
    }

    private (RunState? Run, RunFailed? Failed) Follow(NodeIdentity caller, byte[] envelope, Follower follower)
    {
        var peeked = Signed<RequestStatement>.PeekUnverified(envelope);
        if (peeked is null || envelope.Length > limits.LargestStatement)
            return Fail(new(RefusalCode.RequestInvalid, "request: not a signed request, or too long"));
        lock (gate)
        {
            var agreement = studies.Find(peeked.Agreement)?.InForce;
            var known = runs.Find(peeked.Run);
            if (known is null)
            {
                if (runs.Count >= limits.RunsUnderWay)
                    return Fail(new(RefusalCode.DeadlinePassed, $"hub: {limits.RunsUnderWay} runs are under way; ask again later"));
                var (state, refusal) = AcceptRequest.Decide(caller, envelope, agreement, limits, clock.GetUtcNow());
                if (state is null)
                    return Fail(refusal!);
                if (state.Attachment is { } attachment && runs.Attachments + attachment.SizeInBytes > limits.AttachmentsInAll)
                    return Fail(new(RefusalCode.DeadlinePassed, $"hub: the attachments of runs under way fill {limits.AttachmentsInAll} bytes; ask again later"));
                if (state.Release is not null && LoadRuns.Released(database, state.Release) is { } earlier)
                    return Fail(new(RefusalCode.AlreadyAnswered, $"run {earlier}: answered this question at the same price; its release is shown, and nothing is charged"), earlier);
                runs.Follow(state, follower);
                runs.Apply(AcceptRequest.Begin(state, connections, clock.GetUtcNow()));
                return (state, null);
            }

            if (!DsseEnvelope.TryParse(envelope, out var parsed) || parsed.PayloadDigest != known.Request)
                return Fail(new(RefusalCode.RunAlreadyUsed, $"run {peeked.Run}: another request has this run id; ask again under a new one"));
            if (agreement is null || AcceptRequest.Foreign(caller, agreement, peeked.Researcher) is not null)
                return Fail(new(RefusalCode.ResearcherUnknown, $"run {peeked.Run}: not a run of {caller}"));
            if (known.Failure is { MayResume: true })
                runs.Apply(AcceptRequest.Resume(known, connections, clock.GetUtcNow()));
            runs.Follow(runs.Find(known.Run)!, follower);
            return (known, null);
        }
    }

    private static (RunState? Run, RunFailed? Failed) Fail(Protocol.Analyse.Refusal refusal, RunId? earlier = null) =>
        (null, new RunFailed { Code = Protocol.Analyse.Refusal.NameOf(refusal.Code), Message = refusal.Message, Earlier = earlier?.ToString() ?? "" });

    private void Take(PartyLink link, PartyFrame frame)
    {
        switch (frame.FrameCase)
        {
            case PartyFrame.FrameOneofCase.Decision:
                carry.Decide(link.Party, frame.Decision.Span);
                break;
            case PartyFrame.FrameOneofCase.Refusal when KeyOf(frame.Refusal.Run, link) is var (run, key) && Signed<RefusalStatement>.TryOpen(frame.Refusal.Statement.Span, key, out var refusal):
                runs.Apply(RecordRefusal.Decide(run, new(link.Party, refusal.Envelope, refusal.Statement), clock.GetUtcNow()));
                break;
            case PartyFrame.FrameOneofCase.Contribution when link.Party.Role == Role.Site && KeyOf(frame.Contribution.Run, link) is var (run, key):
                Announce(link, run, Signed<ContributionStatement>.TryOpen(frame.Contribution.Statement.Span, key, out var contribution) ? contribution.Envelope : null,
                    contribution?.Digest, frame.Contribution.Transfer, frame.Contribution.SizeInBytes, t => CheckContribution.Decide(run, link.Party, contribution!.Statement, t, frame.Contribution.SizeInBytes));
                break;
            case PartyFrame.FrameOneofCase.Share when link.Party.Role == Role.KeyHolder && KeyOf(frame.Share.Run, link) is var (run, key):
                Announce(link, run, Signed<ShareStatement>.TryOpen(frame.Share.Statement.Span, key, out var share) ? share.Envelope : null,
                    share?.Digest, frame.Share.Transfer, frame.Share.SizeInBytes, t => CheckShare.Decide(run, link.Party, share!.Statement, t, frame.Share.SizeInBytes));
                break;
            case PartyFrame.FrameOneofCase.Wanted when KeyOf(frame.Wanted.Run, link) is var (run, _):
                foreach (var chunk in StreamAttachment.Chunks(database, run, link.Party, frame.Wanted))
                    connections.Send(link.Party, HubSteps.Sent.Attachment, chunk);
                runs.Apply(MeetParty.Heard(run, link.Party, clock.GetUtcNow()));
                break;
            case PartyFrame.FrameOneofCase.Chunk:
                if (!runs.Receive(link, frame.Chunk.Transfer, frame.Chunk.Offset, frame.Chunk.Data.Memory) && ++link.StrayChunks > limits.StrayChunks)
                    link.Close();
                break;
        }
    }

    private void Announce(PartyLink link, RunState run, byte[]? envelope, Digest? payload, string transfer, ulong size, Func<Digest, Protocol.Analyse.Refusal?> check)
    {
        var refusal = envelope is null || !Digest.TryParse(transfer, null, out _)
            ? new Protocol.Analyse.Refusal(RefusalCode.SignatureInvalid, $"{link.Party}: its answer is not signed by it")
            : check(Digest.Parse(transfer, null));
        if (refusal is not null)
        {
            logger.LogWarning("run {Run}: {Refusal}", run.Run, refusal);
            runs.Apply(RecordRefusal.Exclude(run, link.Party, refusal, clock.GetUtcNow()));
            return;
        }

        var announcement = new Announcement(envelope!, payload!, Digest.Parse(transfer, null), (long)size);
        runs.Apply(AnnounceAnswer.Decide(run, new(link.Party, link.Number, announcement), clock.GetUtcNow()));
    }

    /// <summary>The run under way and the sender's key; null when there is no such run, or the sender is not in it.</summary>
    private (RunState Run, VerificationKey Key)? KeyOf(string run, PartyLink link) =>
        RunId.TryParse(run, null, out var id) && runs.Find(id) is { IsOver: false } state && state.Parties.ContainsKey(link.Party)
        && studies.Find(state.Agreement)?.InForce?.Consortium.Find(link.Party.Organisation) is { } member
            ? (state, member.SigningKey)
            : null;

    private async Task TickAsync(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(limits.ClockInterval, clock);
        var sinceRetention = clock.GetTimestamp();
        while (await timer.WaitForNextTickAsync(cancellation))
        {
            lock (gate)
            {
                runs.Tick();
                if (clock.GetElapsedTime(sinceRetention) < RetentionInterval)
                    continue;
                sinceRetention = clock.GetTimestamp();
                foreach (var old in LoadRuns.OlderThan(database, clock.GetUtcNow() - limits.Retention))
                    database.Write([HubSteps.Stored.Forgotten], d => RunBytes.DropAll(d, old));
            }
        }
    }
}
