using Consilience.Analyses;
using Consilience.Analyses.Cohorts;

namespace Consilience.Connectors.Rows;

/// <summary>The rows of a cohort, tabulated by one GROUP BY inside the engine.</summary>
internal sealed class CohortRows(SiteData data, CohortExpression cohort) : ITabulator
{
    public void Tabulate(IReadOnlyList<Axis> axes, Span<long> cells)
    {
        HashSet<string> variables = [.. axes.Select(a => a.Variable), .. cohort.Variables];
        var counts = new long[cells.Length];
        data.Query(variables, (columnOf, source, engine) =>
        {
            // Said again when a file changed while it was read.
            Array.Clear(counts);
            var sql = new Sql();
            var bins = axes.Select(a => new AxisBins(a, columnOf(a.Variable))).ToList();
            engine.Run(sql, Write(bins, columnOf, source, sql), row =>
            {
                var cell = 0;
                for (var i = 0; i < bins.Count && cell >= 0; i++)
                    cell = bins[i].BinOf(row.GetValue(i)) is >= 0 and var bin ? (cell * bins[i].Length) + bin : -1;
                if (cell >= 0)
                    counts[cell] += row.GetInt64(bins.Count);
            });
        });
        for (var i = 0; i < counts.Length; i++)
            cells[i] += counts[i];
    }

    private string Write(List<AxisBins> bins, Func<string, StoredColumn> columnOf, string source, Sql sql)
    {
        var condition = CohortSql.Compile(cohort, columnOf, sql);
        var groups = string.Concat(bins.Select((b, i) => $"{b.Group(sql)} AS g{i}, "));
        var read = string.Concat(bins.Select((b, i) => $"{b.Read($"g{i}", sql)}, "));
        var by = bins.Count == 0 ? "" : $" GROUP BY {string.Join(", ", Enumerable.Range(1, bins.Count))}";
        return $"SELECT {read}n FROM (SELECT {groups}count(*) AS n FROM {source} WHERE {condition}{by})";
    }
}
