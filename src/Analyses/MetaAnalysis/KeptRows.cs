namespace Consilience.Analyses.MetaAnalysis;

/// <summary>Rows read once and kept, for fits that go over them again and again.</summary>
internal sealed class KeptRows : IRows
{
    private readonly IReadOnlyList<string> variables;
    private List<double[]> kept = [];

    private KeptRows(IReadOnlyList<string> variables) => this.variables = variables;

    internal int Count => kept.Count;

    internal static KeptRows Of(IRows rows, IReadOnlyList<string> variables)
    {
        var all = new KeptRows(variables);
        rows.Read(variables, () =>
        {
            var kept = all.kept = [];
            return values => kept.Add(values.ToArray());
        });
        return all;
    }

    public void Tabulate(IReadOnlyList<Axis> axes, Span<long> cells) => throw new NotSupportedException("kept rows are read, not tabulated");

    public void Read(IReadOnlyList<string> variables, Func<RowReader> begin)
    {
        if (!variables.SequenceEqual(this.variables))
            throw new ArgumentException("other variables than were kept", nameof(variables));
        var take = begin();
        foreach (var row in kept)
            take(row);
    }
}
