using System.Globalization;
using Consilience.Analyses.Schema;
using Consilience.Connectors.Genotypes;
using Consilience.Connectors.Mapping;
using Consilience.Connectors.Rows;

namespace Consilience.Connectors.Check;

/// <summary>Makes the report of <c>consilience site check</c>.</summary>
public static class SiteCheck
{
    private const int MostUnknownCodes = 20;

    /// <param name="data">The site's data under a study's schema.</param>
    /// <param name="threshold">Counts from 1 to threshold − 1 are hidden.</param>
    /// <exception cref="SiteDataException">The files cannot be read at all.</exception>
    public static SiteCheckReport Run(SiteData data, int threshold)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentOutOfRangeException.ThrowIfNegative(threshold);
        SiteCheckReport? report = null;
        data.Inspect((source, engine) =>
        {
            var variables = data.Mapping.Columns.Select(c => new ColumnCheck(c, data.Mapping, source, engine, threshold).Run(data.Unfit[c.Variable.Name])).ToList();
            var panels = data.Schema.Panels.Select(p => CheckPanel(p, data, source, engine, threshold)).ToList();
            var persons = data.Persons;
            report = new SiteCheckReport(
                variables.TrueForAll(v => v.Unfit == 0) && panels.TrueForAll(p => p.Problem is null) && persons.Unidentified == 0 && (persons.Repeated == 0 || data.Mapping.ChoiceKey is not null),
                HiddenCounts.One(persons.Rows - persons.Unidentified, threshold),
                persons.Repeated,
                persons.Unidentified,
                threshold,
                variables,
                panels);
        });
        var tables = data.Schema.LifeTables.Select(t => (IsMapped: data.Mapping.LifeTables.ContainsKey(t.Name), Fault: FaultOf(t.Name, data))).Where(t => t.Fault is not null).ToList();
        return report! with { Fits = report!.Fits && !tables.Exists(t => t.IsMapped), LifeTables = [.. tables.Select(t => t.Fault!)] };
    }

    private static string? FaultOf(string lifeTable, SiteData data)
    {
        try
        {
            AgreedTables.Read(lifeTable, data.Mapping, data.Schema);
            return null;
        }
        catch (SiteDataException e)
        {
            return e.Message;
        }
    }

    private static PanelCheck CheckPanel(Panel panel, SiteData data, DataSource source, Engine engine, int threshold)
    {
        if (data.Mapping.Genotypes.FirstOrDefault(g => g.Panel == panel) is not { } files)
            return new PanelCheck(panel.Name, "no genotypes; name PLINK files for it under 'genotypes' in the mapping", "0");
        try
        {
            var persons = new PlinkFiles(files).Persons;
            var genotyped = 0L;
            engine.Run(new Sql(), $"SELECT DISTINCT {VariableSql.Text(Sql.Name(data.Mapping.PersonColumn!))} AS p FROM {source.All} WHERE p IS NOT NULL", r => genotyped += persons.PlaceOf(r.GetString(0)) >= 0 ? 1 : 0);
            return new PanelCheck(panel.Name, genotyped > 0 ? null : "nobody of the table stands in the .fam file under the same name; compare the person column with the file's second field", HiddenCounts.One(genotyped, threshold));
        }
        catch (SiteDataException e)
        {
            return new PanelCheck(panel.Name, e.Message, "0");
        }
    }

    /// <summary>One column's part of the report.</summary>
    private sealed class ColumnCheck(ColumnMapping column, DataMapping mapping, DataSource source, Engine engine, int threshold)
    {
        private readonly VariableSql variable = new(column, mapping.MissingTokens);

        private string Cell => Sql.Name(column.Column);

        private bool IsCoded => column.Variable.Type is VariableType.Category or VariableType.Boolean;

        internal VariableCheck Run(UnfitCells unfit)
        {
            var missing = CountMissing();
            var counts = IsCoded ? CountCodes() : [];
            var shown = IsCoded ? HiddenCounts.Of([.. counts, missing], threshold) : [HiddenCounts.One(missing, threshold)];
            var codes = VariableSql.CodesOf(column.Variable);
            var (least, most) = IsCoded ? (null, null) : Extremes();
            return new VariableCheck(
                column.Variable.Name,
                column.Variable.Type.ToString().ToLowerInvariant(),
                column.Column,
                shown[^1],
                unfit.Count,
                unfit.Count == 0 ? 0 : CountOutOfBounds(),
                Inspection.Expected(column),
                unfit.File,
                unfit.FirstRow,
                IsCoded && unfit.Count > 0 ? UnknownCodes() : new Dictionary<string, long>(StringComparer.Ordinal),
                least,
                most,
                counts.Select((_, i) => i).ToDictionary(i => codes[i], i => shown[i], StringComparer.Ordinal));
        }

        private long CountMissing()
        {
            var sql = new Sql();
            return engine.Numbers(sql, $"SELECT count(*) FROM {source.All} WHERE {variable.Raw(Cell, sql)} IS NULL")[0];
        }

        private long CountOutOfBounds()
        {
            var sql = new Sql();
            return engine.Numbers(sql, $"SELECT count(*) FROM (SELECT {variable.Unbounded(Cell, sql)} AS v FROM {source.All}) WHERE v IS NOT NULL AND {variable.Bounded("v", sql)} IS NULL")[0];
        }

        private long[] CountCodes()
        {
            var counts = new long[VariableSql.CodesOf(column.Variable).Count];
            var sql = new Sql();
            engine.Run(
                sql,
                $"SELECT v, sum(n) FROM (SELECT {variable.Value("g", sql)} AS v, n FROM (SELECT {Cell} AS g, count(*) AS n FROM {source.All} GROUP BY 1)) WHERE v IS NOT NULL GROUP BY 1",
                r => counts[r.GetInt64(0)] = Engine.Whole(r.GetValue(1)));
            return counts;
        }

        private Dictionary<string, long> UnknownCodes()
        {
            var unknown = new Dictionary<string, long>(StringComparer.Ordinal);
            var sql = new Sql();
            engine.Run(
                sql,
                $"SELECT t, count(*) AS n FROM (SELECT {variable.Raw(Cell, sql)} AS t, {variable.Value(Cell, sql)} AS v FROM {source.All}) WHERE t IS NOT NULL AND v IS NULL GROUP BY t HAVING n >= {sql.Parameter((long)Math.Max(1, threshold))} ORDER BY n DESC, t LIMIT {MostUnknownCodes}",
                r => unknown.Add(r.GetString(0), r.GetInt64(1)));
            return unknown;
        }

        private (string? Least, string? Most) Extremes()
        {
            var place = Math.Max(1, threshold);
            return (At("ASC"), At("DESC"));

            string? At(string order)
            {
                string? value = null;
                var sql = new Sql();
                engine.Run(
                    sql,
                    $"SELECT v FROM (SELECT {variable.Value(Cell, sql)} AS v FROM {source.All}) WHERE v IS NOT NULL ORDER BY v {order} LIMIT 1 OFFSET {sql.Parameter((long)place - 1)}",
                    r => value = Written(r.GetValue(0)));
                return value;
            }
        }

        private string Written(object value) => column.Variable.Type == VariableType.Date
            ? DateOnly.FromDayNumber((int)Math.Clamp(Engine.Whole(value), 0, DateOnly.MaxValue.DayNumber)).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)
            : Convert.ToDecimal(value, CultureInfo.InvariantCulture).ToString("0.#########", CultureInfo.InvariantCulture);
    }
}
