using Consilience.Analyses;
using Consilience.Analyses.Cohorts;
using Consilience.Analyses.NetSurvival;
using Consilience.Analyses.Schema;
using Consilience.Connectors.Genotypes;
using Consilience.Protocol.Analyse;
using DuckDB.NET.Data;

namespace Consilience.Connectors.Rows;

/// <summary>The rows of a cohort: tabulated by one GROUP BY inside the engine, or read one by one.</summary>
internal sealed class CohortRows(SiteData data, CohortExpression cohort) : IRows
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

    public void Read(IReadOnlyList<string> variables, Func<RowReader> begin) => ReadWithMissing(variables, [], begin);

    public void ReadWithMissing(IReadOnlyList<string> known, IReadOnlyList<string> others, Func<RowReader> begin)
    {
        IReadOnlyList<string> variables = [.. known, .. others];
        ReadKept(variables, KeptRows.Key(cohort, variables, known.Count), variables.Count, begin, (columnOf, source, sql) => Known(variables, known.Count, "1", columnOf, source, sql));
    }

    public void ReadPersons(IReadOnlyList<string> variables, int most, Func<PersonReader> begin)
    {
        if (data.Mapping.ChoiceKey is null)
        {
            Read(variables, IRows.OneRowEach(begin));
            return;
        }

        // A row's place among its person's stands behind its values.
        var key = KeptRows.Key(cohort, [.. variables, $"{most} rows of a person"], variables.Count);
        RowReader Begin()
        {
            var take = begin();
            return row => take((int)row[^1], row[..^1]);
        }

        ReadKept(variables, key, variables.Count + 1, Begin, (columnOf, _, sql) => Several(variables, most, columnOf, sql), readsFiles: true);
    }

    public LifeTable LifeTable(string name) => AgreedTables.Read(name, data.Mapping, data.Schema);

    public void ReadGenotypes(Panel panel, IReadOnlyList<string> variables, Func<int, GenotypeReader> begin)
    {
        var values = new double[variables.Count];
        if (data.Mapping.Genotypes.FirstOrDefault(g => g.Panel == panel) is not { } files || data.Mapping.PersonColumn is not { } person)
            throw new SiteDataException(RefusalCode.DataUnreadable, $"panel {panel.Name}: no genotypes (expected PLINK files for it under 'genotypes' in the mapping); name them there");
        data.Query(
            [.. variables.Union(cohort.Variables)],
            (columnOf, source, engine) =>
            {
                var plink = new PlinkFiles(files);
                var reader = begin(plink.Persons.Count);
                var sql = new Sql();
                engine.Run(sql, Known(variables, variables.Count, VariableSql.Text(data.PersonCell(person)), columnOf, source, sql), row =>
                {
                    Fill(values, row);
                    reader.Person(values, plink.Persons.PlaceOf(row.GetString(values.Length)));
                });
                plink.Read(reader);
            },
            readsFiles: true);
    }

    /// <summary>Rows of so many numbers that a selection gives, or as they were kept from when it was asked before.</summary>
    private void ReadKept(
        IReadOnlyList<string> variables, string key, int width, Func<RowReader> begin, Func<Func<string, StoredColumn>, string, Sql, string> write, bool readsFiles = false)
    {
        var values = new double[width];
        data.Query(
            [.. variables.Union(cohort.Variables)],
            (columnOf, source, engine) =>
            {
                if (data.Kept.TryRead(key, data.Snapshot, begin))
                    return;
                var take = begin();
                var sql = new Sql();
                data.Kept.Begin(key, width);
                engine.Run(sql, write(columnOf, source, sql), row =>
                {
                    Fill(values, row);
                    data.Kept.Add(values);
                    take(values);
                });
            },
            readsFiles);
    }

    private static void Fill(double[] values, DuckDBDataReader row)
    {
        for (var i = 0; i < values.Length; i++)
            values[i] = row.IsDBNull(i) ? double.NaN : row.GetDouble(i);
    }

    /// <summary>The rows in which the first variables, as many as said, are known; all variables, and a further column.</summary>
    private string Known(IReadOnlyList<string> variables, int known, string further, Func<string, StoredColumn> columnOf, string source, Sql sql)
    {
        var cells = variables.Select(v => columnOf(v).Value(columnOf(v).Cell, sql)).ToList();
        var condition = CohortSql.Compile(cohort, columnOf, sql);
        var selected = string.Concat(cells.Select((c, i) => $"CAST({c} AS DOUBLE) AS x{i}, "));
        var isKnown = string.Concat(Enumerable.Range(0, known).Select(i => $" AND x{i} IS NOT NULL"));
        return $"SELECT * FROM (SELECT {selected}{further} AS further FROM {source} WHERE {condition}) WHERE TRUE{isKnown}";
    }

    /// <summary>All variables of all known rows of whoever's chosen row is of the cohort and known, at most so many of a person, and each row's place among them.</summary>
    private string Several(IReadOnlyList<string> variables, int most, Func<string, StoredColumn> columnOf, Sql sql)
    {
        var cells = string.Concat(variables.Select((v, i) => $"CAST({columnOf(v).Value(columnOf(v).Cell, sql)} AS DOUBLE) AS x{i}, "));
        var rows = $"SELECT {cells}{SiteData.Whom} AS whom, {SiteData.Rank} AS rank, {CohortSql.Compile(cohort, columnOf, sql)} AS meets FROM {data.AllRows(sql)}";
        var isKnown = string.Concat(variables.Select((_, i) => $" AND x{i} IS NOT NULL"));
        var counted = $"SELECT *, bool_or(rank = 1 AND meets{isKnown}) OVER (PARTITION BY whom) AS is_counted FROM ({rows})";
        var placed = $"SELECT *, row_number() OVER (PARTITION BY whom ORDER BY rank) - 1 AS place FROM ({counted}) WHERE is_counted{isKnown}";
        return $"SELECT {string.Concat(variables.Select((_, i) => $"x{i}, "))}CAST(place AS DOUBLE) FROM ({placed}) WHERE place < {most} ORDER BY whom, place";
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
