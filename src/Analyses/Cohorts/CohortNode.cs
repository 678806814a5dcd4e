using System.Globalization;

namespace Consilience.Analyses.Cohorts;

/// <summary>How a value is compared with constants.</summary>
public enum Comparison
{
    Unspecified = 0,
    Equal,
    NotEqual,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

/// <summary>
/// A cohort expression after normalisation: negations pushed into the leaves, operands ordered and none twice. Its text is canonical. Values follow three-valued
/// logic: a comparison with a missing value is unknown, and a person belongs to the cohort only if the whole is true.
/// </summary>
public abstract record CohortNode
{
    private protected CohortNode()
    {
    }

    public abstract override string ToString();
}

/// <summary>A numeric or date variable against one constant; dates are days since 0001-01-01.</summary>
public sealed record CompareNode(string Variable, Comparison Comparison, decimal Constant, bool IsDate) : CohortNode
{
    public override string ToString() => $"{Variable} {Symbol} {CohortText.Constant(Constant, IsDate)}";

    private string Symbol => Comparison switch
    {
        Comparison.Equal => "=",
        Comparison.NotEqual => "!=",
        Comparison.Less => "<",
        Comparison.AtMost => "<=",
        Comparison.Greater => ">",
        Comparison.AtLeast => ">=",
        _ => throw new InvalidOperationException("a comparison is specified"),
    };
}

/// <summary>A numeric or date variable in, or not in, a set of two or more constants, ascending.</summary>
public sealed record SetNode(string Variable, bool IsIn, IReadOnlyList<decimal> Constants, bool IsDate) : CohortNode
{
    public bool Equals(SetNode? other) => other is not null && ToString() == other.ToString();

    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    public override string ToString() => $"{Variable} {(IsIn ? "in" : "not in")} ({string.Join(", ", Constants.Select(c => CohortText.Constant(c, IsDate)))})";
}

/// <summary>
/// A categorical or Boolean variable in a set of its codes, in the schema's order. The complement of a set is a set of codes again, so there is no negative form; the empty
/// set is written as "not in" all codes, and most of a long list as "not in" the rest.
/// </summary>
public sealed record CodesNode(string Variable, IReadOnlyList<string> Codes, IReadOnlyList<string> AllCodes) : CohortNode
{
    private const int ShortList = 8;

    public bool Equals(CodesNode? other) => other is not null && ToString() == other.ToString();

    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Codes.Count switch
    {
        0 => $"{Variable} not in ({Listed(AllCodes)})",
        1 => $"{Variable} = {CohortText.Quote(Codes[0])}",
        > ShortList when Codes.Count == AllCodes.Count - 1 => $"{Variable} != {Listed(AllCodes.Except(Codes, StringComparer.Ordinal))}",
        > ShortList when Codes.Count < AllCodes.Count && Codes.Count > AllCodes.Count - Codes.Count => $"{Variable} not in ({Listed(AllCodes.Except(Codes, StringComparer.Ordinal))})",
        _ => $"{Variable} in ({Listed(Codes)})",
    };

    private static string Listed(IEnumerable<string> codes) => string.Join(", ", codes.Select(CohortText.Quote));
}

/// <summary>Whether a value is missing: never unknown.</summary>
public sealed record MissingNode(string Variable, bool IsMissing) : CohortNode
{
    public override string ToString() => $"{Variable} is {(IsMissing ? "missing" : "known")}";
}

/// <summary>True when all operands are.</summary>
public sealed record AndNode(IReadOnlyList<CohortNode> Operands) : CohortNode
{
    public bool Equals(AndNode? other) => other is not null && ToString() == other.ToString();

    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    public override string ToString() => string.Join(" and ", Operands.Select(o => o is OrNode ? $"({o})" : o.ToString()));
}

/// <summary>True when any operand is.</summary>
public sealed record OrNode(IReadOnlyList<CohortNode> Operands) : CohortNode
{
    public bool Equals(OrNode? other) => other is not null && ToString() == other.ToString();

    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    public override string ToString() => string.Join(" or ", Operands.Select(o => o is AndNode ? $"({o})" : o.ToString()));
}

internal static class CohortText
{
    internal static string Quote(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    internal static string Constant(decimal value, bool isDate) =>
        isDate
            ? $"'{DateOnly.FromDayNumber((int)value).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}'"
            : value.ToString("0.#########", CultureInfo.InvariantCulture);
}
