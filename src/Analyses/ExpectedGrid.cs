namespace Consilience.Analyses;

/// <summary>
/// A grid for noised curves, from how many persons are expected and the ε that is paid, both public: about persons·ε/80 intervals, so that noise stays below half of chance, with edges on the landmarks to be reported. All parties compute the same
/// from the same request; nothing of it depends on data. Measured on Wilms tumour relapse, 40 to 4,028 children: <c>docs/methods/kaplan-meier.md</c>.
/// </summary>
internal static class ExpectedGrid
{
    private const decimal PersonsOfInterval = 80;

    /// <summary>Persons times ε below which noise is larger than chance on any curve.</summary>
    private const decimal Fewest = 100;

    /// <summary>Finer grids show nothing more.</summary>
    private const int MostIntervals = 1000;

    private const decimal Narrowest = 0.01m;

    /// <summary>Reads <c>{persons, landmarks, to, epsilon}</c>; null with faults added where these make no grid.</summary>
    internal static IReadOnlyList<decimal>? Read(ParameterReader grid)
    {
        var persons = grid.Number("persons", "how many persons are expected, in the smallest group", required: true);
        var epsilon = grid.Number("epsilon", "the ε that the answer is asked at, above 0", required: false) ?? 1;
        var landmarks = Grid.ReadEdges(grid, "landmarks");
        var to = grid.Number("to", "the end of the grid", required: false);
        if (epsilon is <= 0 or > 100)
            grid.Add("epsilon", "above 0 and at most 100", $"{epsilon}", "write the ε that the answer is asked at");
        if (landmarks is null || persons is null || epsilon is <= 0 or > 100)
            return null;
        if (landmarks[0] <= 0 || to < landmarks[^1])
        {
            grid.Add("landmarks", "times after 0, none after 'to'", $"{landmarks[0]} to {landmarks[^1]}", "choose others");
            return null;
        }

        if (persons * epsilon < Fewest)
        {
            grid.Add("persons", $"at least {Math.Ceiling(Fewest / epsilon)} persons for a curve at ε = {epsilon}", $"{persons}",
                "noise would be larger than chance: ask count of the event by the time with edges at the landmarks, or 'edges' at one or two landmarks alone");
            return null;
        }

        decimal[] ends = to > landmarks[^1] ? [.. landmarks, to.Value] : [.. landmarks];
        var intervals = (int)Math.Min(MostIntervals, persons.Value * epsilon / PersonsOfInterval);
        if (ends.Length <= intervals)
            return Edges(ends, intervals);
        grid.Add("landmarks", $"at most {intervals} of them, 'to' included, for {persons} persons at ε = {epsilon}", $"{ends.Length}", "keep the most important");
        return null;
    }

    /// <summary>One interval up to each end, and each further one where intervals are widest.</summary>
    private static List<decimal> Edges(decimal[] ends, int intervals)
    {
        decimal[] widths = [.. ends.Select((e, i) => e - (i == 0 ? 0 : ends[i - 1]))];
        var parts = widths.Select(_ => 1).ToArray();
        for (var left = intervals - ends.Length; left > 0; left--)
        {
            var widest = Enumerable.Range(0, ends.Length).MaxBy(i => widths[i] / parts[i]);
            if (widths[widest] / (parts[widest] + 1) < Narrowest)
                break;
            parts[widest]++;
        }

        var edges = new List<decimal>();
        for (var i = 0; i < ends.Length; i++)
        {
            for (var part = 1; part < parts[i]; part++)
                edges.Add(decimal.Round(ends[i] - widths[i] + (widths[i] * part / parts[i]), 3));
            edges.Add(ends[i]);
        }

        return edges;
    }
}
