namespace Consilience.Analyses.Cohorts;

/// <summary>
/// Persons divided by a whole-numbered variable that never changes for a person, such as the year of diagnosis: one block for each value of a public range, one below it, one above
/// and one for those whose value is missing. Questions about different blocks are about different persons, so each block has a privacy budget of its own (parallel composition).
/// </summary>
public sealed class CohortBlocks
{
    /// <summary>What stands for every block at once.</summary>
    public const string All = "*";

    public const int MostValues = 200;

    private const string Below = "below", Above = "above", Missing = "missing";

    /// <exception cref="ArgumentOutOfRangeException">The range is empty or holds more than <see cref="MostValues"/> values.</exception>
    public CohortBlocks(string variable, int from, int to)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(to, from);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)to - from + 1, MostValues, nameof(to));
        (Variable, From, To) = (variable, from, to);
    }

    public string Variable { get; }

    public int From { get; }

    public int To { get; }

    /// <summary>Every block's name.</summary>
    public IEnumerable<string> Names => [Below, .. Enumerable.Range(From, To - From + 1).Select(v => $"{v}"), Above, Missing];

    /// <summary>
    /// Names of the blocks that anyone of the cohort may be in, with spaces between, or <see cref="All"/>. Never too few: a test that is not about the variable is taken to let
    /// everyone through.
    /// </summary>
    public string TouchedBy(CohortExpression cohort)
    {
        ArgumentNullException.ThrowIfNull(cohort);
        if (!cohort.Variables.Contains(Variable))
            return All;
        var touched = Names.Where(b => MayReach(cohort.Root, b)).ToList();
        return touched.Count == To - From + 4 ? All : string.Join(' ', touched);
    }

    private bool MayReach(CohortNode? node, string block) => node switch
    {
        AndNode and => and.Operands.All(o => MayReach(o, block)),
        OrNode or => or.Operands.Any(o => MayReach(o, block)),
        CompareNode compare when compare.Variable == Variable => MayCompare(compare.Comparison, compare.Constant, block),
        SetNode { IsIn: true } set when set.Variable == Variable => set.Constants.Any(c => MayCompare(Comparison.Equal, c, block)),
        SetNode set when set.Variable == Variable => block != Missing && !set.Constants.Any(c => int.TryParse(block, out var value) && value == c),
        MissingNode missing when missing.Variable == Variable => missing.IsMissing == (block == Missing),
        _ => true,
    };

    /// <summary>Whether some value of the block compares so with the constant.</summary>
    private bool MayCompare(Comparison comparison, decimal constant, string block) => block switch
    {
        Missing => false,
        Below => comparison switch
        {
            Comparison.Equal => constant < From,
            Comparison.Greater => constant < From - 1,
            Comparison.AtLeast => constant <= From - 1,
            _ => true,
        },
        Above => comparison switch
        {
            Comparison.Equal => constant > To,
            Comparison.Less => constant > To + 1,
            Comparison.AtMost => constant >= To + 1,
            _ => true,
        },
        _ => Holds(int.Parse(block, System.Globalization.CultureInfo.InvariantCulture), comparison, constant),
    };

    private static bool Holds(int value, Comparison comparison, decimal constant) => comparison switch
    {
        Comparison.Equal => value == constant,
        Comparison.NotEqual => value != constant,
        Comparison.Less => value < constant,
        Comparison.AtMost => value <= constant,
        Comparison.Greater => value > constant,
        Comparison.AtLeast => value >= constant,
        _ => true,
    };
}
