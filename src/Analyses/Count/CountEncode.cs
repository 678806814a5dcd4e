namespace Consilience.Analyses.Count;

/// <summary>The site's table of persons as it is: cell i of the vector is cell i of the grouping.</summary>
internal static class CountEncode
{
    internal static void Fill(ITabulator rows, Grouping grouping, Span<long> vector) => rows.Tabulate(grouping.Axes, vector);
}
