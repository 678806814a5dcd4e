namespace Consilience.Analyses;

/// <summary>Public, increasing cut points, as <c>{from, to, step}</c>, as <c>{edges: […]}</c>, or as <c>{persons, landmarks, …}</c> for an <see cref="ExpectedGrid"/>.</summary>
internal static class Grid
{
    /// <summary>Most edges of a grid.</summary>
    internal const int Largest = 1_000_000;

    internal static IReadOnlyList<decimal>? Read(ParameterReader parameters, string key)
    {
        if (parameters.Object(key, "{from, to, step}, {edges: […]}, or {persons, landmarks}", required: true) is not { } grid)
            return null;
        var edges = grid.Element("edges", "", required: false) is not null ? ReadEdges(grid, "edges") : grid.Element("persons", "", required: false) is not null ? ExpectedGrid.Read(grid) : Steps(grid);
        grid.Finish();
        return edges;
    }

    internal static IReadOnlyList<decimal>? ReadEdges(ParameterReader parameters, string key)
    {
        const string Expected = "a list of increasing numbers";
        var list = parameters.List(key, Expected, required: true);
        var edges = new List<decimal>();
        foreach (var entry in list)
        {
            if (entry.ValueKind == System.Text.Json.JsonValueKind.Number && entry.TryGetDecimal(out var edge) && (edges.Count == 0 || edge > edges[^1]))
                edges.Add(edge);
        }

        if (edges.Count == list.Count && edges.Count is > 0 and <= Largest)
            return edges;
        if (list.Count > 0 || edges.Count == 0)
            parameters.Add(key, $"1 to {Largest} increasing numbers", $"{list.Count} entries, {list.Count - edges.Count} of them not in order or not numbers", "order the numbers");
        return null;
    }

    private static List<decimal>? Steps(ParameterReader grid)
    {
        var from = grid.Number("from", "the first grid time", required: true);
        var to = grid.Number("to", "the last grid time", required: true);
        var step = grid.Number("step", "the distance of grid times", required: true);
        if (from is null || to is null || step is null)
            return null;
        if (step <= 0 || to < from || to - from >= step * Largest || from + step == from)
        {
            grid.Add("step", $"a positive step, 'to' not before 'from', at most {Largest} grid times", $"from {from} to {to} step {step}", "choose a coarser step");
            return null;
        }

        var count = (int)((to.Value - from.Value) / step.Value) + 1;
        return [.. Enumerable.Range(0, count).Select(i => from.Value + (i * step.Value))];
    }
}
