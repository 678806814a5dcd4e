using Consilience.Analyses.Cohorts;

namespace Consilience.Analyses.Tests.Cohorts;

/// <summary>What a normalised expression means for one row, by Kleene's tables.</summary>
internal static class NodeMeaning
{
    internal static bool? Holds(CohortNode node, IReadOnlyDictionary<string, object> row) => node switch
    {
        AndNode and => Join(and.Operands, row, decisive: false),
        OrNode or => Join(or.Operands, row, decisive: true),
        MissingNode missing => row.ContainsKey(missing.Variable) != missing.IsMissing,
        CodesNode codes => row.TryGetValue(codes.Variable, out var code) ? codes.Codes.Contains((string)code) : null,
        SetNode set => Number(set.Variable, row) is { } value ? set.Constants.Contains(value) == set.IsIn : null,
        CompareNode compare => Number(compare.Variable, row) is { } value ? Compare(compare, value) : null,
        _ => throw new System.Diagnostics.UnreachableException(node.ToString()),
    };

    private static bool? Join(IReadOnlyList<CohortNode> operands, IReadOnlyDictionary<string, object> row, bool decisive)
    {
        var values = operands.Select(o => Holds(o, row)).ToList();
        return values.Contains(decisive) ? decisive : values.Contains(null) ? null : !decisive;
    }

    private static decimal? Number(string variable, IReadOnlyDictionary<string, object> row) =>
        row.TryGetValue(variable, out var value) ? (decimal)Said.Ordinary(value) : null;

    private static bool Compare(CompareNode node, decimal value) => node.Comparison switch
    {
        Comparison.Equal => value == node.Constant,
        Comparison.NotEqual => value != node.Constant,
        Comparison.Less => value < node.Constant,
        Comparison.AtMost => value <= node.Constant,
        Comparison.Greater => value > node.Constant,
        Comparison.AtLeast => value >= node.Constant,
        _ => throw new System.Diagnostics.UnreachableException(node.ToString()),
    };
}
