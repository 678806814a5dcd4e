using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Consilience.Analyses;
using Consilience.Analyses.Parameters;
using Consilience.Analyses.Schema;
using Consilience.FederatedLearning.Models;

namespace Consilience.FederatedLearning.Training;

/// <summary>
/// Layers that every site has to itself, and how it fits them: anew each time, from the weights it is given, on its own rows, the others held (federated reconstruction: Singhal et al. 2021). Nothing is remembered, and nothing of them leaves.
/// </summary>
internal sealed class PersonalLayers
{
    private const string All = "all";

    private readonly bool[] isPersonal;
    private readonly bool[] isShared;
    private readonly LocalSettings settings;

    private PersonalLayers(bool[] isPersonal, LocalSettings settings, FittedRows? rows, string names)
    {
        (this.isPersonal, isShared, this.settings, Rows) = (isPersonal, Array.ConvertAll(isPersonal, p => !p), settings, rows);
        Shared = [.. Enumerable.Range(0, isPersonal.Length).Where(i => !isPersonal[i])];
        Canonical = string.Create(CultureInfo.InvariantCulture, $"{names} {settings} {rows?.Canonical}");
    }

    /// <summary>Places of the weights that all sites have together.</summary>
    internal int[] Shared { get; }

    /// <summary>Whom they are fitted on, of an evaluation; null where it is everybody trained on.</summary>
    internal FittedRows? Rows { get; }

    /// <summary>Equal layers, fitted equally, have equal text.</summary>
    internal string Canonical { get; }

    /// <summary>Which weights are held while shared ones are trained.</summary>
    internal bool[] Held => isPersonal;

    /// <summary>The JSON Schema of what <see cref="Read"/> reads.</summary>
    internal static JsonObject Schema(bool isEvaluated)
    {
        var schema = LocalSettings.Schema();
        schema["properties"]!.AsObject()["layers"] = Parameter.List(Parameter.Text(), 1);
        schema["required"]!.AsArray().Add("layers");
        if (!isEvaluated)
            return schema;
        schema["properties"]!.AsObject()["fittedOn"] = Parameter.Members(new() { ["variable"] = Parameter.Text(), ["codes"] = Parameter.List(Parameter.AnyScalar(), 1) }, "variable", "codes");
        schema["required"]!.AsArray().Add("fittedOn");
        return schema;
    }

    /// <summary>Null where there are none, or with faults added.</summary>
    /// <param name="reader">Of the method's parameters.</param>
    /// <param name="model">Whose layers they are.</param>
    /// <param name="isEvaluated">Whether they are fitted to be evaluated: then some persons are named to fit on, and all layers may be personal.</param>
    internal static PersonalLayers? Read(ParameterReader reader, ModelDeclaration model, bool isEvaluated) =>
        reader.Object("personal", "{layers, steps, batch, rate}", required: false) is { } own ? ReadAll(own, model, isEvaluated, hasRows: isEvaluated) : null;

    /// <summary>The same of a mapping that says it all.</summary>
    internal static PersonalLayers? ReadAll(ParameterReader own, ModelDeclaration model, bool mayBeAll, bool hasRows)
    {
        var (isPersonal, names) = (new bool[model.ParameterCount], new SortedSet<string>(StringComparer.Ordinal));
        foreach (var entry in own.List("layers", "a list of layers", required: true))
        {
            var word = entry.ValueKind == JsonValueKind.String ? entry.GetString()! : "";
            var tensors = model.Specs.Zip(model.Tensors).Where(t => Is(t.First, word, mayBeAll)).Select(t => t.Second).ToList();
            if (tensors.Count == 0)
                own.Add("layers", $"layers of the model that have weights: normalisation, {(mayBeAll ? "all, " : "")}{string.Join(", ", Layers(model))}", $"'{(word.Length > 40 ? "something else" : word)}'", Suggestion.For(word, ["normalisation", .. Layers(model)]));
            foreach (var tensor in tensors)
            {
                names.Add(tensor.Name);
                Array.Fill(isPersonal, true, tensor.Offset, tensor.Length);
            }
        }

        if (!mayBeAll && Array.TrueForAll(isPersonal, p => p))
            own.Add("layers", "some layers, and others that sites train together", "all of them", "leave some out");
        var rows = hasRows ? FittedRows.Read(own) : null;
        var settings = LocalSettings.Read(own);
        return settings is null || (hasRows && rows is null) ? null : new(isPersonal, settings, rows, string.Join(' ', names));
    }

    /// <summary>The weights with personal ones fitted to rows.</summary>
    /// <exception cref="ArithmeticException">They left the range of numbers.</exception>
    internal ModelWeights Fit(ModelDeclaration model, TrainingRows rows, ModelWeights from)
    {
        var (fitted, _) = new LocalTraining(model, rows, settings, null, isShared).Run(from);
        return Array.TrueForAll(fitted, float.IsFinite) ? ModelWeights.Of(fitted) : throw new ArithmeticException("personal layers: left the range of numbers (expected finite weights); use a smaller learning rate");
    }

    private static bool Is(TensorSpec tensor, string word, bool mayBeAll) =>
        (word == All && mayBeAll) || (word == "normalisation" && tensor.IsNormalisation) || (word.Length > 0 && tensor.Name.StartsWith(word + ".", StringComparison.Ordinal));

    private static IEnumerable<string> Layers(ModelDeclaration model) =>
        model.Tensors.Select(t => t.Name.Split('.')).Select(n => n[0] == "layers" ? $"{n[0]}.{n[1]}" : n[0]).Distinct();
}

/// <summary>Of an evaluation's persons those whose layers are fitted, by the codes of a variable; the others are evaluated.</summary>
internal sealed record FittedRows(string Variable, IReadOnlyList<int> Codes)
{
    internal string Canonical => $"{Variable} {string.Join(' ', Codes.Order())}";

    private bool Holds(double code) => Codes.Contains((int)code);

    internal static FittedRows? Read(ParameterReader reader)
    {
        if (reader.Object("fittedOn", "{variable, codes}", required: true) is not { } own)
            return null;
        var (variable, codes) = (own.Variable("variable", VariableType.Category, VariableType.Boolean), new HashSet<int>());
        var axis = variable is null ? null : Grouping.Coded(variable);
        foreach (var entry in own.List("codes", "a list of codes", required: true))
        {
            var code = entry.ValueKind is JsonValueKind.String or JsonValueKind.Number ? entry.ToString() : entry.ValueKind is JsonValueKind.True or JsonValueKind.False ? entry.GetRawText() : "";
            if (axis is not null && axis.IndexOf(code) is >= 0 and var place)
                codes.Add(place);
            else if (axis is not null)
                own.Add("codes", $"codes of {variable!.Name}", $"'{(code.Length > 40 ? "something else" : code)}'", Suggestion.For(code, axis.Codes));
        }

        if (axis is not null && codes.Count == axis.Length)
            own.Add("codes", "some codes, and others whose persons are evaluated", "all of them", "leave some out");
        own.Finish();
        return variable is null || codes.Count == 0 ? null : new(variable.Name, [.. codes]);
    }

    /// <summary>The rows to fit on.</summary>
    internal IRows Of(IRows rows) => new Part(rows, this, isFitted: true);

    /// <summary>Those to evaluate.</summary>
    internal IRows Others(IRows rows) => new Part(rows, this, isFitted: false);

    private sealed class Part(IRows rows, FittedRows chosen, bool isFitted) : IRows
    {
        public void Tabulate(IReadOnlyList<Axis> axes, Span<long> cells) => throw new NotSupportedException("layers are fitted to rows");

        public void Read(IReadOnlyList<string> variables, Func<RowReader> begin)
        {
            // A variable is asked for once.
            var place = variables.ToList().IndexOf(chosen.Variable);
            IReadOnlyList<string> asked = place < 0 ? [.. variables, chosen.Variable] : variables;
            var (at, width) = (place < 0 ? variables.Count : place, variables.Count);
            rows.Read(asked, () =>
            {
                var take = begin();
                return values =>
                {
                    if (chosen.Holds(values[at]) == isFitted)
                        take(values[..width]);
                };
            });
        }
    }
}
