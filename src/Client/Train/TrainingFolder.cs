using System.Text;
using Consilience.Client.Analyse;
using Consilience.Client.Publish;
using Consilience.Protocol.Identity;

namespace Consilience.Client.Train;

/// <summary>
/// The folder of one training: <c>plan.yaml</c>, a receipt for every run that is done under <c>rounds</c>, and a checkpoint, which says where that leads. Files appear whole or not at all, receipts first, so that
/// a client killed at any moment finds its last round here. One client at a time holds it.
/// </summary>
public sealed class TrainingFolder : IDisposable
{
    private const string PlanFile = "plan.yaml";

    private readonly FileStream held;

    private TrainingFolder(string path, FileStream held) => (Path, this.held) = (path, held);

    public string Path { get; }

    /// <summary>Where receipts of runs lie.</summary>
    internal string Rounds => System.IO.Path.Combine(Path, "rounds");

    /// <param name="path">Made where it is not there.</param>
    /// <param name="plan">Of the training that belongs in it.</param>
    /// <param name="resume">Whether it may hold that training already.</param>
    /// <exception cref="TrainingStoppedException">It holds another training, or one that was not asked for to be resumed, or another client works in it.</exception>
    public static TrainingFolder Open(string path, TrainingPlan plan, bool resume)
    {
        ArgumentNullException.ThrowIfNull(plan);
        Directory.CreateDirectory(System.IO.Path.Combine(path, "rounds"));
        FileStream held;
        try
        {
            held = new FileStream(System.IO.Path.Combine(path, ".held"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            throw new TrainingStoppedException($"{path}: another client trains in it; wait for it, or name another folder");
        }

        var folder = new TrainingFolder(path, held);
        var file = folder.In(PlanFile);
        if (!File.Exists(file))
        {
            folder.Write(PlanFile, Encoding.UTF8.GetBytes(plan.Text));
            return folder;
        }

        var isSame = File.ReadAllText(file) == plan.Text;
        if (isSame && resume)
            return folder;
        folder.Dispose();
        throw new TrainingStoppedException(isSame
            ? $"{path}: holds this training already; go on with it with --resume, or name another folder"
            : $"{path}: holds a training of another plan; name another folder, or bring back the plan it began with");
    }

    public string In(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Receipts of the runs that are done, in order.</summary>
    /// <exception cref="TrainingStoppedException">One is missing between others.</exception>
    public IReadOnlyList<ReceiptFile> Receipts() => ReceiptsIn(Rounds);

    internal static IReadOnlyList<ReceiptFile> ReceiptsIn(string folder)
    {
        var files = Directory.EnumerateFiles(folder, "*.receipt.json").Order(StringComparer.Ordinal).ToList();
        var missing = files.FindIndex(f => System.IO.Path.GetFileName(f) != NameOf(files.IndexOf(f) + 1));
        return missing < 0
            ? [.. files.Select(f => new ReceiptFile(f))]
            : throw new TrainingStoppedException($"{folder}: no {NameOf(missing + 1)} (expected one receipt for each run); bring it back, or remove those after it");
    }

    internal static string NameOf(int run) => $"{run:00000}.receipt.json";

    /// <summary>Keeps a run: its receipt, and then where it leads.</summary>
    public void Keep(Course course, CourseState state, byte[] receipt)
    {
        ArgumentNullException.ThrowIfNull(course);
        ArgumentNullException.ThrowIfNull(state);
        Write(System.IO.Path.Combine("rounds", NameOf(state.Runs)), receipt);
        Write(course.Checkpoint(state));
    }

    /// <summary>Where the receipt of a run belongs.</summary>
    /// <param name="run">From 1 on.</param>
    internal ReceiptFile ReceiptOf(int run) => new(System.IO.Path.Combine(Rounds, NameOf(run)));

    /// <summary>The receipt of an evaluation's question; null where it was not answered yet.</summary>
    internal ReceiptFile? EvaluationOf(string name) => File.Exists(In(EvaluationFile(name))) ? new(In(EvaluationFile(name))) : null;

    internal void KeepEvaluation(string name, byte[] receipt) => Write(EvaluationFile(name), receipt);

    /// <summary>Removes what a client that was killed, or that did not take an answer, left behind of it.</summary>
    /// <param name="runs">All that are done, with receipts that verified: evidence of another is nobody's.</param>
    internal void Tidy(IReadOnlySet<RunId> runs)
    {
        foreach (var evidence in Directory.EnumerateFiles(Rounds).Where(f => RunEvidence.RunOf(f) is { } run && !runs.Contains(run)))
            File.Delete(evidence);
        foreach (var arriving in new[] { Path, Rounds }.SelectMany(f => Directory.EnumerateDirectories(f, ArrivingEvidence.Prefix + "*")))
            Directory.Delete(arriving, recursive: true);
    }

    internal static string EvaluationFile(string name) => $"{name}.receipt.json";

    /// <summary>Whether the checkpoint is of this training and says nothing else than its receipts do. One that is missing, or of the run before the last, is what a kill leaves.</summary>
    /// <param name="course">Of the training.</param>
    /// <param name="history">By the receipts.</param>
    /// <exception cref="TrainingStoppedException">It says something else.</exception>
    public void RequireCheckpointOf(Course course, TrainingHistory history)
    {
        ArgumentNullException.ThrowIfNull(course);
        ArgumentNullException.ThrowIfNull(history);
        var file = In(course.Checkpoint(history.State).Name);
        if (!File.Exists(file))
            return;
        var digest = Digest.OfFile(file);
        if (digest != course.Checkpoint(history.State).Digest() && (history.StateBefore is not { } before || digest != course.Checkpoint(before).Digest()))
            throw new TrainingStoppedException($"{file}: is not where the receipts lead (expected what round {history.State.Round} led to); someone changed it: remove it, the receipts suffice to go on");
    }

    /// <summary>A file that is there whole or not at all, even if power fails.</summary>
    public void Write(string name, byte[] bytes) => Write(WrittenFile.Of(name, bytes));

    private void Write(WrittenFile written)
    {
        var (file, draft) = (In(written.Name), In(written.Name) + ".draft");
        using (var stream = new FileStream(draft, FileMode.Create, FileAccess.Write))
        {
            written.Write(stream);
            stream.Flush(flushToDisk: true);
        }

        File.Move(draft, file, overwrite: true);
    }

    public void Dispose() => held.Dispose();
}
