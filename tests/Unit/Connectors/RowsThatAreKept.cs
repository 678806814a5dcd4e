using Consilience.Analyses;

namespace Consilience.Connectors.Tests;

/// <summary>Rows and names of persons that a site keeps between rounds of a fit answer as its files would: for the same question of the same files alone.</summary>
public sealed class RowsThatAreKept
{
    private const string Fit = """{"formula": "rel ~ histol + age"}""";

    [Fact]
    public void Rounds_and_questions_between_them_are_answered_as_by_a_site_that_keeps_nothing()
    {
        using var data = Wilms.Open();
        (string Parameters, string Cohort)[] rounds =
        [
            (Fit, ""), (Fit, ""), ("""{"formula": "rel ~ histol + age", "at": [0.5, 0.25, -1]}""", ""), (Fit, "age > 24"), (Fit, ""), ("""{"formula": "rel ~ age + histol"}""", ""), ("""{"formula": "rel ~ age"}""", "age > 24"), (Fit, "age > 24"),
        ];
        foreach (var (parameters, cohort) in rounds)
        {
            var plan = Asked.Plan("glm", parameters, Wilms.Schema);
            using var fresh = Wilms.Open();
            Assert.Equal(Asked.Encode(fresh, plan, cohort), Asked.Encode(data, plan, cohort));
            string[] known = ["rel", "age", .. parameters.Contains("histol", StringComparison.Ordinal) ? ["histol"] : Array.Empty<string>()];
            Assert.Equal(fresh.PersonsIn(Asked.Cohort(cohort, Wilms.Schema), known).Identities, data.PersonsIn(Asked.Cohort(cohort, Wilms.Schema), known).Identities);
        }
    }

    /// <summary>The twin that looks at the question alone would answer of the file as it was.</summary>
    [Fact]
    public void Files_that_changed_are_read_again()
    {
        using var folder = new TemporaryFolder();
        var lines = File.ReadAllLines(Wilms.File);
        var plan = Asked.Plan("glm", Fit, Wilms.Schema);
        using var data = Asked.Open(folder.Write("rows.csv", string.Join('\n', lines)), Wilms.Schema);
        var cohort = Asked.Cohort("", Wilms.Schema);
        var (before, persons) = (Asked.Encode(data, plan), data.PersonsIn(cohort, ["rel"]));
        folder.Write("rows.csv", string.Join('\n', lines[..^7]));
        var after = Asked.Encode(data, plan);
        Assert.Equal(before[0] - 7, after[0]);
        Assert.Equal(persons.Identities.Count - 7, data.PersonsIn(cohort, ["rel"]).Identities.Count);
        folder.Write("rows.csv", string.Join('\n', lines));
        Assert.Equal(before, Asked.Encode(data, plan));
    }

    /// <summary>What a fault broke off is not taken for all there is: neither by the same question nor after another one.</summary>
    [Fact]
    public void A_reading_that_broke_off_is_not_kept()
    {
        using var data = Wilms.Open();
        var rows = data.Select(Asked.Cohort("", Wilms.Schema));
        var read = 0;
        RowReader Failing() => _ =>
        {
            if (++read == 100)
                throw new InvalidOperationException("broken off");
        };
        Assert.Throws<InvalidOperationException>(() => rows.Read(["age"], Failing));
        data.CountPersons(Asked.Cohort("", Wilms.Schema));
        read = 0;
        rows.Read(["age"], () => _ => read++);
        Assert.Equal(4028, read);
    }
}
