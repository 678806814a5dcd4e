using System.Text.Json;
using Consilience.Tests;

namespace Consilience.Cli.Tests;

/// <summary>
/// A malformed input of every kind, given to the program itself: an error that says where, what was expected and how to mend it, the documented exit code, and never a stack
/// trace or a datum.
/// </summary>
public sealed class MalformedInput : IDisposable
{
    private const string Study = """
        study: check
        title: Check
        purpose: {code: "DUO:0000007", text: Checks.}
        researchers: [{name: ada, organisation: aster}]
        sites: [aster, birch]
        keyHolders: [aster]
        minimumSites: 1
        schema:
          variables:
            stage: {type: category, codes: {"1": early, "2": late}}
            age: {type: integer, minimum: 0, maximum: 120}
        methods: [count]
        precision: {exact: {minimumSites: 1, minimumPersons: 1}}
        expires: 2099-12-31
        """;

    private const string Rows = "stage,age\n1,30\n2,40\n";
    private const string Request = "method: count\nprecision: exact\nparameters: {by: [stage]}\n";
    private const string Mapping = "files: [rows.csv]\nformat: csv\nvariables: {stage: {column: stage}, age: {column: age}}\n";

    private readonly string folder = Directory.CreateTempSubdirectory("consilience-cli-").FullName;

    public MalformedInput()
    {
        Write("study.yaml", Study);
        Write("rows.csv", Rows);
        Write("request.yaml", Request);
        Write("mapping.yaml", Mapping);
    }

    [Fact]
    public async Task The_inputs_that_the_others_spoil_are_good()
    {
        var (code, output, errors) = await SimulateAsync();
        Assert.True(code == 0, errors);
        Assert.Equal([1, 1], JsonDocument.Parse(output).RootElement.GetProperty("results")[0].GetProperty("groups").EnumerateArray().Select(g => g.GetProperty("count").GetInt32()));
    }

    [Theory]
    [InlineData("study", "minimumSites: 1", "minimumSites: many", ".yaml:7:", "a whole number")]
    [InlineData("study", "type: category", "type: catgory", ".yaml:10:", "category")]
    [InlineData("study", "title: Check", "titel: Check", "title", "expected")]
    [InlineData("study", "methods: [count]", "methods: [cuont]", ".yaml:12:", "count")]
    [InlineData("study", "expires: 2099-12-31", "expires: 2020-12-31", ".yaml:14:", "expire")]
    [InlineData("study", "title: Check", "title: [Check", ".yaml:2:", "YAML")]
    [InlineData("study", "title: Check", "title: &a Check", ".yaml:2:", "anchor")]
    [InlineData("request", "by: [stage]", "by: [stadium]", "stadium", "stage")]
    [InlineData("request", "precision: exact", "precision: precise", ".yaml:2:", "noised or exact")]
    [InlineData("request", "precision: exact", "cohort: 'age > '", "cohort", "expected")]
    [InlineData("request", "precision: exact", "cohort: \"age = 'x'\"", "cohort", "expected")]
    public async Task In_a_study_or_request(string file, string good, string bad, string where, string expected)
    {
        var path = Path.Combine(folder, $"{file}.yaml");
        File.WriteAllText(path, File.ReadAllText(path).Replace(good, bad, StringComparison.Ordinal));
        var (code, _, errors) = await SimulateAsync(json: false);
        AssertClear(2, code, errors, where, expected);
    }

    [Theory]
    [InlineData("files: [rows.csv]", "files: [rose.csv]", "rose.csv", "files that exist")]
    [InlineData("column: age", "colum: age", "column", "expected")]
    [InlineData("format: csv", "format: xlsx", "format", "csv or parquet")]
    [InlineData("stage: {column: stage}", "stage: {column: stage, codes: {a: \"9\"}}", ".yaml:3:", "a code of stage")]
    [InlineData("column: age", "column: years", "years", "column")]
    public async Task In_a_mapping(string good, string bad, string where, string expected)
    {
        Write("mapping.yaml", Mapping.Replace(good, bad, StringComparison.Ordinal));
        var (code, _, errors) = await CommandLine.RunAsync("site", "check", "--study", In("study.yaml"), "--mapping", In("mapping.yaml"));
        AssertClear(2, code, errors, where, expected);
    }

    [Fact]
    public async Task In_a_cell_of_a_CSV_file_a_check_says_where_and_a_question_says_nothing_of_it()
    {
        Write("rows.csv", "stage,age\n1,30\n2,zwölfundvierzig\n");
        var (code, output, _) = await CommandLine.RunAsync("site", "check", "--study", In("study.yaml"), "--mapping", In("mapping.yaml"), "--json");
        Assert.Equal(1, code);
        var age = JsonDocument.Parse(output).RootElement.GetProperty("variables").EnumerateArray().Single(v => v.GetProperty("name").GetString() == "age");
        Assert.Equal((1, 2), (age.GetProperty("unfit").GetInt32(), age.GetProperty("firstUnfitRow").GetInt32()));
        Assert.DoesNotContain("zwölf", output, StringComparison.Ordinal);

        Write("request.yaml", $"{Request}cohort: age >= 0\n");
        var (asked, _, errors) = await SimulateAsync(json: false);
        AssertClear(3, asked, errors, "aster", "data-unreadable");
        Assert.DoesNotContain("zwölf", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("stage,age\n1,30\n2\n", "")]
    [InlineData("stage\n1\n", "age")]
    [InlineData("", "")]
    [InlineData("stage,age\n\"1,30\n", "")]
    public async Task In_a_CSV_file_as_a_whole(string rows, string said)
    {
        Write("rows.csv", rows);
        var (code, _, errors) = await CommandLine.RunAsync("site", "check", "--study", In("study.yaml"), "--mapping", In("mapping.yaml"));
        AssertClear(2, code, errors, said, "");
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("not json")]
    [InlineData("{\"payload\":\"\",\"payloadType\":\"x\",\"signatures\":[]}")]
    public async Task In_a_receipt_or_a_consortium_file(string text)
    {
        Write("file.json", text);
        var (code, _, errors) = await CommandLine.RunAsync("verify", In("file.json"), "--consortium", In("file.json"));
        AssertClear(2, code, errors, "consortium", "expected");
    }

    [Fact]
    public async Task A_file_that_is_not_there()
    {
        var (code, _, errors) = await CommandLine.RunAsync("analyse", In("nothing.yaml"), "--study", "x", "--researcher", "ada", "--keys", folder, "--hub", "https://localhost:1", "--consortium", In("none.json"));
        AssertClear(2, code, errors, "nothing.yaml", "");
    }

    [Theory]
    [InlineData("simulate", "--study")]
    [InlineData("frobnicate")]
    [InlineData("analyse", "count", "--by", "stage", "--precision", "exact")]
    [InlineData("site", "run", "--hub", "http://plain.example")]
    public async Task On_the_command_line_itself(params string[] arguments)
    {
        var (code, output, errors) = await CommandLine.RunAsync(arguments);
        Assert.Equal(2, code);
        Assert.NotEmpty(errors);
        Assert.DoesNotContain("   at ", output + errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_error_with_json_is_a_document()
    {
        Write("study.yaml", "study: [");
        var (code, output, _) = await SimulateAsync();
        var error = JsonDocument.Parse(output).RootElement.GetProperty("error");
        Assert.Equal((2, 2, "bad-input"), (code, error.GetProperty("exitCode").GetInt32(), error.GetProperty("code").GetString()));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static void AssertClear(int expectedCode, int code, string errors, params string[] said)
    {
        Assert.True(expectedCode == code, $"{code}: {errors}");
        var text = errors.ReplaceLineEndings(" ");
        Assert.All(said, s => Assert.Contains(s, text, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("a fault of this program", errors, StringComparison.Ordinal);
    }

    private Task<(int Code, string Output, string Errors)> SimulateAsync(bool json = true) => CommandLine.RunAsync(
        ["simulate", "--study", In("study.yaml"), "--site", $"aster={In("rows.csv")}", "--request", In("request.yaml"), .. json ? new[] { "--json" } : []]);

    private string In(string name) => Path.Combine(folder, name);

    private void Write(string name, string text) => File.WriteAllText(In(name), text);
}
