using Consilience.Analyses.Schema;

namespace Consilience.Analyses.Cohorts;

/// <summary>
/// Recursive descent over
/// <c>or := and {"or" and}; and := not {"and" not}; not := "not" not | "(" or ")" | test;
/// test := variable (comparison value | ["not"] "in" "(" values ")" | ["not"] "between" value "and" value | "is" ["not"] ("missing" | "known"))</c>.
/// Negation is carried down, so the tree comes out normal. The first fault of syntax ends the reading; unknown variables and codes and values that do not fit are collected.
/// </summary>
internal sealed class CohortParser(string text, StudySchema schema, ICollection<Fault> faults)
{
    private const int Deepest = 100;
    private const int MostFaults = 20;

    /// <summary>Stands where a test had a fault of type, so that reading goes on to find the others; a tree that holds it is never handed out.</summary>
    private static readonly CohortNode Faulty = new MissingNode("", IsMissing: true);

    private readonly int faultsBefore = faults.Count;
    private List<Token> tokens = [];
    private int position;
    private int depth;

    internal HashSet<string> Variables { get; } = new(StringComparer.Ordinal);

    private Token Current => tokens[position];

    internal CohortNode? Parse()
    {
        if (CohortLexer.Split(text, faults) is not { } split)
            return null;
        tokens = split;
        var node = Or(negated: false);
        if (node is not null && Current.Kind != TokenKind.End && faults.Count - faultsBefore < MostFaults)
            return Fail("'and', 'or' or the end", "join the parts with 'and' or 'or'");
        return faults.Count == faultsBefore ? node : null;
    }

    private CohortNode? Or(bool negated) => Chain("or", negated, () => And(negated));

    private CohortNode? And(bool negated) => Chain("and", negated, () => Not(negated));

    private CohortNode? Chain(string word, bool negated, Func<CohortNode?> operand)
    {
        var operands = new List<CohortNode>();
        do
        {
            if (operand() is not { } next)
                return null;
            operands.Add(next);
        }
        while (faults.Count - faultsBefore < MostFaults && Take(word));

        // De Morgan's laws hold in three-valued logic too.
        return CohortNormal.Join(operands, isAnd: (word == "and") != negated);
    }

    private CohortNode? Not(bool negated)
    {
        if (depth >= Deepest)
            return Fail($"at most {Deepest} levels of brackets and negations", "write the expression flatter");
        depth++;
        try
        {
            if (Take("not"))
                return Not(!negated);
            if (!Take("("))
                return Test(negated);
            var inner = Or(negated);
            if (inner is null)
                return null;
            return Take(")") ? inner : Fail("')'", "close the bracket");
        }
        finally
        {
            depth--;
        }
    }

    private CohortNode? Test(bool negated)
    {
        if (Current.Kind != TokenKind.Word)
            return Fail("a variable", "start each comparison with a variable of the study");
        var token = Current;
        var variable = schema.Find(token.Text);
        if (variable is null)
            Fail("a variable of the study", Suggestion.For(token.Text, [.. schema.Variables.Select(v => v.Name)]));
        else
            Variables.Add(variable.Name);
        position++;
        var leaf = variable is null ? null : new CohortLeaf(variable, faults);
        if (Take("is"))
            return Missing(token.Text, negated);
        var inverted = Take("not");
        if (Take("in"))
            return Set(leaf, negated != inverted);
        if (Take("between"))
            return Between(leaf, negated != inverted);
        if (inverted)
            return Fail("'in' or 'between' after 'not'", "write 'not in (…)', or put 'not' before the variable");
        if (ComparisonOf(Current) is not { } comparison)
            return Fail("a comparison (= != < <= > >=), 'in', 'between' or 'is'", $"compare {Token.Shown(token.Text)} with something");
        position++;
        return Value() is { } value ? leaf?.Compare(comparison, value, negated) ?? Faulty : null;
    }

    private CohortNode? Missing(string variable, bool negated)
    {
        var inverted = Take("not");
        if (Take("missing"))
            return new MissingNode(variable, negated == inverted);
        return Take("known") ? new MissingNode(variable, negated != inverted) : Fail("'missing' or 'known'", $"write '{Token.Shown(variable)} is missing'");
    }

    private CohortNode? Set(CohortLeaf? leaf, bool negated)
    {
        if (!Take("("))
            return Fail("'(' after 'in'", "write the values in brackets: in (1, 2)");
        var values = new List<Token>();
        do
        {
            if (Value() is not { } value)
                return null;
            values.Add(value);
        }
        while (Take(","));
        return Take(")") ? leaf?.In(values, negated) ?? Faulty : Fail("',' or ')'", "separate values with commas and close the bracket");
    }

    private CohortNode? Between(CohortLeaf? leaf, bool negated)
    {
        if (Value() is not { } low)
            return null;
        if (!Take("and"))
            return Fail("'and' between the two bounds", "write 'between 1 and 5'");
        return Value() is { } high ? leaf?.Between(low, high, negated) ?? Faulty : null;
    }

    private Token? Value()
    {
        if (Current.Kind is TokenKind.Number or TokenKind.Text || (Current.Kind == TokenKind.Word && !IsKeyword(Current)))
            return tokens[position++];
        Fail("a value", "write a number, a code, or text in quotes");
        return null;
    }

    private static bool IsKeyword(Token token) =>
        token.Is("and") || token.Is("or") || token.Is("not") || token.Is("in") || token.Is("between") || token.Is("is");

    private static Comparison? ComparisonOf(Token token) => token.Kind != TokenKind.Symbol ? null : token.Text switch
    {
        "=" => Comparison.Equal,
        "!=" => Comparison.NotEqual,
        "<" => Comparison.Less,
        "<=" => Comparison.AtMost,
        ">" => Comparison.Greater,
        ">=" => Comparison.AtLeast,
        _ => null,
    };

    private bool Take(string word)
    {
        if (!Current.Is(word))
            return false;
        position++;
        return true;
    }

    private CohortNode? Fail(string expected, string fix)
    {
        faults.Add(new Fault("cohort", expected, Current.ToString(), fix, Current.At));
        return null;
    }
}
