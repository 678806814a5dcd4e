using System.Globalization;
using Consilience.Analyses.Schema;
using Consilience.Connectors.Genotypes;
using Consilience.Protocol.Yaml;

namespace Consilience.Connectors.Mapping;

/// <summary>
/// Reads a mapping file, finding every fault in one pass:
/// <c>files</c>, <c>format</c> (csv or parquet), <c>delimiter</c>, <c>missing</c>, <c>person</c>, and under <c>variables</c> for each variable or series of the schema <c>column</c>, and where
/// needed <c>codes</c> (local: study), <c>factor</c> or <c>format</c> of dates; under <c>genotypes</c> for panels of the schema <c>files</c> (PLINK's name without ending) and <c>variants</c> (the study's list); under <c>lifeTables</c> the file of each life table of the study that this site reads. The published form is <c>docs/schemas/mapping.schema.json</c>.
/// </summary>
public static class MappingReader
{
    /// <summary>How days are written unless a mapping says otherwise.</summary>
    internal const string IsoDate = "%Y-%m-%d";

    private const string MissingWord = "missing";
    private const decimal LargestFactor = 1_000_000_000;
    private const int FactorDecimals = 9;
    private static readonly string[] DateParts = ["%d", "%-d", "%m", "%-m", "%b", "%B", "%Y", "%H", "%M", "%S", "%%"];

    private static readonly Dictionary<string, string?> BooleanCodes = new(StringComparer.OrdinalIgnoreCase)
    {
        ["1"] = "true", ["true"] = "true", ["0"] = "false", ["false"] = "false",
    };

    private const int ShortestKey = 16;

    /// <param name="text">The YAML document.</param>
    /// <param name="folder">Where relative paths start: the mapping file's folder.</param>
    /// <param name="schema">The study's schema.</param>
    /// <param name="file">The document's name in messages.</param>
    /// <param name="data">A file to read in place of those the document names, which then need not exist; null for those.</param>
    /// <exception cref="FaultyInputException">The document has faults; all are listed.</exception>
    public static DataMapping Read(string text, string folder, StudySchema schema, string? file = null, string? data = null)
    {
        ArgumentNullException.ThrowIfNull(schema);
        var document = YamlDocument.Parse(text, file);
        var mapping = document.Faults.Count == 0 ? Read(document.Root, folder, schema, data) : null;
        return document.Faults.Count == 0 ? mapping! : throw new FaultyInputException("mapping", [.. document.Faults]);
    }

    internal static IReadOnlyDictionary<string, string?> StandardCodes(Variable variable) =>
        variable.Type == VariableType.Boolean ? BooleanCodes : new Dictionary<string, string?>(StringComparer.Ordinal);

    private static string? Delimiter(string text) => text switch
    {
        "\\t" => "\t",
        [var c] when c == '\t' || (!char.IsControl(c) && !char.IsLetterOrDigit(c) && c is not '"' and < (char)128) => text,
        _ => null,
    };

    /// <summary>Names one day exactly: each of day, month and four-digit year once, and nothing the engine would not know.</summary>
    private static bool IsDateFormat(string format)
    {
        var parts = new List<string>();
        for (var i = 0; i < format.Length; i++)
        {
            if (char.IsControl(format[i]))
                return false;
            if (format[i] != '%')
                continue;
            if (Array.Find(DateParts, p => string.CompareOrdinal(format, i, p, 0, p.Length) == 0) is not { } part)
                return false;
            parts.Add(part);
            i += part.Length - 1;
        }

        return parts.Count(p => p is "%d" or "%-d") == 1 && parts.Count(p => p is "%m" or "%-m" or "%b" or "%B") == 1 && parts.Count(p => p == "%Y") == 1;
    }

    private static DataMapping? Read(YamlObject root, string folder, StudySchema schema, string? data)
    {
        var named = root.Texts("files", "a list of paths");
        var files = data is null ? ReadFiles(root, named, folder) : [Path.GetFullPath(data)];
        var format = root.Text("format", "csv or parquet") switch
        {
            "csv" => FileFormat.Csv,
            "parquet" => FileFormat.Parquet,
            _ => FileFormat.Unspecified,
        };
        if (format == FileFormat.Unspecified && root.Has("format"))
            root.Add("format", "csv or parquet", "another", "convert the file, or name its format");
        var delimiter = root.Value("delimiter", "one character such as , ; | or \\t, not a quote, letter or digit", Delimiter, required: false) ?? ",";
        var missing = root.Texts("missing", "a list of texts that stand for a missing value", required: false);
        var person = root.OptionalText("person", "the column that identifies a person");
        var choiceKey = ReadChoiceKey(root, person);
        var columns = ReadColumns(root, schema);
        var lifeTables = ReadLifeTables(root, folder, schema);
        var genotypes = ReadGenotypes(root, folder, schema);
        if (genotypes.Count > 0 && person is null)
            root.Add("genotypes", "a 'person' column beside them", "none", "add 'person:', the column with the names that stand in the .fam file");
        root.Finish();
        return new DataMapping { Format = format, Files = files, Delimiter = delimiter[0], MissingTokens = missing, PersonColumn = person, ChoiceKey = choiceKey, Columns = columns, LifeTables = lifeTables, Genotypes = genotypes };
    }

    private static string? ReadChoiceKey(YamlObject root, string? person)
    {
        if (root.Object("oneRowPerPerson", "key", required: false) is not { } one)
            return null;
        var key = one.Value("key", $"a secret of at least {ShortestKey} characters", s => s.Length >= ShortestKey ? s : null);
        one.Finish();
        if (person is null)
            root.Add("oneRowPerPerson", "a 'person' column beside it", "none", "add 'person:', or remove this line");
        return key;
    }

    private static List<string> ReadFiles(YamlObject root, IReadOnlyList<string> named, string folder)
    {
        var files = named.Select(f => Path.GetFullPath(Path.Combine(folder, f))).ToList();
        foreach (var file in files.Where(f => !File.Exists(f)))
            root.Add("files", "files that exist", $"{Path.GetFileName(file)}, which does not", "correct the path; it starts at the mapping file's folder");
        foreach (var file in files.Where(f => f.AsSpan().IndexOfAny('*', '?') >= 0))
            root.Add("files", "names without * and ?", $"'{Path.GetFileName(file)}'", "rename the file, or list each file: patterns are not followed");
        if (files.Count == 0 && root.Has("files"))
            root.Add("files", "at least one file", "none", "name the data file");
        return files;
    }

    private static Dictionary<string, string> ReadLifeTables(YamlObject root, string folder, StudySchema schema)
    {
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        if (root.Object("lifeTables", "a file for each life table of the study", required: false) is not { } list)
            return files;
        foreach (var table in schema.LifeTables)
        {
            if (list.OptionalText(table.Name, "a path") is { } file)
                files[table.Name] = Path.GetFullPath(Path.Combine(folder, file));
        }

        list.Finish();
        return files;
    }

    private static List<ColumnMapping> ReadColumns(YamlObject root, StudySchema schema)
    {
        var columns = new List<ColumnMapping>();
        if (root.Object("variables", "a column for each variable of the schema") is not { } list)
            return columns;
        if (schema.Site is { } site && list.Json(site.Name, "no column", required: false) is not null)
            list.Add(site.Name, "no column", "one", "remove it: it is the site's own name, which this program fills in");
        foreach (var declared in schema.Variables.Where(v => !v.IsSite).GroupBy(v => v.Series ?? v.Name, StringComparer.Ordinal))
        {
            // The columns of a series are numbered as its variables are.
            if (list.Object(declared.Key, "a column") is { } entry && ReadColumn(declared.First(), entry) is { } column)
                columns.AddRange(declared.Select(v => column with { Variable = v, Column = column.Column + v.Name[(v.Series ?? v.Name).Length..] }));
        }

        list.Finish();
        return columns;
    }

    private static List<GenotypeFiles> ReadGenotypes(YamlObject root, string folder, StudySchema schema)
    {
        var genotypes = new List<GenotypeFiles>();
        if (root.Object("genotypes", "files for each panel of the schema that this site has", required: false) is not { } list)
            return genotypes;
        foreach (var panel in schema.Panels.Where(p => list.Has(p.Name)))
        {
            if (list.Object(panel.Name, "PLINK files") is not { } entry)
                continue;
            var prefix = entry.Text("files", "the path of .bed, .bim and .fam without their endings");
            var variants = entry.OptionalText("variants", "the study's list of the panel, a .bim file");
            entry.Finish();
            if (prefix is not null)
                genotypes.Add(new GenotypeFiles(panel, Path.GetFullPath(Path.Combine(folder, prefix)), variants is null ? null : Path.GetFullPath(Path.Combine(folder, variants))));
        }

        list.Finish();
        return genotypes;
    }

    private static ColumnMapping? ReadColumn(Variable variable, YamlObject entry)
    {
        var column = entry.Text("column", "the local column");
        var codes = StandardCodes(variable);
        decimal factor = 1;
        var format = IsoDate;
        switch (variable.Type)
        {
            case VariableType.Category or VariableType.Boolean when entry.Object("codes", "local value: code of the study", required: false) is { } list:
                codes = ReadCodes(variable, list);
                break;
            case VariableType.Integer or VariableType.Real when entry.OptionalText("factor", "a number") is { } text:
                if (!decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out factor) || factor <= 0 || factor >= LargestFactor || decimal.Round(factor, FactorDecimals) != factor)
                    entry.Add("factor", $"a positive number below {LargestFactor}, of at most {FactorDecimals} decimals", $"'{text}'", "local number × factor = the study's unit");
                break;
            case VariableType.Date:
                format = entry.OptionalText("format", "a date format such as %d.%m.%Y") ?? format;
                if (!IsDateFormat(format))
                    entry.Add("format", "a day, a month and a year, such as %d.%m.%Y", $"'{format}'", "use %d or %-d, %m, %-m, %b or %B, %Y, and the characters between them; %H %M %S for a time of day");
                break;
        }

        entry.Finish();
        return column is null ? null : new ColumnMapping(variable, column, codes, factor, format);
    }

    private static Dictionary<string, string?> ReadCodes(Variable variable, YamlObject list)
    {
        string[] known = [.. variable.Type == VariableType.Boolean ? ["false", "true"] : variable.Codes.Select(c => c.Code), MissingWord];
        var codes = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var local in list.Keys.ToList())
        {
            if (list.Text(local, "a code of the study, or missing") is not { } code)
                continue;
            if (!known.Contains(code))
                list.Add(local, $"a code of {variable.Name}, or missing", $"'{code}'", Suggestion.For(code, known));
            codes[local] = code == MissingWord ? null : code;
        }

        return codes;
    }
}
