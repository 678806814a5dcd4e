using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Consilience.Analyses;
using Consilience.Analyses.Schema;
using Consilience.FederatedLearning.Models;
using Consilience.FederatedLearning.Training;

namespace Consilience.Client.Train;

/// <summary>Fits a released model further to rows of one's own, on this machine alone. What it writes is nobody's release: it is not signed, and no receipt leads to it.</summary>
public static class PersonaliseModel
{
    /// <summary>The settings of a release's plan where some layers are each site's own; otherwise all layers.</summary>
    /// <param name="folder">The release's.</param>
    /// <param name="given">Settings that take the place of the plan's.</param>
    public static JsonElement Settings(string folder, JsonObject given)
    {
        ArgumentNullException.ThrowIfNull(given);
        var plan = Path.Combine(folder, ReleaseModel.Plan);
        var settings = File.Exists(plan) && TrainingPlanReader.Read(File.ReadAllText(plan)) is { Personal: { } personal } ? JsonNode.Parse(personal.GetRawText())!.AsObject() : new JsonObject { ["layers"] = new JsonArray("all") };
        settings.Remove("fittedOn");
        if (given.ContainsKey("steps") || given.ContainsKey("epochs"))
        {
            settings.Remove("steps");
            settings.Remove("epochs");
        }

        foreach (var (name, value) in given)
            settings[name] = value?.DeepClone();
        if (!settings.ContainsKey("steps"))
            settings.TryAdd("epochs", 5);
        settings.TryAdd("batch", 32);
        settings.TryAdd("rate", 0.01);
        return JsonSerializer.SerializeToElement(settings);
    }

    /// <param name="release">A released model's folder.</param>
    /// <param name="settings">As <see cref="Settings"/> gives them.</param>
    /// <param name="columns">Of the rows.</param>
    /// <param name="rows">As files write them.</param>
    /// <param name="folder">To write to; must not be a release.</param>
    /// <exception cref="FaultyInputException">The settings have faults, or no row can be used.</exception>
    public static ModelTuning Write(string release, JsonElement settings, IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string>> rows, string folder)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (VerifyRelease.IsRelease(folder))
            throw new TrainingStoppedException($"{folder}: holds a release (expected a folder of your own); name another");
        var text = File.ReadAllText(Path.Combine(release, ReleaseModel.Declaration));
        var file = ModelFile.Read(text, ReleaseModel.Declaration);
        if (file.Model is not ModelDeclaration model)
            throw new FaultyInputException("personalise", [new("model", "one with layers", "trees", "train trees on rows of your own: their splits are not moved by small steps")]);
        var weights = Safetensors.WeightsOf(model, Safetensors.Read(File.ReadAllBytes(Path.Combine(release, ReleaseModel.Weights))).Tensors);
        var missing = model.Variables.Except(columns).ToList();
        var faults = missing.ConvertAll(v => new Fault("data", $"a column {v}", "none", "rename your columns to the study's variables"));
        var tuned = missing.Count == 0 ? ModelTuning.Fit(model, file.Schema, weights, new TextRows(file.Schema, columns, rows), settings, faults) : null;
        if (tuned is null)
            throw new FaultyInputException("personalise", faults);
        Directory.CreateDirectory(folder);
        var metadata = new Dictionary<string, string> { ["tuned.from"] = weights.Digest, ["weights"] = tuned.Weights.Digest };
        new WrittenFile(ReleaseModel.Weights, f => Safetensors.Write(f, Safetensors.Of(model, tuned.Weights), metadata)).WriteInto(folder);
        File.WriteAllText(Path.Combine(folder, ReleaseModel.Declaration), text);
        if (OnnxFile.Of(model, tuned.Weights, "personalised") is { } onnx)
            new WrittenFile(ReleaseModel.Onnx, onnx.WriteTo).WriteInto(folder);
        File.WriteAllText(Path.Combine(folder, ReleaseModel.Card), Card(tuned, weights.Digest, settings), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        return tuned;
    }

    private static string Card(ModelTuning tuned, string from, JsonElement settings) => string.Create(CultureInfo.InvariantCulture, $"""
        # Personalised model

        Tuned on this machine from the released weights {from} (SHA-256), on {tuned.Rows} rows of local data; {tuned.Skipped} were left out, because a value was not what the schema says. Settings: `{settings.GetRawText()}`.

        Mean loss on these very rows: {tuned.LossBefore:0.0000} before, {tuned.LossAfter:0.0000} after. That is no measure of how it does on others: keep rows aside, and score them with 'consilience predict'.

        This is not the study's model. Nobody signed it, no receipt leads to it, and what was measured of the release does not hold for it. It was trained without noise and may remember persons of the local rows: hand it on only where those rows may go.

        """);

    /// <summary>Rows as files write them. Those with a value that is missing or not the variable's count as left out.</summary>
    private sealed class TextRows(StudySchema schema, IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string>> rows) : IRows
    {
        public void Tabulate(IReadOnlyList<Axis> axes, Span<long> cells) => throw new NotSupportedException("models are fitted to rows");

        public void Read(IReadOnlyList<string> variables, Func<RowReader> begin)
        {
            var take = begin();
            var read = variables.Select(v => (Variable: schema.Find(v)!, Place: columns.ToList().IndexOf(v))).ToList();
            foreach (var row in rows)
                take([.. read.Select(r => ModelPrediction.Read(r.Variable, row[r.Place].Trim()) ?? double.NaN)]);
        }
    }
}
