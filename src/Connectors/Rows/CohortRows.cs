using System.Numerics;
using Consilience.Analyses;
using Consilience.Analyses.Cohorts;
using Consilience.Analyses.Schema;
using DuckDB.NET.Data;

namespace Consilience.Connectors.Rows;

/// <summary>
/// The rows of a cohort, tabulated by one GROUP BY inside the engine. Evenly spaced edges of whole numbers are binned there; others are grouped by value and binned
/// here, on exact decimals.
/// </summary>
internal sealed class CohortRows(SiteData data, CohortExpression cohort) : ITabulator
{
    public void Tabulate(IReadOnlyList<Axis> axes, Span<long> cells)
    {
        var bins = axes.Select(a => new AxisSql(a, data.Schema.Find(a.Variable)!)).ToList();
        HashSet<string> variables = [.. axes.Select(a => a.Variable), .. cohort.Variables];
        var counts = new List<(int Cell, long Persons)>();
        data.Query(variables, (source, sql) => Write(bins, source, sql), row =>
        {
            if (CellOf(row, bins) is { } cell)
                counts.Add((cell, Inspection.Whole(row.GetValue(bins.Count))));
        });
        foreach (var (cell, persons) in counts)
            cells[cell] += persons;
    }

    private string Write(List<AxisSql> bins, string source, Sql sql)
    {
        var columns = bins.Select((b, i) => $"{b.Expression(sql)} AS b{i}, ");
        var condition = CohortSql.Compile(cohort, data.Schema, sql);
        var known = string.Concat(bins.Select((_, i) => $" AND b{i} IS NOT NULL"));
        var names = bins.Select((_, i) => $"b{i}").ToList();
        var group = names.Count == 0 ? "" : $" GROUP BY {string.Join(", ", names)}";
        return $"SELECT {string.Concat(names.Select(n => n + ", "))}count(*) FROM (SELECT {string.Concat(columns)}1 FROM {source} WHERE {condition}) WHERE TRUE{known}{group}";
    }

    private static int? CellOf(DuckDBDataReader row, List<AxisSql> bins)
    {
        var cell = 0;
        for (var i = 0; i < bins.Count; i++)
        {
            var bin = bins[i].BinOf(row.GetValue(i));
            if (bin < 0)
                return null;
            cell = (cell * bins[i].Length) + bin;
        }

        return cell;
    }

    /// <summary>One axis: what the engine groups by, and which bin a group is.</summary>
    private sealed class AxisSql
    {
        private readonly Axis axis;
        private readonly int[]? positions;
        private readonly (long First, long Step)? spacing;

        internal AxisSql(Axis axis, Variable variable)
        {
            this.axis = axis;
            if (axis is CodeAxis codes)
                positions = [.. VariableSql.CodesOf(variable).Select(c => codes.Codes.ToList().IndexOf(c))];
            else if (axis is EdgeAxis edges && variable.Type == VariableType.Integer)
                spacing = EvenSpacing(edges.Edges);
        }

        internal int Length => axis.Length;

        internal string Expression(Sql sql)
        {
            var value = Sql.Name(axis.Variable);
            if (spacing is not var (first, step))
                return value;

            // ⌈(v − first)/step⌉ within [0, J]: the number of edges below v.
            var (f, s) = (sql.Parameter(first), sql.Parameter(step));
            // A missing value is said to be missing: least() would pass over it.
            return $"CASE WHEN {value} IS NULL THEN NULL WHEN {value} <= {f} THEN 0 ELSE least({sql.Parameter((long)Length - 1)}, ({value} - {f} + {s} - 1) // {s}) END";
        }

        internal int BinOf(object value)
        {
            if (positions is not null)
                return positions[(int)Inspection.Whole(value)];
            if (spacing is not null)
                return (int)Inspection.Whole(value);
            var edges = ((EdgeAxis)axis).Edges;
            var number = value is BigInteger big ? (decimal)big : Convert.ToDecimal(value, System.Globalization.CultureInfo.InvariantCulture);
            int low = 0, high = edges.Count;
            while (low < high)
            {
                var middle = (low + high) / 2;
                if (edges[middle] < number)
                    low = middle + 1;
                else
                    high = middle;
            }

            return low;
        }

        private static (long First, long Step)? EvenSpacing(IReadOnlyList<decimal> edges)
        {
            if (edges.Count < 2 || !edges.All(decimal.IsInteger))
                return null;
            var step = edges[1] - edges[0];
            for (var i = 2; i < edges.Count; i++)
            {
                if (edges[i] - edges[i - 1] != step)
                    return null;
            }

            return ((long)edges[0], (long)step);
        }
    }
}
