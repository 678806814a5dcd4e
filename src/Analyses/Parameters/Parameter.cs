using System.Text.Json.Nodes;
using Consilience.Analyses.Schema;

namespace Consilience.Analyses.Parameters;

/// <summary>
/// A parameter of a method, stated once: the JSON Schema of a request's parameters, the option of a shorthand and the lists of <c>consilience methods</c> come from it. A method that reads what it has not stated is a fault of the program.
/// </summary>
public sealed record Parameter
{
    private readonly JsonObject schema;

    private Parameter(string name, string description, ParameterForm form, JsonObject schema)
    {
        (Name, Description, Form) = (name, description, form);
        this.schema = schema;
    }

    public string Name { get; }

    /// <summary>A sentence: what it is, and what is taken where it is left out.</summary>
    public string Description { get; private init; }

    public ParameterForm Form { get; }

    public bool IsRequired { get; private init; }

    /// <summary>Whether only the program writes it, between the rounds of a fit.</summary>
    public bool IsInternal { get; private init; }

    /// <summary>Types of variable that fit, where it names one.</summary>
    public IReadOnlyList<VariableType> Types { get; private init; } = [];

    /// <summary>What fits, where it is one of a few words.</summary>
    public IReadOnlyList<string> Choices { get; private init; } = [];

    /// <summary>The JSON Schema of its value.</summary>
    public JsonObject ToSchema() => new([KeyValuePair.Create<string, JsonNode?>("description", Description), .. schema.DeepClone().AsObject().Select(m => KeyValuePair.Create(m.Key, m.Value?.DeepClone()))]);

    /// <summary>The same in other words.</summary>
    internal Parameter As(string description) => this with { Description = description };

    internal Parameter Required() => this with { IsRequired = true };

    internal Parameter Optional() => this with { IsRequired = false };

    internal static Parameter Variable(string name, string description, params VariableType[] types) => new(name, description, ParameterForm.Word, Text()) { IsRequired = true, Types = types };

    internal static Parameter Variables(string name, string description, int least) => new(name, description, ParameterForm.Words, List(Text(), least)) { IsRequired = true };

    internal static Parameter Choice(string name, string description, params string[] choices) =>
        new(name, description, ParameterForm.Word, new() { ["enum"] = new JsonArray([.. choices.Select(c => JsonValue.Create(c))]) }) { Choices = choices };

    /// <summary>A code of a variable; numbers and booleans stand for their texts.</summary>
    internal static Parameter Code(string name, string description) => new(name, description, ParameterForm.Word, AnyScalar());

    /// <summary>A name of the study's, other than a variable's.</summary>
    internal static Parameter Named(string name, string description) => new(name, description, ParameterForm.Word, Text()) { IsRequired = true };

    internal static Parameter Whole(string name, string description, int least, int most) => new(name, description, ParameterForm.Number, WholeOf(least, most));

    internal static Parameter Number(string name, string description, decimal? least = null, decimal? most = null) => new(name, description, ParameterForm.Number, NumberOf(least, most));

    internal static Parameter Numbers(string name, string description, decimal? least = null, decimal? most = null) => new(name, description, ParameterForm.Words, List(NumberOf(least, most)));

    internal static Parameter Axis(string name, string description) => new(name, description, ParameterForm.Axis, AxisSchema()) { IsRequired = true };

    internal static Parameter Axes(string name, string description, int least = 0) => new(name, description, ParameterForm.Axes, List(AxisSchema(), least)) { IsRequired = least > 0 };

    internal static Parameter CodedAxes(string name, string description, int least = 0) => new(name, description, ParameterForm.Words, List(Text(), least)) { IsRequired = least > 0 };

    internal static Parameter Value(string name, string description, params JsonObject[] shapes) => new(name, description, ParameterForm.Value, shapes is [var one] ? one : AnyOf(shapes));

    internal static Parameter Formula(string description) => new("formula", description, ParameterForm.Formula, Text("~")) { IsRequired = true };

    internal static Parameter Time { get; } = Variable("time", "Time to the event or to last contact.", VariableType.Integer, VariableType.Real);

    internal static Parameter Event { get; } = Variable("event", "Whether the event occurred.", VariableType.Boolean);

    internal static Parameter By { get; } = Axes("by", "Variables with codes, or {variable, edges}: a group for each combination; without, everybody together.");

    internal static Parameter Strata { get; } = Axes("strata", "Variables as in 'by', within which groups are compared.");

    internal static Parameter Grid { get; } = new("grid", "Public times, increasing: {from, to, step}, {edges: […]}, or {persons, landmarks, to, epsilon} of how many are expected and what is paid.", ParameterForm.Grid, AnyOf(
        Members(new() { ["from"] = NumberOf(), ["to"] = NumberOf(), ["step"] = NumberOf(0) }, "from", "to", "step"),
        Members(new() { ["edges"] = List(NumberOf(), 1) }, "edges"),
        Members(new() { ["persons"] = NumberOf(0), ["landmarks"] = List(NumberOf(), 1), ["to"] = NumberOf(), ["epsilon"] = NumberOf(0, 100) }, "persons", "landmarks")))
    { IsRequired = true };

    internal static Parameter Level { get; } = Number("level", "How sure limits are; 0.95 without.", 0.5m, 0.9999m);

    internal static Parameter Confidence { get; } = new("confidence", "{level, type} of limits: type log-log, log or plain, as R's conf.type; 0.95 and log-log without.", ParameterForm.Value, Members(new()
    {
        ["level"] = NumberOf(0.5m, 0.9999m), ["type"] = new JsonObject { ["enum"] = new JsonArray("log-log", "log", "plain") },
    }));

    internal static Parameter References { get; } = new("reference", "{variable: code} to compare with; each variable's first code without.", ParameterForm.Codes, new() { ["type"] = "object", ["additionalProperties"] = AnyScalar() });

    internal static Parameter At { get; } = Numbers("at", "Scaled coefficients to take a step from; the program fills them in.") with { IsInternal = true };

    internal static JsonObject NumberOf(decimal? least = null, decimal? most = null)
    {
        var number = new JsonObject { ["type"] = "number" };
        if (least is not null)
            number["minimum"] = least;
        if (most is not null)
            number["maximum"] = most;
        return number;
    }

    internal static JsonObject WholeOf(int least, int most) => new() { ["type"] = "integer", ["minimum"] = (decimal)least, ["maximum"] = (decimal)most };

    internal static JsonObject List(JsonObject item, int least = 0)
    {
        var list = new JsonObject { ["type"] = "array", ["items"] = item };
        if (least > 0)
            list["minItems"] = least;
        return list;
    }

    internal static JsonObject Text(string? pattern = null) => pattern is null ? new() { ["type"] = "string" } : new() { ["type"] = "string", ["pattern"] = pattern };

    internal static JsonObject OneOf(params IEnumerable<string> words) => new() { ["enum"] = new JsonArray([.. words.Select(w => JsonValue.Create(w))]) };

    internal static JsonObject AnyOf(params JsonObject[] shapes) => new() { ["anyOf"] = new JsonArray([.. shapes]) };

    internal static JsonObject AnyScalar() => new() { ["type"] = new JsonArray("string", "number", "boolean") };

    private static JsonObject AxisSchema() => AnyOf(Text(), Members(new() { ["variable"] = Text(), ["edges"] = List(NumberOf(), 1) }, "variable", "edges"));

    internal static JsonObject Members(JsonObject properties, params string[] required)
    {
        var members = new JsonObject { ["type"] = "object", ["additionalProperties"] = false, ["properties"] = properties };
        if (required.Length > 0)
            members["required"] = new JsonArray([.. required.Select(r => JsonValue.Create(r))]);
        return members;
    }
}
