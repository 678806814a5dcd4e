using System.Runtime.CompilerServices;
using System.Text.Json;
using Consilience.Analyses;
using Consilience.Analyses.Models;
using Consilience.Analyses.Schema;
using Consilience.Arithmetic;
using Consilience.Client.Publish;
using Consilience.Protocol.Agreements;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Wire;
using Google.Protobuf;

namespace Consilience.Client.Analyse;

/// <summary>A question answered: the result, and its receipt's bytes, which belong into the folder that took its evidence.</summary>
/// <param name="Total">The verified counters that the result was made of.</param>
/// <param name="IsRepeated">Whether it is an earlier release of the same question: nothing was charged for it.</param>
public sealed record Answer(AnalysisResult Result, byte[] Receipt, ReadOnlyMemory<long> Total, bool IsRepeated = false);

/// <summary>How far a fit that is asked in rounds has come.</summary>
/// <param name="Round">The round that was answered, from 1 on.</param>
/// <param name="LogLikelihood">Of the coefficients it goes on from.</param>
/// <param name="LargestStep">Of the step it takes from them, of scaled coefficients.</param>
public sealed record FitProgress(int Round, double LogLikelihood, double LargestStep);

/// <summary>
/// Asks one question under an agreement: signs the request, follows the run, verifies everything that arrives, opens the shares, finishes, and writes the receipt.
/// A broken connection is taken up again where it broke, with the same signed bytes.
/// </summary>
public sealed class AskQuestion(HubConnection hub, ConsortiumFile consortia, Agreement agreement, string researcher, KeyFolder keys, TimeProvider clock)
{
    private const int Attempts = 8;
    private const int ChunkSize = 1 << 20;

    /// <summary>How long sites may take to answer before the request lapses.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The agreement asked under.</summary>
    public Agreement Agreement => agreement;

    /// <summary>Who asks, by the name the study knows.</summary>
    public string Researcher => researcher;

    /// <summary>The parties of the agreement, and whoever may check their signatures.</summary>
    public ConsortiumFile Consortia => consortia;

    /// <summary>Asks until the answer is final: once, or for a fit as many rounds as it needs, each a run of its own. The last round's answer holds all that the fit is.</summary>
    /// <param name="question">What to ask.</param>
    /// <param name="progress">Told what parties of the round do.</param>
    /// <param name="cancellation">Ends the wait, not the run.</param>
    /// <param name="fit">Told how each round but the last left the fit.</param>
    /// <param name="folder">Takes evidence too large for the receipt, which belongs beside it; null to hold everything in memory, and refuse to ask for more than a receipt holds.</param>
    /// <exception cref="FaultyInputException">The question does not fit the study; every fault is listed, and nothing was asked.</exception>
    /// <exception cref="AskFailedException">It was refused, or an answer did not verify.</exception>
    public async Task<Answer> AskAsync(Question question, IProgress<RunProgress>? progress, CancellationToken cancellation, IProgress<FitProgress>? fit = null, string? folder = null) =>
        (await AskTogetherAsync([question], progress, cancellation, fit, folder))[0];

    /// <summary>
    /// Asks questions that one run answers (see <see cref="Programme"/>), each with a receipt of its own. Where the first answer begins a fit, its further rounds are runs of their own.
    /// </summary>
    /// <param name="questions">At least one; all ask for the same sums of the same cohort, at the same precision and price.</param>
    /// <param name="progress">As in <see cref="AskAsync"/>.</param>
    /// <param name="cancellation">As in <see cref="AskAsync"/>.</param>
    /// <param name="fit">As in <see cref="AskAsync"/>.</param>
    /// <param name="folder">As in <see cref="AskAsync"/>.</param>
    public async Task<IReadOnlyList<Answer>> AskTogetherAsync(IReadOnlyList<Question> questions, IProgress<RunProgress>? progress, CancellationToken cancellation, IProgress<FitProgress>? fit = null, string? folder = null)
    {
        ArgumentNullException.ThrowIfNull(questions);
        if (await NullModelAsync(questions[0], progress, cancellation, fit) is { } coefficients)
            questions = [.. questions.Select(q => At(q, coefficients))];
        using var arriving = new ArrivingEvidence(folder);
        var run = await RunAsync(questions[0], arriving, progress, cancellation);
        var answers = new List<Answer>();
        foreach (var question in questions)
            answers.Add(await FitAsync(question, Finish(question, run), arriving, progress, cancellation, fit));
        answers.ForEach(a => arriving.Keep(a.Result.Run));
        return answers;
    }

    private async Task<Answer> FitAsync(Question question, Answer answer, ArrivingEvidence arriving, IProgress<RunProgress>? progress, CancellationToken cancellation, IProgress<FitProgress>? fit)
    {
        var path = new NewtonPath();
        for (var round = 1; path.Next(answer.Result.Tables) is { } at; round++)
        {
            fit?.Report(new FitProgress(round, path.LogLikelihood, path.LargestStep));
            question = At(question, at);
            answer = Finish(question, await RunAsync(question, arriving, progress, cancellation));
        }

        return answer;
    }

    /// <summary>The coefficients at which a question is to be asked that tests what a fit leaves open: those after the fit's last step. Null where it names them, or needs none.</summary>
    private async Task<IReadOnlyList<double>?> NullModelAsync(Question question, IProgress<RunProgress>? progress, CancellationToken cancellation, IProgress<FitProgress>? fit)
    {
        if (MethodList.Find(question.Method)?.NullModel(question.Parameters) is not { } model)
            return null;
        var name = $"{question.Name}: model without it";
        var answer = await AskAsync(question with { Name = name, Method = model.Method, Parameters = model.Parameters }, progress, cancellation, fit);
        return NewtonPath.End(answer.Result.Tables)
            ?? throw new AskFailedException(RefusalCode.RequestInvalid, $"{name}: has no fit, or the study's rules hide it; ask for it by itself to see why", [], []);
    }

    private static Question At(Question question, IReadOnlyList<double> coefficients)
    {
        var parameters = JsonSerializer.SerializeToNode(question.Parameters)!.AsObject();
        parameters["at"] = JsonSerializer.SerializeToNode(coefficients);
        return question with { Parameters = JsonSerializer.SerializeToElement(parameters) };
    }

    /// <summary>Follows a question's run, or where it was answered before that run, to the end.</summary>
    private async Task<OpenedRun> RunAsync(Question question, ArrivingEvidence arriving, IProgress<RunProgress>? progress, CancellationToken cancellation)
    {
        var request = Sign(question);
        var evidence = OpenedRun.SizeOf(request.Statement);
        if (evidence > ReceiptStatement.LargestEvidence && !arriving.TakesFile(evidence))
        {
            throw new FaultyInputException(question.Name, [new Fault("method", $"an answer whose masked sum and shares fit a receipt, {ReceiptStatement.LargestEvidence} bytes in all", $"{evidence}",
                "name a folder to keep them in beside it")]);
        }

        using var arrived = new ArrivedRun(request.Statement, arriving);
        try
        {
            await FollowAsync(request, arrived, new SubmitRequest { Statement = ByteString.CopyFrom(request.Envelope) }, question.Attached, progress, cancellation);
        }
        catch (AskFailedException e) when (e is { Code: RefusalCode.AlreadyAnswered, Earlier: { } run })
        {
            await FollowAsync(request, arrived, new SubmitRequest { Earlier = run.ToString() }, question.Attached, progress, cancellation);
            return OpenedRun.Of(question, agreement, EarlierRequest(request, arrived), arrived, keys, arriving);
        }

        return OpenedRun.Of(question, agreement, request, arrived, keys, arriving);
    }

    private Answer Finish(Question question, OpenedRun run)
    {
        var evidence = run.Unfinished(question);
        var verification = Verification.OfEvidence(evidence, consortia, run.Folder);
        if (verification.Recomputed is not { } result)
        {
            var failed = verification.Steps.First(s => !s.Holds);
            throw new AskFailedException(RefusalCode.SignatureInvalid, $"{failed.What}: does not verify ({failed.Detail}); the result is withheld", [], []);
        }

        var receipt = Signed<ReceiptStatement>.By(keys.Signing, evidence with { Result = result });
        return new Answer(result, receipt.Envelope, verification.Total, run.IsRepeated);
    }

    /// <summary>Refusals that every party would answer by the agreement alone, found without asking; a site's own policy may refuse more.</summary>
    /// <exception cref="FaultyInputException">A question does not fit the study.</exception>
    public IReadOnlyDictionary<Question, Consilience.Protocol.Analyse.Refusal> Foresee(IEnumerable<Question> questions)
    {
        ArgumentNullException.ThrowIfNull(questions);
        return questions.Select(q => (Question: q, RunPlan.Decide(agreement, Sign(q).Envelope, clock.GetUtcNow()).Refusal)).Where(d => d.Refusal is not null).ToDictionary(d => d.Question, d => d.Refusal!);
    }

    /// <summary>The signed request of a question; faults in the question are found here, before anything is sent.</summary>
    public Signed<RequestStatement> Sign(Question question)
    {
        ArgumentNullException.ThrowIfNull(question);
        var faults = new List<Fault>();
        var (plan, cohort) = question.Plan(agreement.Study.Schema, faults);
        var price = question.Precision == Precision.Noised ? question.ReadPrice(faults) : null;
        if (plan is not null && !question.Attaches(RunPlan.BindingOf(plan.Sums)))
            faults.Add(new Fault("attachment", plan.Sums.Attachment is { } named ? $"the {named.SizeInBytes} bytes that the parameters name" : "none", $"{question.Attached.Length} other bytes", "attach the bytes whose digest the parameters give"));
        if (faults.Count > 0)
            throw new FaultyInputException(question.Name, faults);
        var id = new byte[16];
        RandomBytes.OperatingSystem.Fill(id);
        var now = clock.GetUtcNow();
        return Signed<RequestStatement>.By(keys.Signing, new RequestStatement
        {
            Run = RunId.FromRandom(id),
            Round = 0,
            Consortium = agreement.Consortium.Digest,
            Agreement = agreement.Digest,
            Researcher = researcher,
            Method = question.Method,
            Parameters = question.Parameters,
            Cohort = cohort!.Canonical,
            Precision = question.Precision,
            Epsilon = price?.Epsilon?.ToString(),
            Rho = price?.Rho?.ToString(),
            Again = question.Again,
            Noise = price is null ? null : RunPlan.NoisePlans(agreement.Study, plan!, price)[0].Name,
            VectorLength = plan!.Sums.VectorLength,
            WordBits = plan.Sums.WordBits,
            Attachment = RunPlan.BindingOf(plan.Sums),
            Sites = question.Sites,
            KeyHolders = [.. agreement.Study.KeyHolders.Select(k => new KeyHolderBinding(k, RunPlan.Fingerprint(agreement.Consortium.Find(k)!.SealingKey)))],
            Recipients = [new RecipientBinding(researcher, RunPlan.Fingerprint(keys.Sealing.PublicKey))],
            IssuedAt = now,
            ExpiresAt = now + Patience,
        });
    }

    /// <summary>Signs what the researcher says about answers, as the one who asked.</summary>
    public Signed<T> Sign<T>(T statement)
        where T : class, IStatement<T> => Signed<T>.By(keys.Signing, statement);

    private async Task FollowAsync(Signed<RequestStatement> request, ArrivedRun arrived, SubmitRequest submit, ReadOnlyMemory<byte> attached, IProgress<RunProgress>? progress, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await foreach (var frame in Frames(submit, arrived, cancellation))
                {
                    if (frame.FrameCase == RunFrame.FrameOneofCase.Progress)
                        progress?.Report(frame.Progress);
                    if (frame.FrameCase == RunFrame.FrameOneofCase.Wanted && !await AttachAsync(request.Statement.Run, attached, (long)frame.Wanted.Offset, cancellation))
                        break;
                    arrived.Take(frame);
                    if (frame.FrameCase is not RunFrame.FrameOneofCase.Progress)
                        attempt = 1;
                }

                if (arrived.IsComplete)
                    return;
            }
            catch (Grpc.Core.RpcException e) when (e.StatusCode is Grpc.Core.StatusCode.Unavailable or Grpc.Core.StatusCode.Internal && attempt < Attempts)
            {
                // The run goes on without us: the same bytes submitted again follow it.
            }

            if (attempt >= Attempts)
                throw new AskFailedException(RefusalCode.PartyAbsent, "hub: the connection broke and could not be taken up again; ask for the run again later", [], []);
            await Task.Delay(TimeSpan.FromMilliseconds(100 * Math.Pow(2, attempt)), clock, cancellation);
        }
    }

    /// <summary>False when the hub holds more or less by now than it asked from: a piece of an earlier connection was still on its way. Submitted again, it asks again.</summary>
    private async Task<bool> AttachAsync(RunId run, ReadOnlyMemory<byte> attached, long offset, CancellationToken cancellation)
    {
        try
        {
            await hub.AttachAsync(Pieces(run, attached, offset), cancellation);
            return true;
        }
        catch (Grpc.Core.RpcException e) when (e.StatusCode == Grpc.Core.StatusCode.FailedPrecondition)
        {
            return false;
        }
    }

    /// <summary>The attachment from an offset on, as the hub takes it.</summary>
    private static async IAsyncEnumerable<AttachmentChunk> Pieces(RunId run, ReadOnlyMemory<byte> attached, long offset)
    {
        for (var at = (int)Math.Min(offset, attached.Length); at < attached.Length; at += ChunkSize)
        {
            await Task.CompletedTask;
            yield return new AttachmentChunk { Run = run.ToString(), Offset = (ulong)at, Data = UnsafeByteOperations.UnsafeWrap(attached.Slice(at, Math.Min(ChunkSize, attached.Length - at))) };
        }
    }

    private async IAsyncEnumerable<RunFrame> Frames(SubmitRequest submit, ArrivedRun arrived, [EnumeratorCancellation] CancellationToken cancellation)
    {
        submit.Held.Clear();
        submit.Held.AddRange(arrived.Held());
        await foreach (var frame in hub.SubmitAsync(submit, cancellation))
            yield return frame;
    }

    /// <summary>The request of an earlier run: signed by a researcher of the agreement, for the same release, and sealed to this one.</summary>
    private Signed<RequestStatement> EarlierRequest(Signed<RequestStatement> asked, ArrivedRun arrived)
    {
        var envelope = arrived.Opening.Request.ToByteArray();
        var issued = Signed<RequestStatement>.PeekUnverified(envelope)?.IssuedAt ?? default;
        var (earlier, _) = RunPlan.Decide(agreement, envelope, issued);
        var (wanted, _) = RunPlan.Decide(agreement, asked.Envelope, asked.Statement.IssuedAt);
        if (earlier?.Release is null || earlier.Release != wanted?.Release)
            throw OpenedRun.Unreadable("earlier run");
        return earlier.Request.Statement.Recipients.Contains(asked.Statement.Recipients[0])
            ? earlier.Request
            : throw new AskFailedException(RefusalCode.AlreadyAnswered,
                $"run {earlier.Request.Statement.Run}: researcher {earlier.Request.Statement.Researcher} asked this before, and its release is sealed to them; ask them for the receipt, or ask again with new noise and a new charge (--again)", [], []);
    }
}
