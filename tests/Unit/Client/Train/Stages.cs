using Consilience.Client.Tests.World;
using Consilience.Client.Train;
using Consilience.Protocol.Agreements;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Wire;
using Consilience.Tests.World;
using AgreedStudy = Consilience.Protocol.Agreements.Study;

namespace Consilience.Client.Tests.Train;

/// <summary>Trainings of a small model over the three real sites of the desk.</summary>
internal static class Stages
{
    internal const string Plan = """
        training: late stages
        study: tumours
        cohort: age >= 0
        model: {inputs: [age], head: logistic, outcome: stage, event: "2"}
        strategy: {name: fedavg}
        rounds: 4
        local: {epochs: 2, batch: 2, rate: 0.1}
        clip: 10
        precision: exact
        seed: 7
        """;

    internal static AgreedStudy Study { get; } = StudyReader.Read(WithTraining(Consortia.StudyText), null);

    internal static string WithTraining(string text) =>
        text.Replace("[count]", "[count, training-round, model-evaluation]", StringComparison.Ordinal).Replace("exact: {minimumSites: 3, minimumPersons: 3}", "exact: {minimumSites: 2, minimumPersons: 2}", StringComparison.Ordinal);

    internal static Task<Desk> OpenAsync(bool cedarRefuses = false) => Desk.OpenAsync(cedarRefuses, WithTraining);

    internal static TrainingCourse Course(Desk desk, string plan = Plan) => TrainingCourse.Of(TrainingPlanReader.Read(plan), desk.Network.Agreement.Study);

    internal static string FolderOf(Desk desk, string name = "training") => desk.World.Path(name);

    /// <param name="desk">Where to train.</param>
    /// <param name="plan">What.</param>
    /// <param name="alter">What becomes of the hub's frames.</param>
    /// <param name="resume">Whether to go on.</param>
    /// <param name="stopAfter">Cancels after this many rounds.</param>
    /// <param name="name">Of the folder.</param>
    /// <param name="told">Takes the rounds that are told of.</param>
    internal static async Task<TrainedModel> TrainAsync(Desk desk, string plan = Plan, Func<RunFrame, RunFrame>? alter = null, bool resume = false, int stopAfter = int.MaxValue, string name = "training", List<int>? told = null)
    {
        using var stopping = new CancellationTokenSource();
        var course = Client.Train.Course.Of(TrainingPlanReader.Read(plan), desk.Network.Agreement.Study);
        using var folder = TrainingFolder.Open(FolderOf(desk, name), course.Plan, resume);
        var progress = new Told(p =>
        {
            told?.Add(p.Round);
            if (p.Round >= stopAfter)
                stopping.Cancel();
        });
        return await new TrainModel(desk.Asking(alter), course, folder, desk.World.Clock).RunAsync(progress, null, stopping.Token);
    }

    /// <summary>The researcher signs a release as it lies there, changed files and all.</summary>
    internal static void SignAnew(Desk desk, string folder)
    {
        var file = Path.Combine(folder, "release.json");
        var statement = Signed<ReleaseStatement>.PeekUnverified(File.ReadAllBytes(file))!;
        var files = statement.Files.Where(f => File.Exists(Path.Combine(folder, f.Name))).Select(f => File.ReadAllBytes(Path.Combine(folder, f.Name)) is var b ? f with { SizeInBytes = b.Length, Digest = Digest.Of(b) } : f);
        File.WriteAllBytes(file, desk.Asking().Sign(statement with { Files = [.. files] }).Envelope);
    }

    private sealed class Told(Action<RoundProgress> tell) : IProgress<RoundProgress>
    {
        public void Report(RoundProgress value) => tell(value);
    }
}
