using System.Text.Json;
using System.Text.Json.Nodes;
using Consilience.FederatedLearning.Trees;
using Consilience.Protocol.Yaml;

namespace Consilience.Client.Train.Trees;

/// <summary>Reads <c>trees</c> of a training plan, and its <c>stop</c>.</summary>
internal static class TreePlanReader
{
    private const int MostTrees = 10_000;

    private static readonly string[] Declared = ["inputs", "head", "outcome", "event"];

    /// <summary>Null, with faults added, where there is no mapping.</summary>
    internal static TreeSettings? Read(YamlObject root, bool isExact)
    {
        if (root.Object("trees", "inputs, head, outcome, and how trees grow") is not { } entry)
            return null;
        var stop = ReadStop(root, isExact);
        var settings = new TreeSettings
        {
            Model = ReadModel(entry),
            Count = entry.Number("count", 1, MostTrees) ?? 1,
            Depth = entry.Number("depth", 1, Tree.MostDepth) ?? 1,
            Growth = new(
                TrainingPlanReader.Number(entry, "rate", 0, 1, required: false) ?? 0.3m, From0(entry, "lambda") ?? 1, From0(entry, "gamma") ?? 0, From0(entry, "minimumWeight") ?? 1,
                isExact ? entry.Number("minimumPersons", 0, 1_000_000, required: false) ?? 10 : 0),
            Features = TrainingPlanReader.Number(entry, "features", 0, 1, required: false) ?? 1,
            Base = TrainingPlanReader.Decimal(entry, "base", "a number from -100 to 100", v => v is >= -100 and <= 100, required: false) ?? 0,
            HeldOut = stop?.HeldOut,
            Stop = stop?.Rule,
        };
        if (!isExact && entry.Has("minimumPersons"))
            entry.Add("minimumPersons", "nothing at noised precision, which leaves nothing of the number of persons in a bin", "a number", "remove it; 'minimumWeight' bounds the sides of splits");
        else
            entry.Finish();
        return settings;
    }

    private static JsonElement ReadModel(YamlObject entry)
    {
        var model = new JsonObject { ["kind"] = "trees" };
        foreach (var key in Declared)
        {
            if (entry.Json(key, "as docs/trees.md has it", required: key is not "event") is { } written)
                model[key] = JsonNode.Parse(written.GetRawText());
        }

        return JsonSerializer.SerializeToElement(model);
    }

    private static (string HeldOut, StopRule Rule)? ReadStop(YamlObject root, bool isExact)
    {
        if (root.Object("stop", "{heldOut, trees, gain}", required: false) is not { } entry)
            return null;
        var (heldOut, trees, gain) = (entry.Text("heldOut", "a cohort expression"), entry.Number("trees", 1, MostTrees), From0(entry, "gain"));
        if (!isExact)
            entry.Add("heldOut", "nothing at noised precision, where every look at the loss is charged", "a cohort", "remove 'stop' and choose 'count' beforehand");
        entry.Finish();
        return heldOut is null || trees is null ? null : (heldOut, new StopRule(trees.Value, gain ?? 0));
    }

    private static decimal? From0(YamlObject entry, string key) => TrainingPlanReader.Decimal(entry, key, "a number from 0 to 1000000", v => v is >= 0 and <= 1_000_000, required: false);
}
