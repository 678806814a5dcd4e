using System.Text.Json;
using Consilience.Analyses;
using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Cohorts;
using Consilience.Analyses.Schema;
using Consilience.Connectors.Mapping;
using Consilience.Connectors.Rows;
using Consilience.FederatedLearning;
using DuckDB.NET.Data;

namespace Consilience.Connectors.Tests;

/// <summary>Questions put to a site's data, as a site puts them.</summary>
internal static class Asked
{
    internal static CohortExpression Cohort(string text, StudySchema schema)
    {
        var faults = new List<Fault>();
        var cohort = CohortExpression.Parse(text, schema, faults);
        Assert.Empty(faults);
        return cohort!;
    }

    internal static MethodPlan Plan(string method, string parameters, StudySchema schema)
    {
        var faults = new List<Fault>();
        var plan = KnownMethods.Find(method)!.Plan(JsonDocument.Parse(parameters).RootElement, schema, faults);
        Assert.Empty(faults);
        return plan!;
    }

    internal static long[] Encode(SiteData data, MethodPlan plan, string cohort = "")
    {
        var vector = new long[plan.Sums.VectorLength];
        plan.Sums.Encode(data.Select(Cohort(cohort, data.Schema)), vector);
        return vector;
    }

    internal static MethodResult Ask(SiteData data, string method, string parameters, string cohort = "")
    {
        var plan = Plan(method, parameters, data.Schema);
        return plan.Finish(Encode(data, plan, cohort), NoiseModel.None, DisclosureRules.None);
    }

    /// <summary>Opens a file whose columns and codes are the schema's own.</summary>
    internal static SiteData Open(string file, StudySchema schema) => SiteData.Open(DataMapping.Direct(file, schema), schema);

    /// <summary>Writes a query's rows as Parquet, with the engine as anyone has it: not confined.</summary>
    internal static string Parquet(this TemporaryFolder folder, string name, string query)
    {
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"COPY ({query}) TO '{folder.Path(name).Replace("'", "''", StringComparison.Ordinal)}' (FORMAT parquet)";
        command.ExecuteNonQuery();
        return folder.Path(name);
    }
}
