using Consilience.Analyses.Cohorts;
using Consilience.Analyses.Schema;

namespace Consilience.Analyses.Tests.Cohorts;

/// <summary>What is wrong is said with its place, what was expected, and how to mend it.</summary>
public sealed class CohortFaults
{
    [Theory]
    [InlineData("agee < 15", 1, 1, "did you mean 'age'?")]
    [InlineData("age < 15\nand stge = 4", 2, 5, "did you mean 'stage'?")]
    [InlineData("icd = 'C3.''3'", 1, 7, "did you mean 'C03.'3'?")]
    [InlineData("stage in (1, 5)", 1, 14, "'5'")]
    [InlineData("stage < 3", 1, 9, "list the codes")]
    [InlineData("stage between 1 and 3", 1, 15, "list the codes")]
    [InlineData("relapse = yes", 1, 11, "'yes'")]
    [InlineData("age = 1.5", 1, 7, "round it")]
    [InlineData("age = 'old'", 1, 7, "a whole number")]
    [InlineData("age = 1e3", 1, 7, "exponent")]
    [InlineData("dose = 0.0000000001", 1, 8, "9 decimals")]
    [InlineData("dose = 9999999999999999", 1, 8, "1000000000000000")]
    [InlineData("dose = nan", 1, 8, "a number")]
    [InlineData("age between 9 and 3", 1, 13, "exchange them")]
    [InlineData("diagnosed > 2020", 1, 13, "YYYY-MM-DD")]
    [InlineData("diagnosed > '2020-02-30'", 1, 13, "YYYY-MM-DD")]
    [InlineData("diagnosed > '1/2/2020'", 1, 13, "YYYY-MM-DD")]
    [InlineData("age", 1, 4, "a comparison")]
    [InlineData("age <", 1, 6, "a value")]
    [InlineData("age < 15 stage = 4", 1, 10, "'and'")]
    [InlineData("age < 15 or", 1, 12, "a variable")]
    [InlineData("(age < 15", 1, 10, "')'")]
    [InlineData("age < 15)", 1, 9, "'and', 'or' or the end")]
    [InlineData("age not 15", 1, 9, "not in")]
    [InlineData("age in 15", 1, 8, "'('")]
    [InlineData("age in ()", 1, 9, "a value")]
    [InlineData("age in (1 2)", 1, 11, "','")]
    [InlineData("age is 3", 1, 8, "'missing' or 'known'")]
    [InlineData("0 < age", 1, 1, "a variable")]
    [InlineData("stage = '1", 1, 9, "close it")]
    [InlineData("age < 15; drop table rows", 1, 9, "';'")]
    [InlineData("age < 15 -- and", 1, 10, "'-'")]
    [InlineData("stage = '1\n2' and agee = 1", 2, 8, "did you mean 'age'?")]
    public void A_fault_names_its_place_and_its_fix(string text, int line, int column, string says)
    {
        var fault = CohortSchema.FaultsOf(text)[^1];
        Assert.Equal(new SourcePosition(null, line, column), fault.At);
        Assert.Contains(says, fault.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void All_unknown_names_and_values_are_found_at_once()
    {
        var faults = CohortSchema.FaultsOf("agee < 15 and stage in (1, 5, 6) or (dose = 'x' and not relaps = 7) and age <= 2.5");
        Assert.Equal([1, 28, 31, 45, 57, 80], faults.Select(f => f.At!.Column));
    }

    [Fact]
    public void A_text_that_is_too_long_is_refused_before_it_is_read()
    {
        var fault = Assert.Single(CohortSchema.FaultsOf("age = 1 " + new string(' ', CohortExpression.LongestText)));
        Assert.Contains("10000", fault.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_that_would_grow_too_long_in_canonical_form_is_refused_because_sites_could_not_read_it()
    {
        var text = string.Join("or ", Enumerable.Range(0, 440).Select(i => $"age={i + 100} and dose>1 "));
        Assert.True(text.Length <= CohortExpression.LongestText);
        Assert.Contains("canonical", Assert.Single(CohortSchema.FaultsOf(text)).ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("(")]
    [InlineData("not ")]
    [InlineData("not (")]
    public void Nesting_without_end_is_refused_and_not_followed(string opening)
    {
        var text = string.Concat(Enumerable.Repeat(opening, 9_000 / opening.Length)) + "age = 1";
        Assert.Contains("levels", Assert.Single(CohortSchema.FaultsOf(text)).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Nesting_as_deep_as_is_allowed_is_read()
    {
        Assert.Equal("age = 1", CohortSchema.Parsed(new string('(', 99) + "age = 1" + new string(')', 99)).Canonical);
    }

    [Fact]
    public void The_number_of_faults_is_limited()
    {
        Assert.InRange(CohortSchema.FaultsOf(string.Join(" and ", Enumerable.Repeat("x = 1", 1_000))).Count, 1, 25);
        Assert.InRange(CohortSchema.FaultsOf($"stage in ({string.Join(',', Enumerable.Repeat("9", 4_000))})").Count, 1, 25);
    }

    [Theory]
    [InlineData("stage = '\u001b[2J'", '\u001b')]
    [InlineData("stage = '\u202eabc'", '\u202e')]
    [InlineData("stage = 'a\nb'", '\n')]
    [InlineData("\u0007", '\u0007')]
    [InlineData("age = 1 \ud83d", '\ud83d')]
    public void What_a_terminal_would_obey_is_not_repeated_in_a_message(string text, char hostile)
    {
        Assert.DoesNotContain(CohortSchema.FaultsOf(text), f => f.ToString().Contains(hostile, StringComparison.Ordinal));
    }

    [Fact]
    public void A_long_list_of_codes_is_searched_for_suggestions_in_bounded_time()
    {
        var codes = Enumerable.Range(0, 100_000).Select(i => new CategoryCode($"{i:D60}", "")).ToList();
        var schema = new StudySchema([new("icd", VariableType.Category, "", null, codes, null, null)]);
        var faults = new List<Fault>();
        var text = $"icd in ({string.Join(',', Enumerable.Range(0, 150).Select(i => $"'{i}{new string('x', 58)}'"))})";
        var started = TimeProvider.System.GetTimestamp();
        Assert.Null(CohortExpression.Parse(text, schema, faults));
        Assert.InRange(TimeProvider.System.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }
}
