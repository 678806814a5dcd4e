using System.Text;

namespace Consilience.Client.Train;

/// <summary>
/// The folder of one training: <c>plan.yaml</c>, a receipt for every round that is done under <c>rounds</c>, and a checkpoint, which says where that leads. Files appear whole or not at all, receipts first, so that
/// a client killed at any moment finds its last round here. One client at a time holds it.
/// </summary>
public sealed class TrainingFolder : IDisposable
{
    private const string PlanFile = "plan.yaml";

    private readonly FileStream held;

    private TrainingFolder(string path, FileStream held) => (Path, this.held) = (path, held);

    public string Path { get; }

    private string Rounds => System.IO.Path.Combine(Path, "rounds");

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

    /// <summary>Receipts of the rounds that are done, in order, with their files' names.</summary>
    /// <exception cref="TrainingStoppedException">One is missing between others.</exception>
    public IReadOnlyList<(string File, byte[] Bytes)> Receipts() => ReceiptsIn(Rounds);

    internal static IReadOnlyList<(string File, byte[] Bytes)> ReceiptsIn(string folder)
    {
        var files = Directory.EnumerateFiles(folder, "*.receipt.json").Order(StringComparer.Ordinal).ToList();
        var missing = files.FindIndex(f => System.IO.Path.GetFileName(f) != NameOf(files.IndexOf(f) + 1));
        return missing < 0
            ? [.. files.Select(f => (f, File.ReadAllBytes(f)))]
            : throw new TrainingStoppedException($"{folder}: no {NameOf(missing + 1)} (expected one receipt for each round); bring it back, or remove those after it");
    }

    internal static string NameOf(int round) => $"{round:00000}.receipt.json";

    /// <summary>Keeps a round: its receipt, and then where it leads.</summary>
    public void Keep(Course course, CourseState state, byte[] receipt)
    {
        ArgumentNullException.ThrowIfNull(course);
        ArgumentNullException.ThrowIfNull(state);
        Write(System.IO.Path.Combine("rounds", NameOf(state.Round)), receipt);
        var (name, bytes) = course.Checkpoint(state);
        Write(name, bytes);
    }

    /// <summary>The receipt of an evaluation's question; null where it was not answered yet.</summary>
    internal byte[]? EvaluationOf(string name) => File.Exists(In(EvaluationFile(name))) ? File.ReadAllBytes(In(EvaluationFile(name))) : null;

    internal void KeepEvaluation(string name, byte[] receipt) => Write(EvaluationFile(name), receipt);

    internal static string EvaluationFile(string name) => $"{name}.receipt.json";

    /// <summary>Whether the checkpoint is of this training and says nothing else than its receipts do. One that is missing, or of the round before the last, is what a kill leaves.</summary>
    /// <param name="states">Where each round leads by its receipt, from the start on.</param>
    /// <exception cref="TrainingStoppedException">It says something else.</exception>
    public void RequireCheckpointOf(Course course, IReadOnlyList<CourseState> states)
    {
        ArgumentNullException.ThrowIfNull(course);
        ArgumentNullException.ThrowIfNull(states);
        var file = In(course.Checkpoint(states[^1]).Name);
        if (!File.Exists(file))
            return;
        var kept = File.ReadAllBytes(file);
        if (!states.TakeLast(2).Any(s => course.Checkpoint(s).Bytes.AsSpan().SequenceEqual(kept)))
            throw new TrainingStoppedException($"{file}: is not where the receipts lead (expected what round {states[^1].Round} led to); someone changed it: remove it, the receipts suffice to go on");
    }

    /// <summary>A file that is there whole or not at all, even if power fails.</summary>
    public void Write(string name, byte[] bytes)
    {
        var (file, draft) = (In(name), In(name) + ".draft");
        using (var stream = new FileStream(draft, FileMode.Create, FileAccess.Write))
        {
            stream.Write(bytes);
            stream.Flush(flushToDisk: true);
        }

        File.Move(draft, file, overwrite: true);
    }

    public void Dispose() => held.Dispose();
}
