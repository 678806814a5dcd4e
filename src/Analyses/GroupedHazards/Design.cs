namespace Consilience.Analyses.GroupedHazards;

/// <summary>Main effects of factors: for each group of a grouping a row of 0 and 1, one column for every bin of every covariate but its reference.</summary>
internal sealed class Design
{
    internal Design(Grouping by, IReadOnlyList<int> references)
    {
        var terms = new List<string>();
        var columns = new List<(int Axis, int Bin)>();
        for (var axis = 0; axis < by.Axes.Count; axis++)
        {
            for (var bin = 0; bin < by.Axes[axis].Length; bin++)
            {
                if (bin == references[axis])
                    continue;
                columns.Add((axis, bin));
                terms.Add($"{by.Axes[axis].Variable} {Grouping.Label(by.Axes[axis], bin)}");
            }
        }

        Terms = terms;
        Rows = new double[by.Count][];
        for (var group = 0; group < Rows.Length; group++)
        {
            var bins = by.BinsOf(group);
            Rows[group] = [.. columns.Select(c => bins[c.Axis] == c.Bin ? 1.0 : 0)];
        }
    }

    /// <summary>Name of each column: the variable and its code or interval.</summary>
    internal IReadOnlyList<string> Terms { get; }

    internal double[][] Rows { get; }
}
