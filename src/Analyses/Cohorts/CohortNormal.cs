using Consilience.Analyses.Schema;

namespace Consilience.Analyses.Cohorts;

/// <summary>The rules of the normal form; each keeps the meaning under three-valued logic.</summary>
internal static class CohortNormal
{
    /// <summary>Flattens, orders and removes repetitions; one operand stands for itself.</summary>
    internal static CohortNode Join(IEnumerable<CohortNode> operands, bool isAnd)
    {
        var flat = operands
            .SelectMany(o => isAnd && o is AndNode and ? and.Operands : !isAnd && o is OrNode or ? or.Operands : [o])
            .DistinctBy(o => o.ToString(), StringComparer.Ordinal)
            .OrderBy(o => o.ToString(), StringComparer.Ordinal)
            .ToList();
        return flat.Count == 1 ? flat[0] : isAnd ? new AndNode(flat) : new OrNode(flat);
    }

    /// <summary>Whole numbers and days know no strict inequality: x &lt; 5 is x ≤ 4.</summary>
    internal static CohortNode Compare(Variable variable, Comparison comparison, decimal constant)
    {
        var isDate = variable.Type == VariableType.Date;
        if (variable.Type is VariableType.Integer or VariableType.Date)
        {
            (comparison, constant) = comparison switch
            {
                Comparison.Less when !isDate || constant > 0 => (Comparison.AtMost, constant - 1),
                Comparison.Greater when !isDate || constant < DateOnly.MaxValue.DayNumber => (Comparison.AtLeast, constant + 1),
                _ => (comparison, constant),
            };
        }

        return new CompareNode(variable.Name, comparison, Trim(constant), isDate);
    }

    internal static CohortNode Set(Variable variable, IReadOnlyList<decimal> constants, bool isIn)
    {
        var distinct = constants.Select(Trim).Distinct().Order().ToList();
        return distinct.Count == 1
            ? Compare(variable, isIn ? Comparison.Equal : Comparison.NotEqual, distinct[0])
            : new SetNode(variable.Name, isIn, distinct, variable.Type == VariableType.Date);
    }

    /// <summary>1.50 and 1.5 are one constant.</summary>
    private static decimal Trim(decimal constant) => constant / 1.0000000000000000000000000000m;
}
