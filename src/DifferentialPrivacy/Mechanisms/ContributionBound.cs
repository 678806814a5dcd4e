namespace Consilience.DifferentialPrivacy.Mechanisms;

/// <summary>
/// What one person can change in a vector of counters: at most <see cref="Cells"/> of them (l0), each by at most <see cref="PerCell"/> (l∞), by at most <see cref="Total"/> in
/// all (l1), and by at most <see cref="Squares"/> in sum of squares (l2 squared). Exact whole numbers, proved from a method's layout; numbers that contradict each other are
/// refused, because a sensitivity that is too small is noise that is too small.
/// </summary>
public sealed record ContributionBound
{
    /// <exception cref="ArgumentOutOfRangeException">A bound is below 1, or below what the others already allow.</exception>
    public ContributionBound(long cells, long perCell, long total, long squares)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(cells, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(perCell, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(total, perCell);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(total, (Int128)cells * perCell, nameof(total));
        // One cell may change by all of l∞, and no vector has l2² above l1·l∞.
        ArgumentOutOfRangeException.ThrowIfLessThan(squares, (Int128)perCell * perCell, nameof(squares));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(squares, (Int128)total * perCell, nameof(squares));
        (Cells, PerCell, Total, Squares) = (cells, perCell, total, squares);
    }

    /// <summary>One person, one cell, by one: every table of persons.</summary>
    public static ContributionBound OneCell { get; } = new(1, 1, 1, 1);

    public long Cells { get; }

    public long PerCell { get; }

    public long Total { get; }

    public long Squares { get; }

    /// <summary>The bound of somebody who may be counted <paramref name="times"/> times, possibly in the same cells each time.</summary>
    /// <exception cref="OverflowException">It does not fit 64 bits.</exception>
    public ContributionBound Times(int times) => times == 1 ? this : new(checked(Cells * times), checked(PerCell * times), checked(Total * times), checked(Squares * times * times));
}
