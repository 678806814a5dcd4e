namespace Consilience.Analyses;

/// <summary>One axis of a table of persons: a public, data-independent list of bins.</summary>
public abstract record Axis(string Variable)
{
    /// <summary>Number of bins; every person whose value is missing or fits none is left out of the table.</summary>
    public abstract int Length { get; }
}

/// <summary>A bin for each code, in this order. Booleans use the codes <c>false</c> and <c>true</c>.</summary>
public sealed record CodeAxis(string Variable, IReadOnlyList<string> Codes) : Axis(Variable)
{
    public override int Length => Codes.Count;

    internal int IndexOf(string code) => Codes.ToList().IndexOf(code);
}

/// <summary>
/// Bins of a numeric variable between increasing edges e₀ &lt; … &lt; e₍J₋₁₎: bin 0 is (−∞, e₀], bin j is (e₍j₋₁₎, e_j], and bin J is (e₍J₋₁₎, ∞).
/// Comparison happens on the exact decimal or integer value, never on a rounded double.
/// </summary>
public sealed record EdgeAxis(string Variable, IReadOnlyList<decimal> Edges) : Axis(Variable)
{
    public override int Length => Edges.Count + 1;
}

/// <summary>
/// Asks rows for the number of persons in each cell of the given axes. The answer is dense, in row-major order (last axis fastest), and holds
/// every cell, empty ones too. One person falls in at most one cell.
/// </summary>
public interface ITabulator
{
    /// <summary>Adds the number of persons in each cell to <paramref name="cells"/>, whose length is the product of the axes' lengths.</summary>
    void Tabulate(IReadOnlyList<Axis> axes, Span<long> cells);
}
