namespace Consilience.Analyses.Schema;

/// <summary>How a variable's values are written, compared and tabulated.</summary>
public enum VariableType
{
    Unspecified = 0,

    /// <summary>One of a closed list of codes; compared for equality only.</summary>
    Category,

    /// <summary>A whole number that fits 64 bits.</summary>
    Integer,

    /// <summary>A decimal number; compared, never tabulated without public cut points.</summary>
    Real,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>A calendar day, written YYYY-MM-DD.</summary>
    Date,
}

/// <summary>One permitted code of a categorical variable and the words shown for it.</summary>
public sealed record CategoryCode(string Code, string Label);

/// <summary>
/// A variable of a study: the name every site's data are mapped to. <see cref="Codes"/> is filled for <see cref="VariableType.Category"/> only;
/// <see cref="Minimum"/> and <see cref="Maximum"/> are inclusive public bounds of numeric variables.
/// </summary>
public sealed record Variable(
    string Name,
    VariableType Type,
    string Label,
    string? Unit,
    IReadOnlyList<CategoryCode> Codes,
    decimal? Minimum,
    decimal? Maximum)
{
    /// <summary>The words shown for <paramref name="code"/>, or the code itself where the schema gives none.</summary>
    public string LabelOf(string code) => Codes.FirstOrDefault(c => c.Code == code)?.Label ?? code;
}

/// <summary>The common data model of a study: what a site's own columns are mapped to. One row is one person.</summary>
public sealed class StudySchema
{
    private readonly Dictionary<string, Variable> byName;

    public StudySchema(IReadOnlyList<Variable> variables, IReadOnlyList<Panel>? panels = null)
    {
        Variables = variables;
        Panels = panels ?? [];
        byName = variables.ToDictionary(v => v.Name, StringComparer.Ordinal);
    }

    public IReadOnlyList<Variable> Variables { get; }

    /// <summary>Panels of variants, for methods that read genotypes; mostly none.</summary>
    public IReadOnlyList<Panel> Panels { get; }

    public Variable? Find(string name) => byName.GetValueOrDefault(name);

    public Panel? FindPanel(string name) => Panels.FirstOrDefault(p => p.Name == name);
}
