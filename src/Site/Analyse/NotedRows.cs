using Consilience.Analyses;

namespace Consilience.Site.Analyse;

/// <summary>The rows of a cohort; notes which variables decide who is counted, which are read as real numbers, and which of those single out a few persons.</summary>
/// <param name="rows">The rows.</param>
/// <param name="few">Fewer persons than this are few.</param>
internal sealed class NotedRows(IRows rows, int few) : IRows
{
    private readonly Dictionary<string, Dictionary<double, long>> counts = new(StringComparer.Ordinal);

    internal HashSet<string> Variables { get; } = new(StringComparer.Ordinal);

    internal IReadOnlyCollection<string> Values => counts.Keys;

    /// <summary>
    /// A variable of which all but a few persons have one value: sums of its products with others are sums over those few, as with a mask of 0 and 1. Null where there is none.
    /// </summary>
    internal string? Mask => counts.FirstOrDefault(c => c.Value.Count <= few && c.Value.Values.Sum() - c.Value.Values.DefaultIfEmpty().Max() is var others && others > 0 && others < few).Key;

    public void Tabulate(IReadOnlyList<Axis> axes, Span<long> cells)
    {
        Variables.UnionWith(axes.Select(a => a.Variable));
        rows.Tabulate(axes, cells);
    }

    public void Read(IReadOnlyList<string> variables, Func<RowReader> begin)
    {
        Variables.UnionWith(variables);
        rows.Read(variables, () =>
        {
            // A set of values that is larger than a few holds no mask; it is not counted further.
            Dictionary<double, long>[] seen = [.. variables.Select(v => counts[v] = [])];
            var reader = begin();
            return values =>
            {
                for (var i = 0; i < seen.Length; i++)
                {
                    if (seen[i].Count <= few)
                        seen[i][values[i]] = seen[i].GetValueOrDefault(values[i]) + 1;
                }

                reader(values);
            };
        });
    }
}
