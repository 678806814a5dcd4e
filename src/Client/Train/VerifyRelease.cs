using Consilience.Analyses.Schema;
using Consilience.Client.Publish;
using Consilience.Protocol.Agreements;
using Consilience.Protocol.Identity;

namespace Consilience.Client.Train;

/// <summary>
/// Checks a released model with nothing but the consortium file: the researcher's signature over every file, every round's receipt, that each round was asked at the weights the one before gave by the declared strategy, and that
/// the last gives the released weights bit for bit. Steps stop at the first that fails.
/// </summary>
public sealed class VerifyRelease
{
    private readonly List<VerificationStep> steps = [];
    private readonly string folder;
    private readonly ConsortiumFile consortia;

    private VerifyRelease(string folder, ConsortiumFile consortia) => (this.folder, this.consortia) = (folder, consortia);

    public IReadOnlyList<VerificationStep> Steps => steps;

    public bool Holds => steps.All(s => s.Holds);

    /// <summary>Whether a folder looks like a release.</summary>
    public static bool IsRelease(string folder) => File.Exists(Path.Combine(folder, ReleaseModel.Statement));

    public static VerifyRelease Of(string folder, ConsortiumFile consortia)
    {
        ArgumentNullException.ThrowIfNull(consortia);
        var verification = new VerifyRelease(folder, consortia);
        try
        {
            verification.Check();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or FaultyInputException or TrainingStoppedException)
        {
            verification.Step("files", false, e.Message);
        }

        return verification;
    }

    private bool Check()
    {
        var envelope = File.ReadAllBytes(Path.Combine(folder, ReleaseModel.Statement));
        var said = Signed<ReleaseStatement>.PeekUnverified(envelope);
        if (!Step("release", said is not null, said is null ? $"{ReleaseModel.Statement}: not a release (expected a folder that consilience wrote)" : $"{said.Name}, by {said.Software}"))
            return false;
        var receipts = TrainingFolder.ReceiptsIn(Path.Combine(folder, ReleaseModel.Receipts));
        var first = receipts.Count == 0 ? null : Signed<ReceiptStatement>.PeekUnverified(receipts[0].Read());
        var name = $"{ReleaseModel.Receipts}/{TrainingFolder.NameOf(1)}";
        if (!Step("receipts", first is not null, first is null ? $"{name}: not a receipt" : $"{receipts.Count} runs"))
            return false;
        var isAgreed = Agreement.TryOpen(first!.Agreement, consortia, out var agreement, out var reason);
        if (!Step("agreement", isAgreed, isAgreed ? $"{agreement!.Digest.Short} signed by every site and key holder" : $"{name}: {reason}"))
            return false;
        var researcher = agreement!.Digest == said!.Agreement ? agreement.Proposal.FindResearcher(said.Researcher) : null;
        var isSigned = researcher is not null && Signed<ReleaseStatement>.TryOpen(envelope, researcher.SigningKey, out _);
        return Step("signature", isSigned, $"{ReleaseModel.Statement}, by researcher {PlainText.Quote(said.Researcher)} of the agreement") && CheckFiles(said) && CheckTraining(said, agreement, receipts);
    }

    private bool CheckFiles(ReleaseStatement said)
    {
        foreach (var file in said.Files)
        {
            var path = Path.GetFullPath(Path.Combine(folder, file.Name));
            var holds = path.StartsWith(Path.GetFullPath(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal) && File.Exists(path) && new FileInfo(path).Length == file.SizeInBytes && Digest.OfFile(path) == file.Digest;
            if (!Step("file", holds, $"{PlainText.Quote(file.Name)}: as it was signed"))
                return false;
        }

        var listed = said.Files.Select(f => f.Name).Append(ReleaseModel.Statement).ToHashSet(StringComparer.Ordinal);
        var surplus = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(folder, f).Replace(Path.DirectorySeparatorChar, '/')).FirstOrDefault(f => !listed.Contains(f));
        return Step("files", surplus is null, surplus is null ? $"{said.Files.Count}, and no others" : $"{PlainText.Quote(surplus)} was not signed");
    }

    private bool CheckTraining(ReleaseStatement said, Agreement agreement, IReadOnlyList<ReceiptFile> receipts)
    {
        var course = Course.Of(TrainingPlanReader.Read(File.ReadAllText(Path.Combine(folder, ReleaseModel.Plan))), agreement.Study);
        var replay = ReplayTraining.Of(course, agreement.Digest, consortia, receipts);
        if (!Step("rounds", replay.Objection is null, replay.Objection ?? $"{receipts.Count} receipts hold, each asked at what the one before gave by {course.Plan.Strategy.Name}"))
            return false;
        var last = replay.History.State.Outcome;
        if (!Step("end", course.IsFinished(replay.History.State), $"{last.Round} of {course.Plan.Rounds} rounds{(last.Round < course.Plan.Rounds ? ", stopped as the plan says" : "")}"))
            return false;
        var model = ModelFile.Read(File.ReadAllText(Path.Combine(folder, ReleaseModel.Declaration))).Model;
        return Step("model", model.Canonical == course.Declared.Canonical, "declared as it was trained")
            && Step("weights", course.DigestIn(n => File.ReadAllBytes(Path.Combine(folder, n))) == last.Digest && said.Weights == last.Digest, "bit for bit what the rounds give")
            && (course.Plan.Evaluation is null || CheckEvaluation(course.Plan.Evaluation, course, last, agreement))
            && (course.Plan.LeaveOut is null || CheckLeftOut(course, agreement));
    }

    private bool CheckLeftOut(Course course, Agreement agreement)
    {
        var (groups, objection) = LeftOutGroups.Of(course, agreement.Digest, consortia, new ReceiptFile(Path.Combine(folder, TrainingFolder.EvaluationFile(LeaveOut.Groups))), place =>
        {
            var own = Path.Combine(folder, LeaveOut.FolderOf(place));
            return Directory.Exists(own)
                ? (TrainingFolder.ReceiptsIn(Path.Combine(own, ReleaseModel.Receipts)), new ReceiptFile(Path.Combine(own, TrainingFolder.EvaluationFile(TrainingEvaluation.OfHeldOut))))
                : null;
        });
        return Step("leave-out", groups is not null, objection ?? $"{groups!.Groups.Count(g => g.Without is not null)} of {groups.Groups.Count} groups by {course.Plan.LeaveOut!.By} were left out of a training of their own, and evaluated on; {groups.Groups.Count(g => g.IsRefused)} that were large enough have no receipts");
    }

    private bool CheckEvaluation(TrainingEvaluation evaluation, Course course, CourseState last, Agreement agreement)
    {
        var receipts = evaluation.Questions(course, last).Keys.ToDictionary(n => n, n => new ReceiptFile(Path.Combine(folder, TrainingFolder.EvaluationFile(n))));
        var (evaluated, objection) = EvaluatedModel.Of(course, last, agreement.Digest, consortia, receipts);
        return Step("evaluation", evaluated is not null, objection ?? "of the released weights, on the persons the plan names")
            && Step("membership", evaluated!.Objection(evaluation) is null, evaluated.Objection(evaluation) ?? (evaluated.Attack is { } attack ? FormattableString.Invariant($"an attack has an advantage of {attack.Advantage:0.000}") : "not measured, and not asked for"));
    }

    private bool Step(string what, bool holds, string detail)
    {
        steps.Add(new VerificationStep(what, holds, detail));
        return holds;
    }
}
