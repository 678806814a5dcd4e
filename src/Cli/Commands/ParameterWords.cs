using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Consilience.Analyses.Parameters;
using Consilience.Protocol.Yaml;

namespace Consilience.Cli.Commands;

/// <summary>Values of parameters as words on a command line, both ways.</summary>
internal static class ParameterWords
{
    private static readonly JsonSerializerOptions Plainly = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <exception cref="BadInputException">The words do not fit the parameter's form.</exception>
    internal static JsonNode Read(Parameter parameter, IReadOnlyList<string> words) => parameter.Form switch
    {
        ParameterForm.Word or ParameterForm.Formula => JsonValue.Create(words[0]),
        ParameterForm.Number => JsonValue.Create(Number(parameter, words[0])),
        ParameterForm.Axis => Axis(parameter, words[0]),
        ParameterForm.Axes => new JsonArray([.. words.Select(w => Axis(parameter, w))]),
        ParameterForm.Words => new JsonArray([.. words.SelectMany(w => w.Split(',', StringSplitOptions.RemoveEmptyEntries)).Select(Word)]),
        ParameterForm.Grid => Grid(parameter, words[0]),
        ParameterForm.Codes => Codes(parameter, words),
        _ => Value(parameter, words[0]),
    };

    /// <summary>How to write it, where the description does not say.</summary>
    internal static string Hint(Parameter parameter) => parameter.Form switch
    {
        ParameterForm.Axis => "VARIABLE, or VARIABLE:EDGE,EDGE.",
        ParameterForm.Axes => "VARIABLE, or VARIABLE:EDGE,EDGE; several with spaces between.",
        ParameterForm.Words => "Several with spaces or commas between.",
        ParameterForm.Grid => "FROM:TO:STEP, or TIME,TIME, or {NAME: VALUE, …}; at exact precision every whole unit of time without.",
        ParameterForm.Codes => "VARIABLE=CODE; several with spaces between.",
        ParameterForm.Word when parameter.Choices.Count > 0 => $"One of {string.Join(", ", parameter.Choices)}.",
        _ => "",
    };

    /// <summary>The words for a value, quoted for a shell where it needs that.</summary>
    internal static string Quoted(Parameter parameter, JsonNode value) => string.Join(' ', Of(parameter, value).Select(w => w.All(c => char.IsAsciiLetterOrDigit(c) || "_-.,:=/".Contains(c, StringComparison.Ordinal)) ? w : $"'{w}'"));

    /// <summary>The words for a value: what <see cref="Read"/> reads as it.</summary>
    internal static IReadOnlyList<string> Of(Parameter parameter, JsonNode value) => (parameter.Form, value) switch
    {
        (ParameterForm.Axis, _) => [Axis(value)],
        (ParameterForm.Axes, JsonArray axes) => [.. axes.Select(a => Axis(a!))],
        (ParameterForm.Words, JsonArray words) => [string.Join(',', words)],
        (ParameterForm.Grid, JsonObject grid) when grid.ContainsKey("persons") => [grid.ToJsonString(Plainly)],
        (ParameterForm.Grid, JsonObject grid) => [grid["edges"] is JsonArray edges ? string.Join(',', edges) : $"{grid["from"]}:{grid["to"]}:{grid["step"]}"],
        (ParameterForm.Codes, JsonObject codes) => [.. codes.Select(c => $"{c.Key}={c.Value}")],
        (ParameterForm.Value, _) => [value.ToJsonString(Plainly)],
        _ => [$"{value}"],
    };

    private static string Axis(JsonNode axis) => axis is JsonObject cut ? $"{cut["variable"]}:{string.Join(',', cut["edges"]!.AsArray())}" : $"{axis}";

    private static JsonNode Axis(Parameter parameter, string word) => word.Split(':', 2) is [var variable, var edges]
        ? new JsonObject { ["variable"] = variable, ["edges"] = new JsonArray([.. edges.Split(',').Select(e => JsonValue.Create(Number(parameter, e)))]) }
        : JsonValue.Create(word);

    private static JsonNode Grid(Parameter parameter, string word) => word.StartsWith('{') ? Value(parameter, word) : word.Split(':') is [var from, var to, var step]
        ? new JsonObject { ["from"] = Number(parameter, from), ["to"] = Number(parameter, to), ["step"] = Number(parameter, step) }
        : new JsonObject { ["edges"] = new JsonArray([.. word.Split(',').Select(e => JsonValue.Create(Number(parameter, e)))]) };

    private static JsonObject Codes(Parameter parameter, IReadOnlyList<string> words)
    {
        var codes = new JsonObject();
        foreach (var word in words)
        {
            if (word.Split('=', 2) is not [{ Length: > 0 } variable, var code] || !codes.TryAdd(variable, code))
                throw Misfit(parameter, word, "VARIABLE=CODE, each variable once");
        }

        return codes;
    }

    private static JsonNode Word(string word) => TryNumber(word, out var number) ? JsonValue.Create(number) : JsonValue.Create(word);

    private static JsonNode Value(Parameter parameter, string word)
    {
        var document = YamlDocument.Parse($"value: {word}\n");
        return document.Faults.Count == 0 && document.Root.Json("value", "a value", required: true) is { } value && JsonNode.Parse(value.GetRawText()) is { } node ? node : throw Misfit(parameter, word, "a value as in a request file, in one line");
    }

    private static decimal Number(Parameter parameter, string word) => TryNumber(word, out var number) ? number : throw Misfit(parameter, word, parameter.Form == ParameterForm.Number ? "a number" : "numbers with commas or colons between");

    private static bool TryNumber(string word, out decimal number) => decimal.TryParse(word, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number);

    private static BadInputException Misfit(Parameter parameter, string word, string expected) => new($"--{parameter.Name}: '{word}' (expected {expected})");
}
