using System.Globalization;
using Consilience.Analyses.Schema;

namespace Consilience.Analyses.Cohorts;

/// <summary>Turns a test on one variable into a leaf, checking its values against the variable's type, codes and what can be compared.</summary>
internal sealed class CohortLeaf(Variable variable, ICollection<Fault> faults)
{
    /// <summary>Values are kept to nine decimals, so a constant with more would compare with nothing that can be.</summary>
    private const int MostDecimals = 9;
    private const int MostFaults = 5;
    private static readonly string[] Booleans = ["false", "true"];

    private readonly IReadOnlyList<string> allCodes = variable.Type == VariableType.Boolean ? Booleans : [.. variable.Codes.Select(c => c.Code)];

    private bool IsCoded => variable.Type is VariableType.Category or VariableType.Boolean;

    internal CohortNode? Compare(Comparison comparison, Token value, bool negated)
    {
        if (negated)
            comparison = Opposite(comparison);
        if (!IsCoded)
            return Constant(value) is { } constant ? CohortNormal.Compare(variable, comparison, constant) : null;
        if (comparison is not (Comparison.Equal or Comparison.NotEqual))
            return Fault("= or != for a variable of codes", $"an order comparison with {value}", $"list the codes: {variable.Name} in (…)", value);
        return In([value], comparison == Comparison.NotEqual);
    }

    internal CohortNode? In(IReadOnlyList<Token> values, bool negated)
    {
        if (!IsCoded)
        {
            var constants = UpToFaults(values, Constant);
            return constants is null ? null : CohortNormal.Set(variable, [.. constants.OfType<decimal>()], !negated);
        }

        var known = new HashSet<string>(allCodes, StringComparer.Ordinal);
        var codes = UpToFaults(values, v => Code(v, known))?.ToHashSet(StringComparer.Ordinal);
        return codes is null ? null : new CodesNode(variable.Name, [.. allCodes.Where(c => codes.Contains(c) != negated)], allCodes);
    }

    internal CohortNode? Between(Token low, Token high, bool negated)
    {
        if (IsCoded)
            return Fault("= or in for a variable of codes", "a range", $"list the codes: {variable.Name} in (…)", low);
        if (Constant(low) is not { } from || Constant(high) is not { } to)
            return null;
        if (from > to)
            return Fault("the smaller bound first", $"{low} and {high}", "exchange them", low);
        return negated
            ? CohortNormal.Join([CohortNormal.Compare(variable, Comparison.Less, from), CohortNormal.Compare(variable, Comparison.Greater, to)], isAnd: false)
            : CohortNormal.Join([CohortNormal.Compare(variable, Comparison.AtLeast, from), CohortNormal.Compare(variable, Comparison.AtMost, to)], isAnd: true);
    }

    private static Comparison Opposite(Comparison comparison) => comparison switch
    {
        Comparison.Equal => Comparison.NotEqual,
        Comparison.NotEqual => Comparison.Equal,
        Comparison.Less => Comparison.AtLeast,
        Comparison.AtMost => Comparison.Greater,
        Comparison.Greater => Comparison.AtMost,
        Comparison.AtLeast => Comparison.Less,
        _ => throw new ArgumentOutOfRangeException(nameof(comparison)),
    };

    /// <summary>Every value read, or null after the faults of the first few that do not fit.</summary>
    private static List<T>? UpToFaults<T>(IReadOnlyList<Token> values, Func<Token, T> read)
    {
        var (results, failed) = (new List<T>(), 0);
        foreach (var value in values)
        {
            var result = read(value);
            results.Add(result);
            if (result is null && ++failed == MostFaults)
                return null;
        }

        return failed == 0 ? results : null;
    }

    private string? Code(Token value, HashSet<string> known)
    {
        if (known.Contains(value.Text))
            return value.Text;
        Fault($"a code of {variable.Name}", value.ToString(), Suggestion.For(value.Text, allCodes), value);
        return null;
    }

    private decimal? Constant(Token value)
    {
        if (variable.Type == VariableType.Date)
            return Day(value);
        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
        if (value.Kind == TokenKind.Number && value.Text.Length <= 28 && decimal.TryParse(value.Text, Style, CultureInfo.InvariantCulture, out var number)
            && Math.Abs(number) <= CohortNormal.LargestNumber)
        {
            if (decimal.Round(number, variable.Type == VariableType.Real ? MostDecimals : 0) == number)
                return number;
            if (variable.Type != VariableType.Real)
            {
                Fault($"a whole number, as {variable.Name} is", value.ToString(), "round it", value);
                return null;
            }
        }

        var expected = variable.Type == VariableType.Real ? $"a number of at most {MostDecimals} decimals" : "a whole number";
        Fault(expected, value.ToString(), $"write it in digits, without quotes or exponent, at most {CohortNormal.LargestNumber} in size", value);
        return null;
    }

    private decimal? Day(Token value)
    {
        if (value.Kind == TokenKind.Text && DateOnly.TryParseExact(value.Text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            return day.DayNumber;
        Fault("a day in quotes", value.ToString(), "write it as 'YYYY-MM-DD'", value);
        return null;
    }

    private CohortNode? Fault(string expected, string got, string fix, Token at)
    {
        faults.Add(new Fault($"cohort: {variable.Name}", expected, got, fix, at.At));
        return null;
    }
}
