using System.CommandLine;
using System.Globalization;
using Consilience.Cli.Output;
using Consilience.Client.Train;
using Spectre.Console;

namespace Consilience.Cli.Commands;

internal static class PredictCommand
{
    internal static Command Create()
    {
        var model = new Option<string>("--model") { Description = "A released model's folder.", Required = true };
        var data = new Option<string>("--data") { Description = "A CSV file with a column for each variable that the model reads, in the study's codes and units.", Required = true };
        var to = new Option<string?>("--out") { Description = "Where to write the scored file; without it, standard output." };
        return new Command("predict", """
            Scores a file of your own with a released model, on this machine alone. Check the model first with 'consilience verify'.
            Example: consilience predict --model training-heart/release --data patients.csv --out scored.csv
            """) { model, data, to }.Does(result =>
        {
            var folder = result.GetRequiredValue(model);
            var (prediction, inputs) = ModelPrediction.OfRelease(folder);
            var path = result.GetRequiredValue(data);
            var (lines, unscored) = Score(prediction, inputs, CsvTable.Read(path), Path.GetFileName(path));
            if (result.GetValue(to) is { } target)
                File.WriteAllLines(target, lines);
            if (result.GetValue(Shared.Json))
                Console.WriteLine(Json.Of(new { rows = lines.Count - 1, unscored, file = result.GetValue(to) }));
            else if (result.GetValue(to) is null)
                lines.ForEach(Console.WriteLine);
            if (unscored > 0)
                Shared.Errors.MarkupLineInterpolated($"[yellow]{unscored} of {lines.Count - 1} rows have no prediction: a value is not what the model's schema says, or missing where the model takes none[/]");
            return ExitCode.Success;
        });
    }

    private static (List<string> Lines, int Unscored) Score(ModelPrediction prediction, IReadOnlyList<string> variables, CsvTable table, string name)
    {
        var missing = variables.Where(v => !table.Columns.Contains(v)).ToList();
        if (missing.Count > 0)
            throw new BadInputException($"{name}: no column {string.Join(", ", missing)} (expected one for each variable that the model reads); rename your columns to the study's variables");
        int[] places = [.. variables.Select(v => table.Columns.ToList().IndexOf(v))];
        var lines = new List<string> { CsvTable.Line([.. table.Columns, .. prediction.Names]) };
        var unscored = 0;
        foreach (var row in table.Rows)
        {
            var scores = prediction.Of([.. places.Select(p => row[p])]);
            unscored += scores is null ? 1 : 0;
            lines.Add(CsvTable.Line([.. row, .. scores?.Select(s => s.ToString("R", CultureInfo.InvariantCulture)) ?? prediction.Names.Select(_ => "")]));
        }

        return (lines, unscored);
    }
}
