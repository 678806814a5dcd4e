using System.Text.Json;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using Consilience.Analyses;
using Consilience.Analyses.Cohorts;
using Consilience.Analyses.Schema;
using Consilience.Connectors.Mapping;
using Consilience.Connectors.Rows;
using DuckDB.NET.Data;

namespace Consilience.Encode.Benchmarks;

/// <summary>
/// Questions over ten million persons in one Parquet file at one site: a cross-tabulation of all, of a cohort, and a survival table by day. The file is read in place by every
/// question; it was opened, and every cell of the columns checked, before. Beside each stands the engine's own time for the same aggregation, asked as anyone would.
/// </summary>
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class CountParquet : IDisposable
{
    private const int Persons = 10_000_000;

    private static readonly StudySchema Schema = new(
    [
        new("stage", VariableType.Category, "stage", null, [new("1", "I"), new("2", "II"), new("3", "III"), new("4", "IV")], null, null),
        new("died", VariableType.Boolean, "died", null, [], null, null),
        new("days", VariableType.Integer, "follow-up", "days", [], 0, 4000),
        new("age", VariableType.Integer, "age", "months", [], 0, 1300),
    ]);

    private readonly string file = Path.Combine(Path.GetTempPath(), $"consilience-bench-{Environment.ProcessId}.parquet");
    private SiteData? data;
    private DuckDBConnection? engine;

    [GlobalSetup]
    public void Prepare()
    {
        using (var connection = new DuckDBConnection("DataSource=:memory:"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = $"""
                COPY (SELECT (1 + i * 7919 % 4)::INTEGER AS stage, (i * 31 % 5 = 0) AS died, (i * 104729 % 4001)::INTEGER AS days, (i * 7 % 1301)::INTEGER AS age FROM range({Persons}) t(i))
                TO '{file}' (FORMAT parquet)
                """;
            command.ExecuteNonQuery();
        }

        data = SiteData.Open(DataMapping.Direct(file, Schema), Schema);
        engine = new DuckDBConnection("DataSource=:memory:");
        engine.Open();
    }

    [Benchmark(Baseline = true), BenchmarkCategory("count")]
    public long CountByEngine() => Rows("SELECT stage, died, count(*) FROM {0} GROUP BY ALL");

    [Benchmark, BenchmarkCategory("count")]
    public long[] Count() => Ask("count", """{"by": ["stage", "died"]}""", "");

    [Benchmark(Baseline = true), BenchmarkCategory("cohort")]
    public long CountCohortByEngine() => Rows("SELECT stage, died, count(*) FROM {0} WHERE age BETWEEN 12 AND 180 AND stage <> 1 GROUP BY ALL");

    [Benchmark, BenchmarkCategory("cohort")]
    public long[] CountCohort() => Ask("count", """{"by": ["stage", "died"]}""", "age between 12 and 180 and stage != 1");

    [Benchmark(Baseline = true), BenchmarkCategory("survival")]
    public long KaplanMeierByDayByEngine() => Rows("SELECT stage, died, days, count(*) FROM {0} GROUP BY ALL");

    [Benchmark, BenchmarkCategory("survival")]
    public long[] KaplanMeierByDay() => Ask("kaplan-meier", """{"time": "days", "event": "died", "by": ["stage"], "grid": {"from": 1, "to": 4000, "step": 1}}""", "");

    [GlobalCleanup]
    public void Dispose()
    {
        data?.Dispose();
        engine?.Dispose();
        File.Delete(file);
        GC.SuppressFinalize(this);
    }

    /// <summary>Reads every row of a query, as whoever wants its cells does.</summary>
    private long Rows(string query)
    {
        using var command = engine!.CreateCommand();
        command.CommandText = string.Format(System.Globalization.CultureInfo.InvariantCulture, query, $"'{file}'");
        using var reader = command.ExecuteReader();
        var sum = 0L;
        while (reader.Read())
            sum += reader.GetInt64(reader.FieldCount - 1);
        return sum;
    }

    private long[] Ask(string method, string parameters, string cohort)
    {
        var faults = new List<Fault>();
        var plan = MethodList.Find(method)!.Plan(JsonDocument.Parse(parameters).RootElement, Schema, faults)!;
        var vector = new long[plan.Sums.VectorLength];
        plan.Sums.Encode(data!.Select(CohortExpression.Parse(cohort, Schema, faults)!), vector);
        return vector;
    }
}
