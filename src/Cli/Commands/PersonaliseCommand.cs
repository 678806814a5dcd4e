using System.CommandLine;
using System.Text.Json.Nodes;
using Consilience.Cli.Output;
using Consilience.Client.Train;
using Spectre.Console;

namespace Consilience.Cli.Commands;

internal static class PersonaliseCommand
{
    internal static Command Create()
    {
        var model = new Option<string>("--model") { Description = "A released model's folder.", Required = true };
        var data = new Option<string>("--data") { Description = "A CSV file with a column for each variable that the model reads and predicts, in the study's codes and units.", Required = true };
        var to = new Option<string>("--out") { Description = "Folder for the tuned model; not the release's.", Required = true };
        var layers = new Option<string[]>("--layers") { Description = "Layers to tune: all, normalisation, head, layers.0 and so on; without, those the plan calls personal, or all.", AllowMultipleArgumentsPerToken = true };
        var epochs = new Option<int?>("--epochs") { Description = "Times to go through the rows; 5 without." };
        var batch = new Option<int?>("--batch") { Description = "Rows of a step; 32 without." };
        var rate = new Option<decimal?>("--rate") { Description = "Learning rate; 0.01 without." };
        var seed = new Option<int>("--seed") { Description = "Of the order of rows." };
        return new Command("personalise", """
            Tunes a released model to a file of your own, on this machine alone, and writes a model of your own: not the study's, and not signed. Check the release first with 'consilience verify'.
            Example: consilience personalise --model training-heart/release --data patients.csv --out ours
            """) { model, data, to, layers, epochs, batch, rate, seed }.Does(result =>
        {
            var given = new JsonObject { ["seed"] = result.GetValue(seed) };
            if (result.GetValue(layers) is { Length: > 0 } named)
                given["layers"] = new JsonArray([.. named.Select(n => JsonValue.Create(n))]);
            foreach (var (name, value) in new (string, JsonNode?)[] { ("epochs", result.GetValue(epochs)), ("batch", result.GetValue(batch)), ("rate", result.GetValue(rate)) })
            {
                if (value is not null)
                    given[name] = value;
            }

            var (release, folder, table) = (result.GetRequiredValue(model), result.GetRequiredValue(to), CsvTable.Read(result.GetRequiredValue(data)));
            var tuned = PersonaliseModel.Write(release, PersonaliseModel.Settings(release, given), table.Columns, table.Rows, folder);
            Shared.Print(result, new { rows = tuned.Rows, skipped = tuned.Skipped, lossBefore = tuned.LossBefore, lossAfter = tuned.LossAfter, folder }, console =>
                console.MarkupLineInterpolated($"tuned on {tuned.Rows} rows ({tuned.Skipped} left out): mean loss on them {tuned.LossBefore:0.0000} before, {tuned.LossAfter:0.0000} after; the model in {folder} is yours alone: nobody signed it, and it may remember these rows"));
            return ExitCode.Success;
        });
    }
}
