using Consilience.Analyses.Schema;
using Consilience.Connectors.Rows;

namespace Consilience.Connectors.Check;

/// <summary>How one variable fits.</summary>
/// <param name="Missing">Persons without a value; below the threshold shown as <c>&lt;n</c>.</param>
/// <param name="Unfit">Cells that are neither missing nor fitting; exact, because they have to be found and mended here.</param>
/// <param name="FirstUnfitRow">Row of the first such cell, counted from 1 below the header; 0 when there is none.</param>
/// <param name="Codes">Persons for each code; below the threshold shown as <c>&lt;n</c>.</param>
public sealed record VariableCheck(string Name, string Type, string Column, string Missing, long Unfit, long FirstUnfitRow, IReadOnlyDictionary<string, string> Codes);

/// <summary>How a site's data fit a study's schema, before any study asks. For the site's own eyes; small counts are hidden all the same, because reports are passed on.</summary>
public sealed record SiteCheckReport(bool Fits, string Persons, long PersonsWithSeveralRows, long RowsWithoutPerson, int Threshold, IReadOnlyList<VariableCheck> Variables);

/// <summary>Makes the report of <c>consilience site check</c>.</summary>
public static class SiteCheck
{
    /// <param name="data">The site's data under a study's schema.</param>
    /// <param name="threshold">Counts from 1 to threshold − 1 are shown as <c>&lt;threshold</c>.</param>
    public static SiteCheckReport Run(SiteData data, int threshold)
    {
        ArgumentNullException.ThrowIfNull(data);
        var variables = data.Mapping.Columns.Select(c => Check(data, c.Variable, c.Column, threshold)).ToList();
        var persons = data.Persons;
        return new SiteCheckReport(
            variables.All(v => v.Unfit == 0) && persons is { Repeated: 0, Unidentified: 0 },
            Shown(persons.Rows - persons.Unidentified, threshold),
            persons.Repeated,
            persons.Unidentified,
            threshold,
            variables);
    }

    private static VariableCheck Check(SiteData data, Variable variable, string column, int threshold)
    {
        var unfit = data.Unfit[variable.Name];
        var missing = 0L;
        var codes = new Dictionary<string, string>(StringComparer.Ordinal);
        var counts = new Dictionary<long, long>();
        var isCoded = variable.Type is VariableType.Category or VariableType.Boolean;
        var raw = data.Mapping.Columns.First(c => c.Variable == variable);
        var sql = new Sql();
        data.Run(sql, $"SELECT count(*) FROM {data.Source} WHERE {VariableSql.Raw(raw, data.Mapping, sql)} IS NULL", r => missing = r.GetInt64(0));
        if (isCoded)
        {
            sql = new Sql();
            data.Run(sql, $"SELECT v, count(*) FROM (SELECT {VariableSql.Value(raw, data.Mapping, sql)} AS v FROM {data.Source}) WHERE v IS NOT NULL GROUP BY v", r => counts[r.GetInt64(0)] = r.GetInt64(1));
            var all = VariableSql.CodesOf(variable);
            for (var i = 0; i < all.Count; i++)
                codes[all[i]] = Shown(counts.GetValueOrDefault(i), threshold);
        }

        return new VariableCheck(variable.Name, variable.Type.ToString().ToLowerInvariant(), column, Shown(missing, threshold), unfit.Count, unfit.FirstRow, codes);
    }

    private static string Shown(long count, int threshold) => count > 0 && count < threshold ? $"<{threshold}" : $"{count}";
}
