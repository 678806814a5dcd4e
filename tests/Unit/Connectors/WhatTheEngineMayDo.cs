using Consilience.Analyses.Schema;
using Consilience.Connectors.Mapping;
using Consilience.Connectors.Rows;
using DuckDB.NET.Data;

namespace Consilience.Connectors.Tests;

/// <summary>
/// The engine beside patient data reads the mapped files and nothing else, whatever statement reaches it; and no name, code or text of anyone's can become a statement. The same
/// statements succeed on the engine as it comes.
/// </summary>
public sealed class WhatTheEngineMayDo
{
    public static TheoryData<string> Statements =>
    [
        "SELECT * FROM read_csv('{other}')", "SELECT * FROM read_text('{other}')", "SELECT * FROM glob('{folder}/*')", "COPY (SELECT 1) TO '{folder}/out.csv'", "ATTACH '{folder}/db.duckdb' AS db",
        "EXPORT DATABASE '{folder}/export'", "SET allowed_paths = ['{other}']", "SET memory_limit = '1TB'", "SET temp_directory = '{folder}'",
    ];

    [Theory]
    [MemberData(nameof(Statements))]
    public void It_refuses_what_the_engine_as_it_comes_would_do(string statement)
    {
        using var folder = new TemporaryFolder();
        folder.Write("other.csv", "secret\n42\n");
        var mapping = DataMapping.Direct(folder.Write("rows.csv", "stage\n1\n"), Stages);
        var text = statement.Replace("{other}", folder.Path("other.csv"), StringComparison.Ordinal).Replace("{folder}", folder.Path("."), StringComparison.Ordinal);
        using var engine = new Engine(mapping, EngineLimits.Default);
        Assert.Throws<SiteDataException>(() => engine.Run(new Sql(), text));

        using var asItComes = new DuckDBConnection("DataSource=:memory:");
        asItComes.Open();
        using var command = asItComes.CreateCommand();
        command.CommandText = text;
        command.ExecuteNonQuery();
    }

    [Fact]
    public void Its_faults_quote_no_cell()
    {
        using var folder = new TemporaryFolder();
        using var engine = new Engine(DataMapping.Direct(folder.Write("rows.csv", "stage\n1\n"), Stages), EngineLimits.Default);
        var fault = Assert.Throws<SiteDataException>(() => engine.Run(new Sql(), "SELECT CAST('Ada Lindqvist' AS INTEGER)"));
        Assert.DoesNotContain("Lindqvist", fault.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("it's.csv", "a\"b", "x'; DROP TABLE rows; --")]
    [InlineData("per cent %20 [x].csv", "select", "$1")]
    [InlineData("a{b}.csv", "a b", "{0}")]
    [InlineData("ünïcode.csv", "naïve col", "\\")]
    public void Names_and_texts_are_never_statements(string file, string column, string code)
    {
        using var folder = new TemporaryFolder();
        folder.Write("aXbY.csv", $"other\n{code}\n{code}\n{code}\n");
        var path = folder.Write(file, $"\"{column.Replace("\"", "\"\"", StringComparison.Ordinal)}\"\n\"{code}\"\nother\n");
        var variable = Wilms.Category("stage", code, "other");
        var schema = new StudySchema([variable]);
        var mapping = DataMapping.Direct(path, schema) with { Columns = [new ColumnMapping(variable, column, new Dictionary<string, string?>(StringComparer.Ordinal), 1, "%Y-%m-%d")] };
        using var data = SiteData.Open(mapping, schema);
        Assert.Equal(1, data.CountPersons(Asked.Cohort($"stage = '{code.Replace("'", "''", StringComparison.Ordinal)}'", schema)));
        Assert.Equal(2, data.CountPersons(Asked.Cohort("", schema)));
    }

    /// <summary>The engine would read every file that fits; such a name is refused before it gets there.</summary>
    [Fact]
    public void A_file_name_that_is_a_pattern_is_refused_with_the_reason()
    {
        using var folder = new TemporaryFolder();
        folder.Write("a*.csv", "stage\n1\n");
        var fault = Assert.Throws<FaultyInputException>(() => MappingReader.Read("files: [\"a*.csv\"]\nformat: csv\nvariables: {stage: {column: stage}}\n", folder.Path("."), Stages));
        Assert.Contains("names without * and ?", fault.Message, StringComparison.Ordinal);
    }

    private static StudySchema Stages { get; } = new([Wilms.Category("stage", "1", "2")]);
}
