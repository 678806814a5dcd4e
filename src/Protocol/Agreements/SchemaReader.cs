using System.Globalization;
using Consilience.Analyses.Cohorts;
using Consilience.Analyses.Schema;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Yaml;

namespace Consilience.Protocol.Agreements;

/// <summary>Reads the <c>schema</c> of a study: its variables with types, codes, units and bounds.</summary>
public static class SchemaReader
{
    /// <summary>As many counters as a vector may have.</summary>
    private const int MostVariants = 16_000_000;

    /// <summary>As many columns as an image of 64 × 64 has pixels.</summary>
    private const int LongestSeries = 4096;

    /// <summary>The type of the variable that sites fill in with their own names.</summary>
    private const string SiteType = "site";

    private static readonly Dictionary<string, VariableType> Types = new(StringComparer.Ordinal)
    {
        ["category"] = VariableType.Category,
        ["integer"] = VariableType.Integer,
        ["real"] = VariableType.Real,
        ["boolean"] = VariableType.Boolean,
        ["date"] = VariableType.Date,
        [SiteType] = VariableType.Category,
    };

    /// <summary>The schema under the key <c>schema</c> of <paramref name="root"/>; null where there is none. Every fault is recorded with the document.</summary>
    /// <param name="root">Of the document.</param>
    /// <param name="sites">Of the study: the codes of a variable of type site. Without, there is none.</param>
    public static StudySchema? Read(YamlObject root, IReadOnlyList<OrganisationId>? sites = null)
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
                if (list.Object(name, "a type, and what belongs to it") is not { } entry)
                    continue;
                foreach (var variable in ReadVariables(name, entry, sites ?? []))
                {
                    if (variables.Any(v => v.Name == variable.Name))
                        list.Add(name, "names that no series gives its variables", $"'{variable.Name}' twice", "rename the variable or the series");
                    else
                        variables.Add(variable);
                }
            }

            if (variables.Where(v => v.IsSite).Skip(1).FirstOrDefault() is { } second)
                list.Add(second.Series ?? second.Name, "one variable of type site", "another", "remove one of them");
            if (!list.Keys.Any())
                schema.Add("variables", "at least one variable", "none", "declare what the methods use");
        }

        var lifeTables = ReadLifeTables(schema, variables);
        var panels = ReadPanels(schema);
        schema.Finish();
        return new StudySchema(variables, lifeTables, panels);
    }

    private static List<AgreedLifeTable> ReadLifeTables(YamlObject schema, List<Variable> variables)
    {
        var tables = new List<AgreedLifeTable>();
        if (schema.Object("lifeTables", "a table a line", required: false) is not { } list)
            return tables;
        var coded = variables.Where(v => v.Type is VariableType.Category or VariableType.Boolean).Select(v => v.Name).ToList();
        foreach (var name in list.Keys.ToList())
        {
            if (!IsName(name))
                list.Add(name, "a name of letters, digits and underscores, starting with a letter, at most 64", "another", "rename the table");
            if (list.Object(name, "sha256, and by") is not { } entry)
                continue;
            var digest = entry.Value("sha256", "the SHA-256 of the table's file, 64 lower-case hexadecimal digits", s => s.Length == 64 && s.All(char.IsAsciiHexDigitLower) ? s : null);
            var by = entry.Texts("by", "a list of variables with codes", required: false);
            foreach (var unknown in by.Where(v => !coded.Contains(v)))
                entry.Add("by", "variables of type category or boolean", $"'{PlainText.Quote(unknown)}'", Suggestion.For(unknown, coded));
            entry.Finish();
            if (digest is not null && by.All(coded.Contains))
                tables.Add(new AgreedLifeTable(name, digest, by));
        }

        return tables;
    }

    private static List<Panel> ReadPanels(YamlObject schema)
    {
        var panels = new List<Panel>();
        if (schema.Object("panels", "a panel of variants a line", required: false) is not { } list)
            return panels;
        foreach (var name in list.Keys.ToList())
        {
            if (!IsName(name))
                list.Add(name, "a name of letters, digits and underscores, starting with a letter, at most 64", "another", "rename the panel");
            if (list.Object(name, "variants and digest") is not { } entry)
                continue;
            var label = entry.OptionalText("label", "words for people") ?? name;
            var variants = entry.Number("variants", 1, MostVariants);
            var digest = entry.Value("digest", "64 hexadecimal digits in lower case", d => d.Length == 64 && d.All(char.IsAsciiHexDigitLower) ? d : null);
            entry.Finish();
            if (variants is not null && digest is not null)
                panels.Add(new Panel(name, label, variants.Value, digest));
        }

        return panels;
    }

    private static bool IsName(string name) =>
        name.Length is > 0 and <= 64 && char.IsAsciiLetter(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');

    /// <summary>One variable, or with <c>count</c> so many alike, such as the pixels of an image.</summary>
    private static IEnumerable<Variable> ReadVariables(string name, YamlObject entry, IReadOnlyList<OrganisationId> sites)
    {
        var count = entry.Number("count", 2, LongestSeries, required: false);
        if (ReadVariable(name, entry, sites) is not { } variable)
            return [];
        if (count is null)
            return [variable];
        if (variable.IsSite)
            entry.Add("count", "nothing for a variable of type site", $"{count}", "a person is at one site: remove this line");
        if (IsName(name) && !IsName($"{name}{count}"))
            entry.Add("count", "room in 64 characters for the name and a number behind it", $"{name.Length} characters", "shorten the name");
        return Enumerable.Range(1, count.Value).Select(i => variable with { Name = $"{name}{i}", Label = $"{variable.Label} {i}", Series = name });
    }

    private static Variable? ReadVariable(string name, YamlObject entry, IReadOnlyList<OrganisationId> sites)
    {
        var type = VariableType.Unspecified;
        var typeText = entry.Text("type", "category, integer, real, boolean, date or site");
        if (typeText is not null && !Types.TryGetValue(typeText, out type))
            entry.Add("type", "category, integer, real, boolean, date or site", $"'{PlainText.Quote(typeText)}'", Suggestion.For(typeText, Types.Keys));
        var label = entry.OptionalText("label", "words for people") ?? name;
        var isSite = typeText == SiteType;
        if (isSite && sites.Count == 0)
            entry.Add("type", "a type that data have, where no study names its sites", "site", "declare the sites as codes of a category");
        var codes = isSite ? [.. sites.Select(s => new CategoryCode($"{s}", $"{s}"))] : type == VariableType.Category ? ReadCodes(entry) : [];
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
        return type == VariableType.Unspecified ? null : new Variable(name, type, label, unit, codes, minimum, maximum) { IsSite = isSite };
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
