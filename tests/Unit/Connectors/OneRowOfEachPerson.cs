using Consilience.Analyses.Schema;
using Consilience.Connectors.Check;
using Consilience.Connectors.Mapping;
using Consilience.Connectors.Rows;
using CsCheck;

namespace Consilience.Connectors.Tests;

/// <summary>Persons with several rows contribute one of them, whatever the order of rows and whoever else is there.</summary>
public sealed class OneRowOfEachPerson
{
    private const string Table = """{"by": ["stage", {"variable": "age", "edges": [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]}]}""";
    private const string Key = "a secret of this site alone";

    private static readonly StudySchema Schema = new([Wilms.Category("stage", "1", "2"), new("age", VariableType.Integer, "age", "years", [], 0, 120)]);

    private static long[] Count(TemporaryFolder folder, IEnumerable<string> rows, bool parquet, string? key = Key)
    {
        var csv = folder.Write($"{Guid.NewGuid()}.csv", "who,stage,age\n" + string.Concat(rows.Select(r => r + "\n")));
        var file = parquet ? folder.Parquet($"{Guid.NewGuid()}.parquet", $"SELECT * FROM read_csv('{csv}', all_varchar = true)") : csv;
        using var data = SiteData.Open(DataMapping.Direct(file, Schema) with { PersonColumn = "who", ChoiceKey = key }, Schema);
        return Asked.Encode(data, Asked.Plan("count", Table, Schema));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_order_of_rows_makes_no_difference(bool parquet) => Gen.Select(Gen.Int[0, 5], Gen.Int[1, 2], Gen.Int[0, 9]).Select((who, stage, age) => $"p{who},{stage},{age}").Array[1, 20].Sample(rows =>
    {
        using var folder = new TemporaryFolder();
        var counts = Count(folder, rows, parquet);
        Assert.Equal(rows.Select(r => r[..2]).Distinct().Count(), counts.Sum());
        Assert.Equal(counts, Count(folder, rows.Reverse(), parquet));
        Assert.Equal(counts, Count(folder, rows.Order(StringComparer.Ordinal), parquet));
    }, iter: 12);

    [Fact]
    public void One_person_more_changes_one_cell_by_one()
    {
        using var folder = new TemporaryFolder();
        string[] rows = ["a,1,3", "a,2,4", "b,1,5", "b,1,6", "c,2,7"];
        var (with, without) = (Count(folder, ["d,1,1", .. rows, "d,2,9", "d,1,8"], parquet: false), Count(folder, rows, parquet: false));
        Assert.Equal(1, with.Zip(without, (a, b) => Math.Abs(a - b)).Sum());
    }

    [Fact]
    public void Which_row_it_is_nobody_can_tell_without_the_key()
    {
        using var folder = new TemporaryFolder();
        var rows = Enumerable.Range(0, 40).SelectMany(i => new[] { $"p{i},1,1", $"p{i},2,2" }).ToList();
        Assert.NotEqual(Count(folder, rows, parquet: false), Count(folder, rows, parquet: false, "another secret of the site"));
    }

    /// <summary>Keeping the first row is what a database does by itself.</summary>
    [Fact]
    public void Keeping_the_first_row_is_caught()
    {
        string[] rows = ["a,1,3", "a,2,4"];
        static IEnumerable<string> First(IEnumerable<string> rows) => rows.DistinctBy(r => r[..1]);
        Assert.NotEqual(First(rows), First(rows.Reverse()));
    }

    [Fact]
    public void Without_a_key_several_rows_are_refused_and_rows_that_name_nobody_always()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("oneRowPerPerson", Assert.Throws<SiteDataException>(() => Count(folder, ["a,1,3", "a,2,4"], parquet: false, key: null)).Message, StringComparison.Ordinal);
        Assert.Throws<SiteDataException>(() => Count(folder, ["a,1,3", ",2,4"], parquet: false));
    }

    [Fact]
    public void Site_check_says_that_such_data_fit()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("rows.csv", "who,stage,age\na,1,3\na,2,4\n");
        using var data = SiteData.Open(DataMapping.Direct(file, Schema) with { PersonColumn = "who", ChoiceKey = Key }, Schema);
        Assert.True(SiteCheck.Run(data, 1).Fits);
    }

    [Theory]
    [InlineData("oneRowPerPerson: {key: short}", "at least 16 characters")]
    [InlineData("oneRowPerPerson: {}", "at least 16 characters")]
    [InlineData("oneRowPerPerson: {key: a-long-enough-secret, other: 1}", "other")]
    public void A_key_is_checked(string line, string said)
    {
        using var folder = new TemporaryFolder();
        folder.Write("rows.csv", "who,stage,age\n");
        var text = $"files: [rows.csv]\nformat: csv\nperson: who\n{line}\nvariables:\n  stage: {{column: stage}}\n  age: {{column: age}}\n";
        var fault = Assert.Throws<FaultyInputException>(() => MappingReader.Read(text, Path.GetDirectoryName(folder.Path("rows.csv"))!, Schema));
        Assert.Contains(said, string.Join(' ', fault.Faults), StringComparison.Ordinal);
    }
}
