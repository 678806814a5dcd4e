namespace Consilience.Analyses.Tests.Cohorts;

/// <summary>A question asked twice in other words is one question.</summary>
public sealed class EquivalentCohorts
{
    [Theory]
    [InlineData("age >= 18", "not (age < 18)")]
    [InlineData("age > 17", "age >= 18")]
    [InlineData("age < 18.0", "age <= 17")]
    [InlineData("age between 0 and 14", "age <= 14 and age >= 0")]
    [InlineData("age not between 3 and 5", "age < 3 or age > 5")]
    [InlineData("age in (7)", "age = 7")]
    [InlineData("age in (3, 1, 2, 3)", "age in (1, 2, 3)")]
    [InlineData("age = 1 or age = 2", "age in (2, 1)")]
    [InlineData("age != 1 and age <> 2", "age not in (1, 2)")]
    [InlineData("age >= 3 and age > 4 and age >= 2", "age >= 5")]
    [InlineData("dose < 5 or dose <= 5", "dose <= 5.0")]
    [InlineData("dose < 5 and dose <= 5", "dose < 5.000")]
    [InlineData("dose = -0", "dose = 0.00")]
    [InlineData("dose = .5", "dose == 0.5")]
    [InlineData("stage in (1)", "stage = '1'")]
    [InlineData("stage = 1 or stage = 2", "not (stage in (3, 4))")]
    [InlineData("stage != 1 and stage != 2", "stage in (4, 3)")]
    [InlineData("stage = 1 and stage = 2", "stage not in (1, 2, 3, 4)")]
    [InlineData("relapse != false", "relapse = true")]
    [InlineData("relapse is not missing", "relapse is known")]
    [InlineData("not (relapse is known)", "relapse is missing")]
    [InlineData("diagnosed > '2019-12-31'", "diagnosed >= '2020-01-01'")]
    [InlineData("diagnosed <= '2020-02-28'", "not diagnosed >= '2020-02-29'")]
    [InlineData("age = 1 AND stage = 2", "  stage = \"2\"\n\tand not not age == 1 ")]
    [InlineData("age = 1 and (stage = 2 and dose = 3)", "dose = 3 and age = 1 and stage = 2 and age = 1")]
    [InlineData("age = 1 and (stage = 2 or dose = 3)", "(dose = 3 or stage = 2) and age = 1")]
    [InlineData("age = 1 and (stage = 2 or dose = 3)", "age = 1 and stage = 2 or dose = 3", false)]
    [InlineData("stage in (1, 2, 3, 4)", "stage is known", false)]
    [InlineData("dose > 4", "dose >= 5", false)]
    public void Two_ways_to_say_it_are_one_text_and_different_questions_are_not(string one, string other, bool same = true)
    {
        Assert.Equal(same, CohortSchema.Parsed(one).Canonical == CohortSchema.Parsed(other).Canonical);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData(" \n ", "")]
    [InlineData("age<15 and stage in (1,2)", "age <= 14 and stage in ('1', '2')")]
    [InlineData("icd = \"C03.'3\"", "icd = 'C03.''3'")]
    [InlineData("stage = 1 and stage = 2", "stage not in ('1', '2', '3', '4')")]
    [InlineData("icd != 'C03.''3'", "icd != 'C03.''3'")]
    [InlineData("diagnosed < '0001-01-01' or diagnosed > '9999-12-31'", "diagnosed < '0001-01-01' or diagnosed > '9999-12-31'")]
    [InlineData("age < -1000000000000000 or age > 1000000000000000", "age < -1000000000000000 or age > 1000000000000000")]
    [InlineData("dose < 0.000000001", "dose < 0.000000001")]
    public void The_canonical_text_is_this_and_stays_so(string text, string canonical)
    {
        Assert.Equal(canonical, CohortSchema.Parsed(text).Canonical);
        Assert.Equal(canonical, CohortSchema.Parsed(canonical).Canonical);
    }
}
