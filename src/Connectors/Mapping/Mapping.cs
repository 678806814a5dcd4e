using Consilience.Analyses.Schema;
using Consilience.Connectors.Genotypes;

namespace Consilience.Connectors.Mapping;

/// <summary>How the site's files are written.</summary>
public enum FileFormat
{
    Unspecified = 0,
    Csv,
    Parquet,
}

/// <summary>Where one variable of the schema comes from.</summary>
/// <param name="Variable">The schema's variable.</param>
/// <param name="Column">The local column.</param>
/// <param name="Codes">Local value → code of the schema, or null for a value that counts as missing. Empty: local values are the schema's codes.</param>
/// <param name="Factor">Local number × factor = the schema's unit. Exact.</param>
/// <param name="DateFormat">As DuckDB's <c>strptime</c>.</param>
public sealed record ColumnMapping(Variable Variable, string Column, IReadOnlyDictionary<string, string?> Codes, decimal Factor, string DateFormat);

/// <summary>A checked mapping from a site's files to a study's schema.</summary>
public sealed record DataMapping
{
    /// <summary>The column that <see cref="At"/> adds, and what stands in it: no word of a file, so that none which stands for a missing value is it.</summary>
    internal const string SiteColumn = "consilience_site";

    public required FileFormat Format { get; init; }

    /// <summary>Absolute paths, read where they lie.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    public required char Delimiter { get; init; }

    /// <summary>Cell texts that stand for a missing value, beside the empty cell.</summary>
    public required IReadOnlyList<string> MissingTokens { get; init; }

    /// <summary>The column that identifies a person; null when every row is a person of its own.</summary>
    public required string? PersonColumn { get; init; }

    /// <summary>
    /// Where a person may have several rows: the secret by which one of them is chosen, so that nobody contributes twice and the order of rows plays no part. Null: several rows a person are
    /// refused.
    /// </summary>
    public string? ChoiceKey { get; init; }

    public required IReadOnlyList<ColumnMapping> Columns { get; init; }

    /// <summary>Where each life table of the study lies.</summary>
    public IReadOnlyDictionary<string, string> LifeTables { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Panels whose genotypes the site has.</summary>
    public IReadOnlyList<GenotypeFiles> Genotypes { get; init; } = [];

    /// <summary>The mapping at a site: with the variable of sites, where the study has one, which is that site's name in every row whatever its files say.</summary>
    public DataMapping At(string site, StudySchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        return schema.Site is not { } variable
            ? this
            : this with { Columns = [.. Columns, new ColumnMapping(variable, SiteColumn, new Dictionary<string, string?>(StringComparer.Ordinal) { [SiteColumn] = site }, 1, MappingReader.IsoDate)] };
    }

    /// <summary>Whether it has the column that <see cref="At"/> adds.</summary>
    internal bool HasSite => Columns.Any(c => c.Variable.IsSite);

    /// <summary>Every file that answers are made of.</summary>
    internal IReadOnlyList<string> AllFiles => [.. Files, .. Genotypes.SelectMany(g => new[] { g.Bed, g.Bim, g.Fam })];

    /// <summary>The mapping of a CSV or Parquet file whose columns already are the schema's, code for code; life tables lie beside it, each as its name with <c>.csv</c>.</summary>
    public static DataMapping Direct(string file, StudySchema schema)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(schema);
        return new DataMapping
        {
            Format = file.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase) ? FileFormat.Parquet : FileFormat.Csv,
            Files = [Path.GetFullPath(file)],
            Delimiter = ',',
            MissingTokens = ["NA"],
            PersonColumn = null,
            Columns = [.. schema.Variables.Where(v => !v.IsSite).Select(v => new ColumnMapping(v, v.Name, MappingReader.StandardCodes(v), 1, MappingReader.IsoDate))],
            LifeTables = schema.LifeTables.ToDictionary(t => t.Name, t => Path.Combine(Path.GetDirectoryName(Path.GetFullPath(file))!, $"{t.Name}.csv"), StringComparer.Ordinal),
        };
    }
}
