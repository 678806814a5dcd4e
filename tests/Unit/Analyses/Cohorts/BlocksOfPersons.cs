using Consilience.Analyses.Cohorts;
using Consilience.Analyses.Schema;
using CsCheck;

namespace Consilience.Analyses.Tests.Cohorts;

/// <summary>Which blocks of persons a cohort may touch: never one too few.</summary>
public sealed class BlocksOfPersons
{
    private static readonly CohortBlocks Years = new("year", 2001, 2004);

    private static readonly StudySchema Schema = new([
        new("year", VariableType.Integer, "year", null, [], 1900, 2100),
        new("age", VariableType.Integer, "age", null, [], 0, 100)]);

    private static CohortExpression Read(string text)
    {
        var faults = new List<Fault>();
        return CohortExpression.Parse(text, Schema, faults) ?? throw new InvalidOperationException(string.Join("; ", faults));
    }

    [Theory]
    [InlineData("", "*")]
    [InlineData("age >= 5", "*")]
    [InlineData("year = 2002", "2002")]
    [InlineData("year between 2002 and 2003", "2002 2003")]
    [InlineData("year >= 2003", "2003 2004 above")]
    [InlineData("year < 2002", "below 2001")]
    [InlineData("year != 2002", "below 2001 2003 2004 above")]
    [InlineData("year in (1990, 2004)", "below 2004")]
    [InlineData("year is missing", "missing")]
    [InlineData("year = 2002 or age < 3", "*")]
    [InlineData("year = 2002 and age < 3", "2002")]
    [InlineData("not (year <= 2003)", "2004 above")]
    [InlineData("year = 2002 and year = 2003", "")]
    public void A_cohort_touches_the_blocks_its_persons_may_be_in(string cohort, string touched) => Assert.Equal(touched, Years.TouchedBy(Read(cohort)));

    /// <summary>Random cohorts against every person there can be.</summary>
    [Fact]
    public void No_person_of_a_cohort_is_in_a_block_that_is_not_charged()
    {
        var leaf = Gen.Select(Gen.Int[0, 5].Select(i => new[] { "=", "!=", "<", "<=", ">", ">=" }[i]), Gen.Int[1998, 2008]).Select((c, year) => (Text: $"year {c} {year}", Holds: (Func<int, bool>)(y => c switch
        {
            "=" => y == year, "!=" => y != year, "<" => y < year, "<=" => y <= year, ">" => y > year, _ => y >= year,
        })));
        Gen.Select(leaf, leaf, leaf, Gen.Bool, Gen.Bool, Gen.Bool).Sample((a, b, c, and, orLast, not) =>
        {
            var inner = $"({a.Text} {(and ? "and" : "or")} {b.Text})";
            var text = $"{(not ? "not " : "")}{inner} {(orLast ? "or" : "and")} {c.Text}";
            bool Holds(int y)
            {
                var first = and ? a.Holds(y) && b.Holds(y) : a.Holds(y) || b.Holds(y);
                return orLast ? (first != not) || c.Holds(y) : (first != not) && c.Holds(y);
            }

            var touched = Years.TouchedBy(Read(text)).Split(' ');
            foreach (var year in Enumerable.Range(1990, 30).Where(Holds))
                Assert.True(touched is ["*"] || touched.Contains(year < 2001 ? "below" : year > 2004 ? "above" : $"{year}"), $"{text}: {year}");
        });
    }

    [Fact]
    public void A_range_that_is_empty_or_too_long_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new CohortBlocks("year", 2004, 2003));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CohortBlocks("year", 1, 201));
    }
}
