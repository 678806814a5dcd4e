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
    /// <summary>The name under which variables alike were declared together, of which this is one: its own is that name with a number from 1 on. Null for a variable declared by itself.</summary>
    public string? Series { get; init; }

    /// <summary>Whether it says at which site a person is: a category of the study's sites, which no site's data hold and every site fills in with its own name.</summary>
    public bool IsSite { get; init; }

    /// <summary>The words shown for <paramref name="code"/>, or the code itself where the schema gives none.</summary>
    public string LabelOf(string code) => Codes.FirstOrDefault(c => c.Code == code)?.Label ?? code;
}

/// <summary>
/// A life table that a study agrees on: a public file, of which every site holds a copy beside its data. Its digest is part of the schema, and so of what is signed: whatever table a site reads, it reads these bytes.
/// </summary>
/// <param name="Name">As methods name it.</param>
/// <param name="Sha256">Of the file's bytes, 64 lower-case hexadecimal digits.</param>
/// <param name="By">Variables of type category or boolean, such as sex, for whose codes the table has hazards of their own. A column of the file has each one's name and codes.</param>
public sealed record AgreedLifeTable(string Name, string Sha256, IReadOnlyList<string> By);

/// <summary>The common data model of a study: what a site's own columns are mapped to. One row is one person.</summary>
public sealed class StudySchema
{
    private readonly Dictionary<string, Variable> byName;

    public StudySchema(IReadOnlyList<Variable> variables, IReadOnlyList<AgreedLifeTable>? lifeTables = null, IReadOnlyList<Panel>? panels = null)
    {
        Variables = variables;
        LifeTables = lifeTables ?? [];
        Panels = panels ?? [];
        byName = variables.ToDictionary(v => v.Name, StringComparer.Ordinal);
    }

    public IReadOnlyList<Variable> Variables { get; }

    public IReadOnlyList<AgreedLifeTable> LifeTables { get; }

    /// <summary>Panels of variants, for methods that read genotypes; mostly none.</summary>
    public IReadOnlyList<Panel> Panels { get; }

    /// <summary>The variable by which a study tells its sites apart; null in most, which do not.</summary>
    public Variable? Site => Variables.FirstOrDefault(v => v.IsSite);

    public Variable? Find(string name) => byName.GetValueOrDefault(name);

    public Panel? FindPanel(string name) => Panels.FirstOrDefault(p => p.Name == name);
}
