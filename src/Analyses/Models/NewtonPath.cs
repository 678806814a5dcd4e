namespace Consilience.Analyses.Models;

/// <summary>
/// Where a fit that is asked in rounds goes next, from what each round answered: Newton's steps, halved where the likelihood fell, as R's fits do. Reads the tables <c>fit</c> and <c>iteration</c>,
/// so that everything it goes by has been verified and is in a receipt.
/// </summary>
public sealed class NewtonPath
{
    /// <summary>Scaled coefficients beyond this, e³⁰ between the ends of a variable, are no estimate but the sign that none exists.</summary>
    public const double Largest = 30;

    private const int MostRounds = 60;

    /// <summary>Longer steps start from too far away for their direction to hold that long.</summary>
    private const double LongestStep = 4;

    /// <summary>A likelihood that gains no more than this share, R's rule, while steps stay longer than <see cref="Short"/>, has no maximum: a covariate separates the outcomes.</summary>
    private const double LeastGain = 1e-8;
    private const double Short = 0.1;
    private const int MostHalvings = 12;

    private double[]? best;
    private double[] step = [];
    private double beyondAtBest;
    private int rounds;
    private int halvings;

    /// <summary>Of the best coefficients so far.</summary>
    public double LogLikelihood { get; private set; } = double.NegativeInfinity;

    /// <summary>Of the step that is tried from them.</summary>
    public double LargestStep => step.Length == 0 ? 0 : step.Max(Math.Abs);

    /// <summary>Coefficients of the next round; null where <paramref name="result"/> is the answer: the fit has converged, or has none.</summary>
    public IReadOnlyList<double>? Next(IReadOnlyList<ResultTable> result)
    {
        ArgumentNullException.ThrowIfNull(result);
        var (fit, iteration) = (result.FirstOrDefault(t => t.Name == "fit"), result.FirstOrDefault(t => t.Name == "iteration"));
        if (fit is null || iteration is null || Cell(fit, 0, "converged").Text == "yes" || ++rounds > MostRounds)
            return null;
        var at = Numbers(iteration, "at");
        var steps = Numbers(iteration, "step");
        var reached = Cell(fit, 0, "logLik").Number ?? double.NegativeInfinity;
        if (steps is null || at is null)
            return best is null ? null : Half();
        if (best is not null && (reached < LogLikelihood - (1e-10 * Math.Abs(LogLikelihood)) || Cell(fit, 0, "beyond").Number > beyondAtBest))
            return Half();
        var longest = steps.Max(Math.Abs);
        if (best is not null && longest > Short && reached - LogLikelihood < LeastGain * (Math.Abs(reached) + 0.1))
            return null;
        halvings = 0;
        (best, LogLikelihood, beyondAtBest) = (at, reached, Cell(fit, 0, "beyond").Number ?? 0);
        step = longest > LongestStep ? [.. steps.Select(s => s * LongestStep / longest)] : steps;
        return Ahead();
    }

    /// <summary>The coefficients a fit that has converged ends with, its last step taken; null where it has not.</summary>
    public static IReadOnlyList<double>? End(IReadOnlyList<ResultTable> result)
    {
        ArgumentNullException.ThrowIfNull(result);
        var (fit, iteration) = (result.FirstOrDefault(t => t.Name == "fit"), result.FirstOrDefault(t => t.Name == "iteration"));
        return fit is not null && iteration is not null && Cell(fit, 0, "converged").Text == "yes" && Numbers(iteration, "at") is { } at && Numbers(iteration, "step") is { } step
            ? [.. at.Zip(step, (a, s) => a + s)] : null;
    }

    private double[]? Half()
    {
        step = [.. step.Select(s => s / 2)];
        return ++halvings <= MostHalvings ? Ahead() : null;
    }

    private double[]? Ahead()
    {
        double[] next = [.. best!.Zip(step, (b, s) => b + s)];
        return next.All(n => Math.Abs(n) <= Largest) && step.Any(s => s != 0) ? next : null;
    }

    private static double[]? Numbers(ResultTable table, string column)
    {
        var cells = table.Rows.Select((_, row) => Cell(table, row, column).Number).ToList();
        return cells.Count == 0 || cells.Contains(null) ? null : [.. cells.Select(c => c!.Value)];
    }

    private static ResultCell Cell(ResultTable table, int row, string column)
    {
        var index = table.Columns.ToList().IndexOf(column);
        return index < 0 || row >= table.Rows.Count ? ResultCell.Undefined : table.Rows[row].Cells[index];
    }
}
