using Consilience.Analyses.Schema;
using Consilience.Connectors.Mapping;
using Consilience.Connectors.Rows;
using CsCheck;

namespace Consilience.Connectors.Tests;

/// <summary>Where persons have several rows, those that a training reads are of the persons whom every question is about, whatever the order of rows and whoever else is there.</summary>
public sealed class AllRowsOfEachPerson
{
    private const string Key = "a secret of this site alone";

    private static readonly StudySchema Schema = new([Wilms.Category("stage", "1", "2"), new("age", VariableType.Integer, "age", "years", [], 0, 120)]);

    private static readonly string[] Both = ["stage", "age"];

    private static SiteData Open(TemporaryFolder folder, IEnumerable<string> rows, bool parquet, string? key = Key, string? person = "who")
    {
        var csv = folder.Write($"{Guid.NewGuid()}.csv", "who,stage,age\n" + string.Concat(rows.Select(r => r + "\n")));
        var file = parquet ? folder.Parquet($"{Guid.NewGuid()}.parquet", $"SELECT * FROM read_csv('{csv}', all_varchar = true)") : csv;
        return SiteData.Open(DataMapping.Direct(file, Schema) with { PersonColumn = person, ChoiceKey = key }, Schema);
    }

    /// <summary>Each person's rows in the order they come, and the persons in theirs.</summary>
    private static List<List<(double Stage, double Age)>> Read(SiteData data, string cohort = "", int most = 100)
    {
        List<List<(double, double)>> persons = [];
        data.Select(Asked.Cohort(cohort, Schema)).ReadPersons(Both, most, () =>
        {
            persons = [];
            return (place, values) =>
            {
                if (place == 0)
                    persons.Add([]);
                Assert.Equal(place, persons[^1].Count);
                persons[^1].Add((values[0], values[1]));
            };
        });
        return persons;
    }

    /// <summary>What other questions see: a row of each.</summary>
    private static List<(double, double)> Chosen(SiteData data, string cohort = "")
    {
        List<(double, double)> rows = [];
        data.Select(Asked.Cohort(cohort, Schema)).Read(Both, () =>
        {
            rows = [];
            return values => rows.Add((values[0], values[1]));
        });
        return rows;
    }

    private static IEnumerable<string> Texts(List<List<(double Stage, double Age)>> persons) => persons.Select(p => string.Join(' ', p)).Order(StringComparer.Ordinal);

    private static readonly Gen<string[]> Table = Gen.Select(Gen.Int[0, 4], Gen.OneOf(Gen.Const("1"), Gen.Const("2"), Gen.Const("")), Gen.OneOf(Gen.Int[0, 9].Select(a => $"{a}"), Gen.Const(""))).Select((who, stage, age) => $"p{who},{stage},{age}").Array[1, 20];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void They_are_the_persons_of_every_other_question(bool parquet) => Gen.Select(Table, Gen.OneOf(Gen.Const(""), Gen.Const("stage == 1"), Gen.Const("age > 4")), Gen.Int[1, 5]).Sample((rows, cohort, most) =>
    {
        using var folder = new TemporaryFolder();
        using var data = Open(folder, rows, parquet);
        var (persons, chosen) = (Read(data, cohort), Chosen(data, cohort));
        Assert.Equal(chosen.Order(), persons.Select(p => p[0]).Order());
        Assert.Equal(data.PersonsIn(Asked.Cohort(cohort, Schema), Both).Identities.Count, persons.Count);
        Assert.Equal(Texts([.. persons.Select(p => p.Take(most).ToList())]), Texts(Read(data, cohort, most)));

        // Of everybody with a known choice, every known row and no other.
        if (cohort.Length == 0)
        {
            var known = rows.Select(r => r.Split(',')).Where(r => r[1].Length > 0 && r[2].Length > 0).GroupBy(r => r[0]).ToList();
            Assert.True(persons.Count <= known.Count);
            Assert.All(persons, p => Assert.Contains(known, k => k.Select(r => (double.Parse(r[1]) - 1, double.Parse(r[2]))).Order().SequenceEqual(p.Order())));
        }

        using var turned = Open(folder, rows.Reverse(), parquet);
        Assert.Equal(Texts(Read(turned, cohort, most)), Texts(Read(data, cohort, most)));
    }, iter: 12);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void One_person_more_changes_nobody_elses_rows(bool parquet)
    {
        using var folder = new TemporaryFolder();
        string[] rows = [.. Enumerable.Range(0, 30).SelectMany(i => Enumerable.Range(0, 8).Select(age => $"p{i},{1 + (age % 2)},{age}"))];
        using var without = Open(folder, rows, parquet);
        using var with = Open(folder, ["extra,1,1", .. rows, "extra,2,9"], parquet);
        var (before, after) = (Texts(Read(without, most: 3)).ToList(), Texts(Read(with, most: 3)).ToList());
        Assert.Equal(31, after.Count);
        Assert.Empty(before.Except(after));
        // Which three of eight follows from the key, not from where they stand.
        Assert.InRange(before.Distinct().Count(), 20, 30);
    }

    /// <summary>Read again they are the same, from memory; a file that changed is read anew.</summary>
    [Fact]
    public void Rounds_read_them_once_and_files_that_changed_again()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("rows.csv", "who,stage,age\na,1,3\na,2,4\nb,1,5\n");
        using var data = SiteData.Open(DataMapping.Direct(file, Schema) with { PersonColumn = "who", ChoiceKey = Key }, Schema);
        var first = Texts(Read(data)).ToList();
        Assert.Equal(first, Texts(Read(data)));
        Assert.Equal(2, Chosen(data).Count);
        Assert.Equal(first, Texts(Read(data)));
        Assert.All(Read(data, most: 1), p => Assert.Single(p));
        folder.Write("rows.csv", "who,stage,age\na,1,3\na,2,4\nb,1,5\nb,2,6\n");
        Assert.Equal(4, Read(data).Sum(p => p.Count));
    }

    [Theory]
    [InlineData(null, "who")]
    [InlineData(null, null)]
    [InlineData(Key, "who")]
    public void With_a_row_a_person_they_are_those_rows(string? key, string? person)
    {
        using var folder = new TemporaryFolder();
        using var data = Open(folder, ["a,1,3", "b,2,4", "c,,5"], parquet: false, key, person);
        Assert.Equal(Chosen(data).Order(), Read(data).Select(p => Assert.Single(p)).Order());
        Assert.Equal(2, Read(data).Count);
    }

    [Fact]
    public void Without_a_key_several_rows_are_refused()
    {
        using var folder = new TemporaryFolder();
        using var data = Open(folder, ["a,1,3", "a,2,4"], parquet: false, key: null);
        Assert.Contains("oneRowPerPerson", Assert.Throws<SiteDataException>(() => Read(data)).Message, StringComparison.Ordinal);
    }
}
