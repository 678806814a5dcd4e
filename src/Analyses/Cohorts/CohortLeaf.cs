using System.Globalization;
using Consilience.Analyses.Schema;

namespace Consilience.Analyses.Cohorts;

/// <summary>Turns a test on one variable into a leaf, checking its values against the variable's type, codes and what can be compared.</summary>
internal sealed class CohortLeaf(Variable variable, ICollection<Fault> faults)
{
    private const decimal LargestInteger = 1_000_000_000_000_000;
    private static readonly string[] Booleans = ["false", "true"];

    private bool IsCoded => variable.Type is VariableType.Category or VariableType.Boolean;

    private bool IsDate => variable.Type == VariableType.Date;

    private IReadOnlyList<string> AllCodes => variable.Type == VariableType.Boolean ? Booleans : [.. variable.Codes.Select(c => c.Code)];

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
            var constants = values.Select(Constant).ToList();
            return constants.Contains(null) ? null : CohortNormal.Set(variable, [.. constants.OfType<decimal>()], !negated);
        }

        var codes = values.Select(Code).ToList();
        if (codes.Contains(null))
            return null;
        var all = AllCodes;
        return new CodesNode(variable.Name, [.. all.Where(c => codes.Contains(c) != negated)], all);
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

    private string? Code(Token value)
    {
        if (AllCodes.Contains(value.Text))
            return value.Text;
        Fault($"a code of {variable.Name}", value.ToString(), Suggestion.For(value.Text, [.. AllCodes]), value);
        return null;
    }

    private decimal? Constant(Token value)
    {
        if (IsDate)
        {
            if (value.Kind == TokenKind.Text && DateOnly.TryParseExact(value.Text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
                return day.DayNumber;
            Fault("a day in quotes", value.ToString(), "write it as 'YYYY-MM-DD'", value);
            return null;
        }

        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
        if (value.Kind == TokenKind.Number && value.Text.Length <= 28 && decimal.TryParse(value.Text, Style, CultureInfo.InvariantCulture, out var number)
            && Math.Abs(number) <= LargestInteger)
        {
            if (variable.Type == VariableType.Real || decimal.IsInteger(number))
                return number;
            Fault($"a whole number, as {variable.Name} is", value.ToString(), "round it", value);
            return null;
        }

        Fault(variable.Type == VariableType.Real ? "a number" : "a whole number", value.ToString(), $"at most {LargestInteger} in size, without quotes", value);
        return null;
    }

    private CohortNode? Fault(string expected, string got, string fix, Token at)
    {
        faults.Add(new Fault($"cohort: {variable.Name}", expected, got, fix, at.At));
        return null;
    }
}
