using System.Text.RegularExpressions;
using Consilience.Analyses.Cohorts;
using CsCheck;

namespace Consilience.Analyses.Tests.Cohorts;

public sealed class CohortsKeepTheirMeaning
{
    private const int Expressions = 3_000;

    [Fact]
    public void The_normal_form_means_what_was_said_for_every_row_with_values_missing_or_not()
    {
        MeaningIsKept(NodeMeaning.Holds);
    }

    [Fact]
    public void The_same_check_catches_logic_that_takes_a_missing_value_for_false()
    {
        static bool? TwoValued(CohortNode node, IReadOnlyDictionary<string, object> row) => NodeMeaning.Holds(node, row) ?? false;
        Assert.DoesNotContain("generator threw", Assert.Throws<CsCheckException>(() => MeaningIsKept(TwoValued)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_check_catches_a_normal_form_that_forgets_an_operand()
    {
        static bool? Forgetful(CohortNode node, IReadOnlyDictionary<string, object> row) =>
            NodeMeaning.Holds(node is AndNode and ? new AndNode([.. and.Operands.Skip(1)]) : node, row);
        Assert.DoesNotContain("generator threw", Assert.Throws<CsCheckException>(() => MeaningIsKept(Forgetful)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_canonical_text_read_again_is_itself()
    {
        SaidGen.Expression.Sample(
            said =>
            {
                var canonical = CohortSchema.Parsed(said.Text()).Canonical;
                Assert.Equal(canonical, CohortSchema.Parsed(canonical).Canonical);
            },
            iter: Expressions);
    }

    [Fact]
    public void Order_repetition_and_double_negation_do_not_change_the_canonical_text()
    {
        Gen.Select(SaidGen.Expression, SaidGen.Expression, Gen.OneOf("and", "or")).Sample(
            (a, b, word) =>
            {
                var canonical = CohortSchema.Parsed(new SaidJoin(word, [a, b]).Text()).Canonical;
                Assert.Equal(canonical, CohortSchema.Parsed(new SaidJoin(word, [b, a, b, new SaidNot(new SaidNot(a))]).Text()).Canonical);
                var other = word == "and" ? "or" : "and";
                Assert.Equal(canonical, CohortSchema.Parsed(new SaidNot(new SaidJoin(other, [new SaidNot(a), new SaidNot(b)])).Text()).Canonical);
            },
            iter: Expressions);
    }

    [Fact]
    public void Every_variable_that_is_used_is_named()
    {
        SaidGen.Expression.Sample(
            said =>
            {
                var cohort = CohortSchema.Parsed(said.Text());
                var used = CohortSchema.Schema.Variables.Select(v => v.Name).Where(n => Regex.IsMatch(said.Text(), $@"\b{n}\b", RegexOptions.None, TimeSpan.FromSeconds(1)));
                Assert.Equal(used.Order(), cohort.Variables.Order());
            },
            iter: 300);
    }

    private static void MeaningIsKept(Func<CohortNode, IReadOnlyDictionary<string, object>, bool?> holds) =>
        Gen.Select(SaidGen.Expression, SaidGen.Row.Array[20]).Sample(
            (said, rows) =>
            {
                var cohort = CohortSchema.Parsed(said.Text());
                return rows.All(row => said.Holds(row) == holds(cohort.Root!, row));
            },
            iter: Expressions);
}
