using System.Globalization;
using Consilience.Analyses.Cohorts;
using Consilience.Analyses.Schema;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Yaml;

namespace Consilience.Protocol.Agreements;

/// <summary>Reads the <c>schema</c> of a study: its variables with types, codes, units and bounds.</summary>
public static class SchemaReader
{
    private static readonly Dictionary<string, VariableType> Types = new(StringComparer.Ordinal)
    {
        ["category"] = VariableType.Category,
        ["integer"] = VariableType.Integer,
        ["real"] = VariableType.Real,
        ["boolean"] = VariableType.Boolean,
        ["date"] = VariableType.Date,
    };

    /// <summary>The schema under the key <c>schema</c> of <paramref name="root"/>; null where there is none. Every fault is recorded with the document.</summary>
    public static StudySchema? Read(YamlObject root)
    {
        if (root.Object("schema", "the study's variables") is not { } schema)
            return null;
        var variables = new List<Variable>();
        if (schema.Object("variables", "a variable a line") is { } list)
        {
            foreach (var name in list.Keys.ToList())
            {
                if (!IsName(name))
                    list.Add(name, "a name of letters, digits and underscores, starting with a letter, at most 64", "another", "rename the variable");
                if (CohortExpression.ReservedWords.Contains(name))
                    list.Add(name, "a name that is no word of cohort expressions", $"'{name}'", "rename the variable, or cohorts could not name it");
                if (list.Object(name, "a type, and what belongs to it") is { } entry && ReadVariable(name, entry) is { } variable)
                    variables.Add(variable);
            }

            if (!list.Keys.Any())
                schema.Add("variables", "at least one variable", "none", "declare what the methods use");
        }

        schema.Finish();
        return new StudySchema(variables);
    }

    private static bool IsName(string name) =>
        name.Length is > 0 and <= 64 && char.IsAsciiLetter(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');

    private static Variable? ReadVariable(string name, YamlObject entry)
    {
        var type = VariableType.Unspecified;
        var typeText = entry.Text("type", "category, integer, real, boolean or date");
        if (typeText is not null && !Types.TryGetValue(typeText, out type))
            entry.Add("type", "category, integer, real, boolean or date", $"'{PlainText.Quote(typeText)}'", Suggestion.For(typeText, Types.Keys));
        var label = entry.OptionalText("label", "words for people") ?? name;
        var codes = type == VariableType.Category ? ReadCodes(entry) : [];
        string? unit = null;
        decimal? minimum = null, maximum = null;
        if (type is VariableType.Integer or VariableType.Real)
        {
            unit = entry.OptionalText("unit", "a unit");
            minimum = Bound(entry, "minimum", type);
            maximum = Bound(entry, "maximum", type);
            if (minimum > maximum)
                entry.Add("maximum", $"at least the minimum, {minimum}", $"{maximum}", "exchange the two");
        }

        entry.Finish();
        return type == VariableType.Unspecified ? null : new Variable(name, type, label, unit, codes, minimum, maximum);
    }

    private static List<CategoryCode> ReadCodes(YamlObject entry)
    {
        var codes = new List<CategoryCode>();
        if (entry.Object("codes", "a code and its label a line") is not { } list)
            return codes;
        foreach (var code in list.Keys.ToList())
        {
            if (code.Length is 0 or > 64 || code.Any(char.IsControl))
                list.Add(code, "a code of 1 to 64 printable characters", "another", "shorten it");
            if (list.Text(code, "a label") is { } label)
                codes.Add(new CategoryCode(code, label));
        }

        if (codes.Count is 0 or > 100_000)
            entry.Add("codes", "1 to 100000 codes", $"{codes.Count}", "list the value set");
        return codes;
    }

    private static decimal? Bound(YamlObject entry, string key, VariableType type)
    {
        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
        if (entry.OptionalText(key, "a number") is not { } text)
            return null;
        if (decimal.TryParse(text, Style, CultureInfo.InvariantCulture, out var bound) && (type == VariableType.Real || decimal.IsInteger(bound)))
            return bound;
        entry.Add(key, type == VariableType.Real ? "a number" : "a whole number", $"'{PlainText.Quote(text)}'", "correct the bound");
        return null;
    }
}
