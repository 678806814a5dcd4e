using System.Text.Json;
using Consilience.Analyses;
using Consilience.Analyses.Schema;
using Consilience.FederatedLearning.Models;

namespace Consilience.FederatedLearning.Trees;

/// <summary>Reads <c>kind</c>, <c>inputs</c>, <c>head</c> and the outcome of boosted trees.</summary>
internal sealed class TreeReader(ParameterReader reader)
{
    internal const string Kind = "kind";

    internal const string Trees = "trees";

    internal const int MostInputs = 10_000;

    /// <summary>Of one input.</summary>
    internal const int MostBins = 4096;

    internal static readonly string[] Heads = ["logistic", "linear"];

    private static readonly VariableType[] Types = [VariableType.Category, VariableType.Boolean, VariableType.Integer, VariableType.Real];

    internal TreeModel? Read(JsonElement written)
    {
        reader.RequiredChoice(Kind, Trees);
        var inputs = ReadInputs();
        var outcome = new ModelReader(reader).ReadOutcome(Heads);
        if (outcome is not null && inputs.Find(i => outcome.Variables.Contains(i.Variable)) is { } also)
            reader.Add("inputs", "variables other than the outcome", $"'{also.Variable}'", "remove it");
        return inputs.Count == 0 || outcome is null ? null : new TreeModel(outcome, inputs, CanonicalText.Of(written));
    }

    private List<TreeInput> ReadInputs()
    {
        var inputs = new List<TreeInput>();
        var index = 0;
        var entries = reader.List("inputs", "a list of variables", required: true);
        foreach (var entry in entries)
        {
            var place = $"inputs[{index++}]";
            if (ReadInput(entry, place) is not { } input)
                continue;
            if (inputs.Exists(i => i.Variable == input.Variable))
                reader.Add(place, "each variable once", $"'{input.Variable}' again", "remove it");
            else
                inputs.Add(input);
        }

        if (entries.Count is 0 or > MostInputs)
            reader.Add("inputs", $"1 to {MostInputs} variables", $"{entries.Count}", entries.Count == 0 ? "name a variable" : "leave variables out");
        return inputs;
    }

    private TreeInput? ReadInput(JsonElement entry, string place)
    {
        var inner = entry.ValueKind == JsonValueKind.Object ? reader.At(entry, place) : null;
        var variable = inner is null ? reader.Variable(place, entry, "a variable of any type but date", Types) : inner.Variable("variable", Types);
        var input = variable?.Type is VariableType.Integer or VariableType.Real ? Number(variable.Name, inner, place) : variable is null ? null : Codes(variable, inner);
        inner?.Finish();
        return input;
    }

    private TreeInput? Number(string variable, ParameterReader? inner, string place)
    {
        var hasGrid = inner?.Element("grid", "", required: false) is not null;
        if (inner is null || (!hasGrid && inner.Element("edges", "", required: false) is null))
        {
            reader.Add($"{place}.edges", "public edges of a number's bins, or a 'grid' of them", "nothing", "write {variable: " + variable + ", edges: […]}");
            return null;
        }

        var edges = hasGrid ? Grid.Read(inner, "grid") : Grid.ReadEdges(inner, "edges");
        if (edges is null || Counted(edges.Count + 1, inner) is not { } bins)
            return null;
        return new TreeInput(variable, bins, IsOrdered: true, [.. edges.Select(e => (double)e)], []);
    }

    /// <summary>Two codes are in order whichever comes first.</summary>
    private TreeInput? Codes(Variable variable, ParameterReader? inner)
    {
        var codes = Grouping.Coded(variable).Codes;
        var isOrdered = inner?.Choice("order", "none", "schema") == "schema";
        return Counted(codes.Count, inner ?? reader) is { } bins ? new TreeInput(variable.Name, bins, isOrdered || bins == 2, null, codes) : null;
    }

    private static int? Counted(int bins, ParameterReader at)
    {
        if (bins <= MostBins)
            return bins;
        at.Add("", $"at most {MostBins} bins", $"{bins}", "choose coarser ones");
        return null;
    }
}
