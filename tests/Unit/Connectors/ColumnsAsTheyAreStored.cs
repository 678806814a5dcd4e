using Consilience.Analyses.Schema;
using Consilience.Connectors.Mapping;
using Consilience.Connectors.Rows;
using Consilience.Protocol.Analyse;

namespace Consilience.Connectors.Tests;

/// <summary>The same persons as CSV and as Parquet, however a column is typed there: the same answers. Several files are one table.</summary>
public sealed class ColumnsAsTheyAreStored
{
    private static readonly StudySchema Schema = new(
    [
        Wilms.Category("stage", "1", "2", "3"),
        new Variable("rel", VariableType.Boolean, "relapse", null, [], null, null),
        new Variable("age", VariableType.Integer, "age", "months", [], 0, 300),
        new Variable("dose", VariableType.Real, "dose", "Gy", [], 0, 60),
        new Variable("seen", VariableType.Date, "seen", null, [], null, null),
    ]);

    private const string Header = "stage,rel,age,dose,seen\n";

    private static readonly string Rows = string.Concat(Enumerable.Range(0, 500).Select(i =>
        $"{Cell(i % 7 != 0, i % 3 + 1)},{Cell(i % 11 != 0, i % 4 == 0 ? "true" : "false")},{Cell(i % 13 != 0, i * 7 % 301)},{Cell(i % 5 != 0, i % 240 / 4m)},{Cell(i % 17 != 0, $"20{i % 30:00}-0{(i % 9) + 1}-15")}\n"));

    private static readonly string[] Cohorts =
    [
        "", "stage = 2", "stage != 2", "stage in (1, 3)", "stage not in (1)", "not (stage = 1 or stage = 2)", "stage is missing", "stage is known and rel = true", "rel != true", "rel = false or age > 200",
        "age between 24 and 60", "age >= 300", "age < 1", "not (age <= 100)", "dose > 12.25", "dose = 12.5", "dose between 0.25 and 0.75", "dose is missing or dose >= 59.75",
        "seen < '2010-06-01'", "seen between '2003-01-01' and '2003-12-31'", "seen is missing", "not (seen >= '2020-01-15' and stage = 3)",
    ];

    private static readonly string[] Tables =
    [
        """{"by": ["stage", "rel"]}""", """{"by": [{"variable": "age", "edges": [12, 24, 36, 48, 60]}]}""", """{"by": [{"variable": "age", "edges": [12, 13, 100]}, "stage"]}""",
        """{"by": [{"variable": "dose", "edges": [0.25, 0.5, 12.25, 59.5]}]}""", """{"by": [{"variable": "dose", "edges": [10, 20, 30]}]}""",
    ];

    [Theory]
    [InlineData("*")]
    [InlineData("CAST(stage AS INTEGER) AS stage, CAST(rel AS BOOLEAN) AS rel, CAST(age AS SMALLINT) AS age, CAST(dose AS DECIMAL(9,3)) AS dose, CAST(seen AS DATE) AS seen")]
    [InlineData("CAST(stage AS UTINYINT) AS stage, CAST(CAST(rel AS BOOLEAN) AS INTEGER) AS rel, CAST(age AS BIGINT) AS age, CAST(dose AS DOUBLE) AS dose, seen")]
    [InlineData("' ' || stage AS stage, upper(rel) AS rel, CAST(age AS DOUBLE) AS age, CAST(dose AS FLOAT) AS dose, CAST(seen AS DATE) AS seen")]
    public void Parquet_answers_as_CSV_does(string columns)
    {
        using var folder = new TemporaryFolder();
        var csv = folder.Write("rows.csv", Header + Rows);
        var parquet = folder.Parquet("rows.parquet", $"SELECT {columns} FROM read_csv('{csv}', all_varchar = true, header = true)");
        using var text = Asked.Open(csv, Schema);
        using var typed = Asked.Open(parquet, Schema);
        foreach (var cohort in Cohorts)
        {
            Assert.Equal(text.CountPersons(Asked.Cohort(cohort, Schema)), typed.CountPersons(Asked.Cohort(cohort, Schema)));
            foreach (var plan in Tables.Select(t => Asked.Plan("count", t, Schema)))
                Assert.Equal(Asked.Encode(text, plan, cohort), Asked.Encode(typed, plan, cohort));
        }
    }

    [Fact]
    public void Several_files_are_one_table()
    {
        using var folder = new TemporaryFolder();
        var lines = Rows.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string[] files = [folder.Write("a.csv", Header + string.Join('\n', lines[..200])), folder.Write("b.csv", Header + string.Join('\n', lines[200..])), folder.Write("empty.csv", Header)];
        using var whole = Asked.Open(folder.Write("rows.csv", Header + Rows), Schema);
        using var parts = SiteData.Open(DataMapping.Direct(files[0], Schema) with { Files = files }, Schema);
        foreach (var cohort in Cohorts)
            Assert.Equal(whole.CountPersons(Asked.Cohort(cohort, Schema)), parts.CountPersons(Asked.Cohort(cohort, Schema)));
    }

    [Fact]
    public void A_fault_in_the_second_file_names_it_and_its_own_row()
    {
        using var folder = new TemporaryFolder();
        string[] files = [folder.Write("a.csv", "age\n1\n2\n"), folder.Write("b.csv", "age\n3\nfour\n")];
        var schema = new StudySchema([new("age", VariableType.Integer, "", null, [], null, null)]);
        using var data = SiteData.Open(DataMapping.Direct(files[0], schema) with { Files = files }, schema);
        Assert.Contains("file b.csv, row 2, column age", Assert.Throws<SiteDataException>(() => data.CountPersons(Asked.Cohort("age > 0", schema))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("age,stage\n1,1\n", "the same first line")]
    [InlineData("Age\n1\n", "the same first line")]
    public void Files_with_other_columns_are_refused(string second, string says)
    {
        using var folder = new TemporaryFolder();
        string[] files = [folder.Write("a.csv", "age\n1\n"), folder.Write("b.csv", second)];
        var schema = new StudySchema([new("age", VariableType.Integer, "", null, [], null, null)]);
        Assert.Contains(says, Assert.Throws<SiteDataException>(() => SiteData.Open(DataMapping.Direct(files[0], schema) with { Files = files }, schema)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Persons_keep_their_identity_over_formats_orders_and_files()
    {
        using var folder = new TemporaryFolder();
        var lines = Enumerable.Range(0, 50).Select(i => $"p{i},{Cell(i % 9 != 0, i)}").ToList();
        var schema = new StudySchema([new("age", VariableType.Integer, "", null, [], 0, 100)]);
        var csv = folder.Write("a.csv", $"id,age\n{string.Join('\n', lines)}\n");
        var parquet = folder.Parquet("a.parquet", $"SELECT * FROM read_csv('{csv}') ORDER BY age DESC");
        string[] halves = [folder.Write("b.csv", $"id,age\n{string.Join('\n', lines[25..])}\n"), folder.Write("c.csv", $"id,age\n{string.Join('\n', lines[..25])}\n")];
        PersonSet Persons(params string[] files)
        {
            using var data = SiteData.Open(DataMapping.Direct(files[0], schema) with { Files = files, PersonColumn = "id" }, schema);
            return data.PersonsIn(Asked.Cohort("age >= 20", schema), ["age"]);
        }

        var expected = Persons(csv).Identities;
        Assert.Equal(Enumerable.Range(20, 30).Count(i => i % 9 != 0), expected.Count);
        Assert.Equal(expected, Persons(parquet).Identities);
        Assert.Equal(expected, Persons(halves).Identities);
        Assert.Equal(0, Persons(csv).DifferenceTo(expected));
        Assert.Equal(2, Persons(csv).DifferenceTo([.. expected.Skip(1), ulong.MaxValue]));
    }

    [Fact]
    public void A_person_in_two_files_is_refused()
    {
        using var folder = new TemporaryFolder();
        string[] files = [folder.Write("a.csv", "id,age\nx,1\n"), folder.Write("b.csv", "id,age\ny,1\nx,2\n")];
        var schema = new StudySchema([new("age", VariableType.Integer, "", null, [], null, null)]);
        using var data = SiteData.Open(DataMapping.Direct(files[0], schema) with { Files = files, PersonColumn = "id" }, schema);
        Assert.Equal(RefusalCode.NotOneRowPerPerson, Assert.Throws<SiteDataException>(() => data.CountPersons(Asked.Cohort("", schema))).Code);
    }

    [Fact]
    public void Columns_that_differ_in_capitals_alone_are_refused()
    {
        using var folder = new TemporaryFolder();
        var schema = new StudySchema([new("age", VariableType.Integer, "", null, [], null, null)]);
        Assert.Contains("twice", Assert.Throws<SiteDataException>(() => Asked.Open(folder.Write("a.csv", "age,AGE\n1,2\n"), schema)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_changes_during_every_attempt_is_refused_as_changing()
    {
        using var folder = new TemporaryFolder();
        var schema = new StudySchema([new("age", VariableType.Integer, "", null, [], null, null)]);
        var file = folder.Parquet("rows.parquet", "SELECT 1 AS age");
        using var data = Asked.Open(file, schema);
        var attempts = 0;
        var refused = Assert.Throws<SiteDataException>(() => data.Query(["age"], (_, _, _) => folder.Parquet("rows.parquet", $"SELECT * FROM range({++attempts + 1}) t(age)")));
        Assert.Equal((RefusalCode.DataChanged, 3), (refused.Code, attempts));
    }

    private static string Cell<T>(bool known, T value) => known ? $"{value}" : "";
}
