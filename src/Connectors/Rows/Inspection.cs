namespace Consilience.Connectors.Rows;

/// <summary>Cells that are neither missing nor fitting, and the first row (counted from 1, below the header) that has one.</summary>
internal sealed record UnfitCells(long Count, long FirstRow);

/// <summary>Rows, persons with several rows, and rows that name nobody.</summary>
internal sealed record PersonCheck(long Rows, long Repeated, long Unidentified);

/// <summary>Looks once through a new snapshot for what would make answers wrong.</summary>
internal sealed class Inspection(SiteData data)
{
    internal IReadOnlyDictionary<string, UnfitCells> UnfitCells()
    {
        var sql = new Sql();
        var columns = data.Mapping.Columns;
        var flags = columns.Select((c, i) =>
            $"({VariableSql.Raw(c, data.Mapping, sql)} IS NOT NULL AND {VariableSql.Value(c, data.Mapping, sql)} IS NULL) AS f{i}").ToList();
        var unfit = new Dictionary<string, UnfitCells>(StringComparer.Ordinal);
        var sums = columns.Select((_, i) => $"coalesce(sum(CAST(f{i} AS BIGINT)), 0), coalesce(min(CASE WHEN f{i} THEN r END), 0)");
        if (columns.Count > 0)
        {
            data.Run(sql, $"SELECT {string.Join(", ", sums)} FROM (SELECT row_number() OVER () AS r, {string.Join(", ", flags)} FROM {data.Source})", row =>
            {
                for (var i = 0; i < columns.Count; i++)
                    unfit[columns[i].Variable.Name] = new UnfitCells(Whole(row.GetValue(2 * i)), Whole(row.GetValue((2 * i) + 1)));
            });
        }

        return unfit;
    }

    internal PersonCheck Persons()
    {
        var check = new PersonCheck(0, 0, 0);
        var source = data.Source;
        if (data.Mapping.PersonColumn is not { } column)
        {
            data.Run(new Sql(), $"SELECT count(*) FROM {source}", r => check = new PersonCheck(r.GetInt64(0), 0, 0));
            return check;
        }

        var person = $"nullif(trim(CAST({Sql.Name(column)} AS VARCHAR)), '')";
        data.Run(
            new Sql(),
            $"SELECT CAST(coalesce(sum(n), 0) AS BIGINT), count(*) FILTER (WHERE p IS NOT NULL AND n > 1), CAST(coalesce(sum(n) FILTER (WHERE p IS NULL), 0) AS BIGINT) FROM (SELECT {person} AS p, count(*) AS n FROM {source} GROUP BY p)",
            r => check = new PersonCheck(r.GetInt64(0), r.GetInt64(1), r.GetInt64(2)));
        return check;
    }

    internal static long Whole(object value) => value is System.Numerics.BigInteger big ? (long)big : Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture);
}
