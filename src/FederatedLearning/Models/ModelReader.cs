using System.Text.Json;
using Consilience.Analyses;
using Consilience.Analyses.Schema;
using Consilience.FederatedLearning.Heads;

namespace Consilience.FederatedLearning.Models;

/// <summary>Reads <c>inputs</c>, <c>layers</c>, <c>head</c> and the outcome of a model.</summary>
internal sealed class ModelReader(ParameterReader reader)
{
    internal const int LargestEmbedding = 256;

    internal static readonly string[] Heads = ["linear", "logistic", "softmax", "cox", "discrete-survival"];

    private const int MostInputs = 1 << 16;

    private static readonly VariableType[] Types = [VariableType.Category, VariableType.Boolean, VariableType.Integer, VariableType.Real];

    internal ModelDeclaration? Read(JsonElement written)
    {
        var inputs = ReadInputs();
        var outcome = ReadOutcome(Heads);
        if (outcome is not null && inputs.Any(i => outcome.Variables.Contains(i.Variable)))
            reader.Add("inputs", "variables other than the outcome", $"'{inputs.First(i => outcome.Variables.Contains(i.Variable)).Variable}'", "remove it");
        var width = inputs.Sum(i => (long)i.Width);
        if (width > MostInputs)
            reader.Add("inputs", $"at most {MostInputs} numbers", $"{width}", "leave variables out");
        if (inputs.Count == 0 || outcome is null || width > MostInputs)
            return null;
        var layers = new LayerReader(reader).Read(inputs, outcome);
        return layers is null ? null : new ModelDeclaration(outcome, inputs, layers, CanonicalText.Of(written));
    }

    private List<InputColumn> ReadInputs()
    {
        var columns = new List<InputColumn>();
        var index = 0;
        foreach (var entry in reader.List("inputs", "a list of variables", required: true))
        {
            var place = $"inputs[{index++}]";
            foreach (var column in ReadEntry(entry, place))
            {
                if (columns.Any(c => c.Variable == column.Variable))
                    reader.Add(place, "each variable once", $"'{column.Variable}' again", "remove it");
                else
                    columns.Add(column);
            }
        }

        if (columns.Count == 0)
            reader.Add("inputs", "at least one variable", "none", "name a variable");
        return columns;
    }

    /// <summary>A variable, a mapping of one with how it is coded, or {from, to}: all variables of the schema between these, such as the pixels of an image.</summary>
    private IReadOnlyList<InputColumn> ReadEntry(JsonElement entry, string place)
    {
        var inner = entry.ValueKind == JsonValueKind.Object ? reader.At(entry, place) : null;
        var variables = inner is null ? [reader.Variable(place, entry, "a variable of any type but date", Types)]
            : inner.Element("from", "a variable", required: false) is null ? [inner.Variable("variable", Types)] : Between(inner);
        InputColumn[] columns = [.. variables.OfType<Variable>().Select(v => Coded(v, inner, place)).OfType<InputColumn>()];
        inner?.Finish();
        return columns;
    }

    private List<Variable?> Between(ParameterReader inner)
    {
        var all = reader.Schema.Variables.ToList();
        if (inner.Variable("from", Types) is not { } from || inner.Variable("to", Types) is not { } to)
            return [];
        var variables = all.SkipWhile(v => v != from).TakeWhile(v => v != to).Append<Variable?>(to).ToList();
        if (all.IndexOf(from) > all.IndexOf(to) || variables.Any(v => !Types.Contains(v!.Type)))
            inner.Add("to", $"a variable after '{from.Name}' in the schema, without dates between", $"'{to.Name}'", "name the first and the last variable");
        else
            return variables;
        return [];
    }

    private InputColumn? Coded(Variable variable, ParameterReader? inner, string place) =>
        variable.Type is VariableType.Integer or VariableType.Real ? ReadNumber(variable, inner, place) : ReadCodes(variable, inner);

    private NumberColumn? ReadNumber(Variable variable, ParameterReader? written, string place)
    {
        if (variable is not { Minimum: { } least, Maximum: { } most } || least >= most)
        {
            reader.Add(place, "a variable with a minimum and a maximum in the schema", $"'{variable.Name}'", "ask for a schema that states its range");
            return null;
        }

        var centre = written?.Number("centre", "a number", required: false) ?? (least + most) / 2;
        var scale = written?.Number("scale", "a number above 0", required: false) ?? (most - least) / 2;
        if (scale <= 0)
            written!.Add("scale", "a number above 0", $"{scale}", "write the standard deviation");
        return new NumberColumn(variable.Name, (double)least, (double)most, (double)centre, (double)scale);
    }

    private static InputColumn? ReadCodes(Variable variable, ParameterReader? written)
    {
        var codes = variable.Type == VariableType.Boolean ? 2 : variable.Codes.Count;
        return written?.Whole("embedding", 1, LargestEmbedding) is { } size ? new EmbeddedColumn(variable.Name, codes, size) : new CodeColumn(variable.Name, codes);
    }

    internal Outcome? ReadOutcome(params string[] heads)
    {
        var kind = reader.RequiredChoice("head", heads) switch
        {
            "linear" => HeadKind.Linear,
            "logistic" => HeadKind.Logistic,
            "softmax" => HeadKind.Softmax,
            "cox" => HeadKind.Cox,
            "discrete-survival" => HeadKind.DiscreteSurvival,
            _ => HeadKind.Unspecified,
        };
        var variable = kind switch
        {
            HeadKind.Linear => reader.Variable("outcome", VariableType.Integer, VariableType.Real),
            HeadKind.Softmax => reader.Variable("outcome", VariableType.Category),
            HeadKind.Unspecified => null,
            _ => reader.Variable("outcome", VariableType.Boolean, VariableType.Category),
        };
        if (kind == HeadKind.Unspecified)
            reader.Element("outcome", "a variable", required: true);
        if (kind == HeadKind.Linear && variable is not null && (variable is not { Minimum: { } least, Maximum: { } most } || least >= most))
        {
            reader.Add("outcome", "a variable with a minimum and a maximum in the schema", $"'{variable.Name}'", "ask for a schema that states its range");
            variable = null;
        }

        var hasTime = kind is HeadKind.Cox or HeadKind.DiscreteSurvival;
        var events = kind is HeadKind.Logistic || hasTime ? ReadEvents(variable) : [];
        var time = hasTime ? reader.Variable("time", VariableType.Integer, VariableType.Real) : null;
        var edges = kind == HeadKind.DiscreteSurvival ? Grid.ReadEdges(reader, "edges") : [];
        return variable is null || edges is null || (hasTime && time is null) ? null : new Outcome(kind, variable, events, time, [.. edges.Select(e => (double)e)]);
    }

    /// <summary>Positions of the codes that count as the event.</summary>
    private List<int> ReadEvents(Variable? variable)
    {
        if (variable is null or { Type: VariableType.Boolean })
            return [1];
        var axis = Grouping.Coded(variable);
        if (reader.Element("event", "a code, or a list of codes", required: true) is not { } written)
            return [];
        JsonElement[] entries = written.ValueKind == JsonValueKind.Array ? [.. written.EnumerateArray()] : [written];
        var events = new List<int>();
        foreach (var entry in entries)
        {
            var position = entry.ValueKind is JsonValueKind.String or JsonValueKind.Number ? axis.IndexOf(entry.ToString()) : -1;
            if (position < 0)
                reader.Add("event", $"codes of {variable.Name}", entry.ValueKind is JsonValueKind.String or JsonValueKind.Number ? $"'{entry}'" : "something else", Suggestion.For(entry.ToString(), axis.Codes));
            else
                events.Add(position);
        }

        if (events.Count == 0 || events.Distinct().Count() == axis.Length)
            reader.Add("event", "some codes but not all", $"{events.Distinct().Count()} of {axis.Length}", "name the codes that count as the event");
        return events;
    }
}
