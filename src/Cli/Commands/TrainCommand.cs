using System.CommandLine;
using Consilience.Cli.Output;
using Consilience.Client.Analyse;
using Consilience.Client.Study;
using Consilience.Client.Train;
using Consilience.Protocol.Identity;

namespace Consilience.Cli.Commands;

internal static class TrainCommand
{
    internal static Command Create()
    {
        var plan = new Argument<string>("plan") { Description = "A training plan." };
        var researcher = new Option<string>("--researcher") { Description = "Your name in the study.", Required = true };
        var (hub, consortium, keys) = (Shared.Hub(), Shared.Consortium(), Shared.Keys());
        var folder = new Option<string?>("--out") { Description = "The training's folder; without one, named after the training." };
        var resume = new Option<bool>("--resume") { Description = "Go on with the training that the folder holds, from its last round." };
        var preview = new Option<bool>("--preview") { Description = "Tell what the training charges and what accuracy to expect: nothing is asked of anyone." };
        var persons = new Option<int>("--persons") { Description = "With --preview: how many persons you expect in all.", DefaultValueFactory = _ => 500 };
        return new Command("train", """
            Trains a model over the sites of a study, round by round, and releases it with its card and receipts. Stopped or killed at any moment, it goes on with --resume.
            Example: consilience train plan.yaml --researcher ada-lindqvist --keys ada --hub https://hub:7443 --consortium consortium.json
            """) { plan, researcher, hub, consortium, keys, folder, resume, preview, persons }.Does(async (result, cancellation) =>
        {
            var written = Read(result.GetRequiredValue(plan));
            var consortia = Shared.ReadConsortium(result.GetRequiredValue(consortium));
            using var own = KeyFolder.Open(result.GetRequiredValue(keys));
            using var connection = Shared.Connect(result.GetRequiredValue(hub), result.GetRequiredValue(keys), consortia);
            var standing = await Asking.FindAsync(new ProposeStudy(connection, consortia, TimeProvider.System), written.Study, cancellation);
            var agreement = standing.InForce!;
            var course = Course.Of(written, agreement.Study);
            if (result.GetValue(preview))
                return TrainingPreviewView.Print(result, PreviewTraining.Of(course, agreement.Study, standing.Charged, result.GetValue(persons)));
            if (!result.GetValue(resume))
                TrainingBudget.Require(course, agreement.Study, standing.Charged);
            var ask = new AskQuestion(connection, consortia, agreement, result.GetRequiredValue(researcher), own, TimeProvider.System) { Patience = written.Patience };
            await new TrainingRun(ask, course, result.GetValue(folder) ?? FolderOf(written), !result.GetValue(Shared.Json)).RunAsync(result.GetValue(resume), cancellation);
            return ExitCode.Success;
        });
    }

    internal static TrainingPlan Read(string path) => TrainingPlanReader.Read(File.ReadAllText(path), Path.GetFileName(path));

    internal static string FolderOf(TrainingPlan plan) =>
        $"training-{string.Join('-', new string([.. plan.Name.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : ' ')]).Split(' ', StringSplitOptions.RemoveEmptyEntries))}";
}
