using Consilience.Analyses.Schema;

namespace Consilience.Analyses.Cohorts;

/// <summary>The rules of the normal form; each keeps the meaning under three-valued logic, missing values included.</summary>
internal static class CohortNormal
{
    /// <summary>Largest constant in size.</summary>
    internal const decimal LargestNumber = 1_000_000_000_000_000;

    /// <summary>What tests of one variable can be said in one under "and", or under "or".</summary>
    private enum Kind
    {
        Unspecified = 0,
        Codes,
        Points,
        Upper,
        Lower,
    }

    /// <summary>Flattens, says tests of one variable in one where a test can say it, orders, and removes repetitions; one operand stands for itself.</summary>
    internal static CohortNode Join(IEnumerable<CohortNode> operands, bool isAnd)
    {
        var flat = operands
            .SelectMany(o => isAnd && o is AndNode and ? and.Operands : !isAnd && o is OrNode or ? or.Operands : [o])
            .GroupBy(o => KindOf(o, isAnd))
            .SelectMany(g => g.Key.Kind == Kind.Unspecified ? g.AsEnumerable() : [Merge(g.Key.Kind, [.. g], isAnd)])
            .Select(o => (Node: o, Text: o.ToString()))
            .DistinctBy(o => o.Text, StringComparer.Ordinal)
            .OrderBy(o => o.Text, StringComparer.Ordinal)
            .Select(o => o.Node)
            .ToList();
        return flat.Count == 1 ? flat[0] : isAnd ? new AndNode(flat) : new OrNode(flat);
    }

    /// <summary>Whole numbers and days know no strict inequality: x &lt; 5 is x ≤ 4, except at the ends of what can be written.</summary>
    internal static CohortNode Compare(Variable variable, Comparison comparison, decimal constant)
    {
        var isDate = variable.Type == VariableType.Date;
        if (variable.Type is VariableType.Integer or VariableType.Date)
        {
            var (least, most) = isDate ? (0, DateOnly.MaxValue.DayNumber) : (-LargestNumber, LargestNumber);
            (comparison, constant) = comparison switch
            {
                Comparison.Less when constant > least => (Comparison.AtMost, constant - 1),
                Comparison.Greater when constant < most => (Comparison.AtLeast, constant + 1),
                _ => (comparison, constant),
            };
        }

        return new CompareNode(variable.Name, comparison, Trim(constant), isDate);
    }

    internal static CohortNode Set(Variable variable, IReadOnlyList<decimal> constants, bool isIn) =>
        Points(variable.Name, constants, isIn, variable.Type == VariableType.Date);

    private static CohortNode Points(string variable, IEnumerable<decimal> constants, bool isIn, bool isDate)
    {
        var distinct = constants.Select(Trim).Distinct().Order().ToList();
        return distinct.Count == 1
            ? new CompareNode(variable, isIn ? Comparison.Equal : Comparison.NotEqual, distinct[0], isDate)
            : new SetNode(variable, isIn, distinct, isDate);
    }

    /// <summary>Sets unite under "or", exclusions unite under "and", sets of codes do either; bounds of one direction always reduce to one.</summary>
    private static (Kind Kind, string Variable) KindOf(CohortNode node, bool isAnd) => node switch
    {
        CodesNode codes => (Kind.Codes, codes.Variable),
        SetNode set when set.IsIn != isAnd => (Kind.Points, set.Variable),
        CompareNode compare => (compare.Comparison switch
        {
            Comparison.Less or Comparison.AtMost => Kind.Upper,
            Comparison.Greater or Comparison.AtLeast => Kind.Lower,
            Comparison.Equal when !isAnd => Kind.Points,
            Comparison.NotEqual when isAnd => Kind.Points,
            _ => Kind.Unspecified,
        }, compare.Variable),
        _ => (Kind.Unspecified, ""),
    };

    private static CohortNode Merge(Kind kind, IReadOnlyList<CohortNode> nodes, bool isAnd) => nodes.Count == 1 ? nodes[0] : kind switch
    {
        Kind.Codes => MergeCodes([.. nodes.Cast<CodesNode>()], isAnd),
        Kind.Points => MergePoints(nodes, isAnd),
        _ => Strongest(nodes.Cast<CompareNode>(), smallest: isAnd == (kind == Kind.Upper), strict: isAnd),
    };

    private static CodesNode MergeCodes(IReadOnlyList<CodesNode> nodes, bool isAnd)
    {
        var codes = nodes[0].Codes.ToHashSet(StringComparer.Ordinal);
        foreach (var node in nodes.Skip(1))
        {
            if (isAnd)
                codes.IntersectWith(node.Codes);
            else
                codes.UnionWith(node.Codes);
        }

        return nodes[0] with { Codes = [.. nodes[0].AllCodes.Where(codes.Contains)] };
    }

    private static CohortNode MergePoints(IReadOnlyList<CohortNode> nodes, bool isAnd)
    {
        var constants = nodes.SelectMany(n => n is SetNode set ? set.Constants : [((CompareNode)n).Constant]);
        var (variable, isDate) = nodes[0] is SetNode first ? (first.Variable, first.IsDate) : (((CompareNode)nodes[0]).Variable, ((CompareNode)nodes[0]).IsDate);
        return Points(variable, constants, isIn: !isAnd, isDate);
    }

    /// <summary>Of x ≤ 5, x ≤ 7 and x &lt; 5, the one that decides.</summary>
    private static CompareNode Strongest(IEnumerable<CompareNode> bounds, bool smallest, bool strict) =>
        bounds
            .OrderBy(b => smallest ? b.Constant : -b.Constant)
            .ThenBy(b => (b.Comparison is Comparison.Less or Comparison.Greater) == strict ? 0 : 1)
            .First();

    /// <summary>1.50 and 1.5 are one constant, and so are -0 and 0.</summary>
    private static decimal Trim(decimal constant) => constant == 0 ? 0 : constant / 1.0000000000000000000000000000m;
}
