using Consilience.Analyses.Schema;

namespace Consilience.Analyses.Cohorts;

/// <summary>
/// Which persons a question is about: comparisons, sets, ranges and missing values over a study's schema, joined by <c>and</c>, <c>or</c>, <c>not</c>.
/// Equal meanings that the rules of normalisation reach have one <see cref="Canonical"/> text, so that a question asked twice in other words is seen to be the same.
/// </summary>
public sealed class CohortExpression
{
    /// <summary>Longest text that is read.</summary>
    public const int LongestText = 10_000;

    /// <summary>Words of the language, which no variable can be called; capitals make no difference.</summary>
    public static IReadOnlySet<string> ReservedWords { get; } =
        new HashSet<string>(["and", "or", "not", "in", "between", "is", "missing", "known", "true", "false"], StringComparer.OrdinalIgnoreCase);

    private CohortExpression(CohortNode? root, string canonical, IReadOnlySet<string> variables)
    {
        Root = root;
        Canonical = canonical;
        Variables = variables;
    }

    /// <summary>Everyone in the study's data.</summary>
    public static CohortExpression Everyone { get; } = new(null, "", new HashSet<string>(StringComparer.Ordinal));

    /// <summary>Null for everyone.</summary>
    public CohortNode? Root { get; }

    public IReadOnlySet<string> Variables { get; }

    /// <summary>The canonical text; empty for everyone. Parsing it gives the same expression.</summary>
    public string Canonical { get; }

    /// <summary>Reads a cohort expression; null after recording faults, with their lines and columns. Empty text is everyone.</summary>
    public static CohortExpression? Parse(string text, StudySchema schema, ICollection<Fault> faults)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentNullException.ThrowIfNull(faults);
        if (text.Length > LongestText)
            return TooLong("", text.Length, faults);
        if (string.IsNullOrWhiteSpace(text))
            return Everyone;
        var parser = new CohortParser(text, schema, faults);
        var root = parser.Parse();
        if (root is null)
            return null;
        var canonical = root.ToString();
        return canonical.Length > LongestText ? TooLong(" in canonical form", canonical.Length, faults) : new CohortExpression(root, canonical, parser.Variables);
    }

    /// <summary>The persons who belong to both.</summary>
    public CohortExpression And(CohortExpression other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (Root is null || other.Root is null)
            return Root is null ? other : this;
        var both = CohortNormal.Join([Root, other.Root], isAnd: true);
        return new CohortExpression(both, both.ToString(), new HashSet<string>(Variables.Concat(other.Variables), StringComparer.Ordinal));
    }

    /// <summary>Whether nobody of the cohort can have this code, as far as its conditions that must all hold tell.</summary>
    public bool Excludes(string variable, string code)
    {
        IReadOnlyList<CohortNode> conditions = Root is AndNode and ? and.Operands : Root is null ? [] : [Root];
        return conditions.OfType<CodesNode>().Any(c => c.Variable == variable && c.AllCodes.Contains(code) && !c.Codes.Contains(code));
    }

    public override string ToString() => Root is null ? "everyone" : Canonical;

    private static CohortExpression? TooLong(string form, int length, ICollection<Fault> faults)
    {
        faults.Add(new Fault("cohort", $"at most {LongestText} characters{form}", $"{length}", "use sets and ranges instead of single comparisons"));
        return null;
    }
}
