using System.Text;
using Consilience.Client.Analyse;
using Consilience.Client.Publish;
using Consilience.Protocol.Identity;

namespace Consilience.Client.Train;

/// <summary>Writes a trained model as a folder that explains and proves itself: weights, declaration, card, plan, every round's receipt, and the researcher's signature over all of it.</summary>
public static class ReleaseModel
{
    internal const string Statement = "release.json";
    internal const string Weights = "model.safetensors";
    internal const string Ensemble = "ensemble.json";
    internal const string Declaration = "model.yaml";
    internal const string Onnx = "model.onnx";
    internal const string Card = "card.md";
    internal const string Plan = "plan.yaml";
    internal const string Receipts = "receipts";

    /// <param name="trained">To its end.</param>
    /// <param name="ask">Whose researcher signs.</param>
    /// <param name="folder">Made, or written over.</param>
    /// <exception cref="TrainingStoppedException">The model tells more of who was trained on than its plan allows.</exception>
    public static Signed<ReleaseStatement> Write(TrainedModel trained, AskQuestion ask, string folder)
    {
        ArgumentNullException.ThrowIfNull(trained);
        ArgumentNullException.ThrowIfNull(ask);
        if (trained.Course.Plan.Evaluation is { } evaluation && trained.Evaluation!.Objection(evaluation) is { } objection)
            throw new TrainingStoppedException($"training {trained.Course.Plan.Name}: not released: {objection}; train with noise, fewer rounds or a smaller model");

        // What can fail by itself fails before an earlier release is gone.
        var files = Files(trained, ask).ToList();
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        var signed = ask.Sign(new ReleaseStatement
        {
            Software = SoftwareVersion.Text,
            Name = trained.Course.Plan.Name,
            Agreement = ask.Agreement.Digest,
            Researcher = ask.Researcher,
            Weights = trained.State.Digest,
            Files = [.. files.Select(f => f.WriteInto(folder))],
        });
        File.WriteAllBytes(Path.Combine(folder, Statement), signed.Envelope);
        return signed;
    }

    private static IEnumerable<WrittenFile> Files(TrainedModel trained, AskQuestion ask)
    {
        var course = trained.Course;
        var model = course.ModelFiles(trained.State);
        foreach (var file in model)
            yield return file;
        yield return WrittenFile.Of(Declaration, Encoding.UTF8.GetBytes(ModelFile.Write(course, ask.Agreement.Study)));
        yield return WrittenFile.Of(Card, Encoding.UTF8.GetBytes(ModelCard.Write(trained, ask.Agreement, [.. model.Select(f => f.Name)])));
        yield return WrittenFile.Of(Plan, Encoding.UTF8.GetBytes(course.Plan.Text));
        foreach (var file in ReceiptsOf(trained, ""))
            yield return file;
        if (trained.LeftOut is not { } leftOut)
            yield break;
        foreach (var file in Copied(leftOut.Sizes, TrainingFolder.EvaluationFile(LeaveOut.Groups)))
            yield return file;
        foreach (var file in leftOut.Groups.SelectMany(g => g.Without is null ? [] : ReceiptsOf(g.Without, $"{LeaveOut.FolderOf(g.Place)}/")))
            yield return file;
    }

    private static IEnumerable<WrittenFile> ReceiptsOf(TrainedModel trained, string folder) =>
    [
        .. trained.Receipts.SelectMany((receipt, i) => Copied(receipt, $"{folder}{Receipts}/{TrainingFolder.NameOf(i + 1)}")),
        .. (trained.Evaluation?.Receipts ?? new Dictionary<string, ReceiptFile>()).SelectMany(r => Copied(r.Value, $"{folder}{TrainingFolder.EvaluationFile(r.Key)}")),
    ];

    /// <summary>A receipt, and its evidence where that lies beside it.</summary>
    private static IEnumerable<WrittenFile> Copied(ReceiptFile receipt, string name)
    {
        yield return WrittenFile.CopyOf(receipt.Path, name);
        if (receipt.FindEvidence() is { } evidence)
            yield return WrittenFile.CopyOf(evidence, name[..(name.LastIndexOf('/') + 1)] + Path.GetFileName(evidence));
    }
}
