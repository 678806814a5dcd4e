namespace Consilience.DifferentialPrivacy.Accounting;

/// <summary>
/// The privacy loss of one or more answers, never better than the mechanisms' own. <b>Guarantee:</b> every δ and ε read from it is at least the true one:
/// <list type="number">
/// <item>One answer's loss is a distribution on a grid of step h whose δ is nowhere below the mechanism's.</item>
/// <item>Several answers' losses are added up when something is read from them, under weights e^(λ·loss) that centre the sum on where it is read: what is lost to a window's ends and to
/// rounding is then a small part of δ itself, however small δ is.</item>
/// <item>What is lost is bounded and added.</item>
/// </list>
/// For previews, fixed plans and training; it is no filter for questions chosen as one goes. Argument and attacks: <c>docs/guarantees/accountants.md</c>.
/// </summary>
public sealed class PrivacyLoss
{
    /// <summary>Answers of one kind beyond which the bounds of rounding are not proved.</summary>
    private const int MostAnswers = 1 << 24;

    private readonly IReadOnlyList<(LossGrid Loss, int Count)> parts;
    private LossSum? latest;

    private PrivacyLoss(IReadOnlyList<(LossGrid Loss, int Count)> parts) => this.parts = parts;

    /// <summary>h.</summary>
    public double Step => parts[0].Loss.Step;

    /// <param name="delta">A mechanism's δ at any ε, never too small.</param>
    /// <param name="least">Loss below this is moved up to it.</param>
    /// <param name="most">Loss above this counts as infinite.</param>
    /// <param name="step">h; 10⁻⁴ unless speed matters more.</param>
    public static PrivacyLoss Of(Func<double, double> delta, double least, double most, double step = 1e-4) => new([(LossGrid.Of(delta, least, most, step), 1)]);

    /// <summary>The loss of independent answers of both.</summary>
    public PrivacyLoss And(PrivacyLoss other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (Step != other.Step)
            throw new ArgumentException("privacy losses: on different grids; make both with one step", nameof(other));
        return new PrivacyLoss([.. parts, .. other.parts]);
    }

    /// <summary>The loss of this many independent answers of one kind.</summary>
    public PrivacyLoss Times(int count)
    {
        if (count < 1 || parts.Any(p => (long)p.Count * count > MostAnswers))
            throw new ArgumentOutOfRangeException(nameof(count), count, $"expected 1 to {MostAnswers} answers");
        return new PrivacyLoss([.. parts.Select(p => (p.Loss, p.Count * count))]);
    }

    /// <summary>δ at this ε.</summary>
    public double Delta(double epsilon)
    {
        Checked.Number(epsilon);
        return Weighted(ExponentAt(epsilon), epsilon).Delta(epsilon);
    }

    /// <summary>The least ε at this δ; infinite when none is.</summary>
    public double Epsilon(double delta)
    {
        var finite = Checked.Number(delta) - LossSum.InfiniteOf(parts);
        if (finite <= 0)
            return double.PositiveInfinity;
        // Chernoff's bound leads to an ε that is not below the one sought, and its weights to one nearer by, until they are those of the ε they lead to. Each is true.
        var exponent = Enumerable.Range(1, LossGrid.Exponents.Length - 1).MinBy(j => (LossSum.LogMomentOf(parts, j) - Math.Log(finite)) / LossGrid.Exponents[j]);
        while (true)
        {
            var epsilon = Weighted(exponent, double.PositiveInfinity).Epsilon(delta);
            var nearer = ExponentAt(epsilon);
            if (nearer >= exponent || parts is [(_, 1)])
                return epsilon;
            exponent = nearer;
        }
    }

    /// <summary>The weights that make Chernoff's bound P(S ≥ ε) ≤ e^(ln E e^(λS) − λε) the least.</summary>
    private int ExponentAt(double epsilon) => Enumerable.Range(0, LossGrid.Exponents.Length).MinBy(j => LossSum.LogMomentOf(parts, j) - (LossGrid.Exponents[j] * epsilon));

    /// <summary>The sum under these weights, on a window that reaches down to <paramref name="least"/>; the latest is kept, because one is often read at several places.</summary>
    private LossSum Weighted(int exponent, double least)
    {
        if (latest is null || latest.Exponent != exponent || !latest.ReachesDownTo(least))
            latest = parts is [(_, 1)] ? LossSum.OfOne(parts[0].Loss) : LossSum.Of(parts, exponent, least);
        return latest;
    }
}
