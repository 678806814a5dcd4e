using Consilience.Analyses.Models;
using Consilience.Analyses.Sums;
using Consilience.DifferentialPrivacy.Mechanisms;

namespace Consilience.Analyses.Cox;

/// <summary>
/// One Newton step with one baseline hazard for all sites: for each interval of a public grid, and for everybody who exits beyond it, what the persons who exit in it bring to risk sets — how many they are and with the event, Σx over those with the event,
/// Σ e^η, Σ e^η·x and Σ e^η·xx′ over all of them and, for Efron's ties, over those with the event; and the same at coefficients 0. Risk sets are running sums of these from the end, known only added up over sites. η is shifted by the largest that there can be.
/// </summary>
/// <param name="matrix">Without an intercept. Reads the covariates, then time and event.</param>
/// <param name="time">Position of the time, a whole number, among the variables read.</param>
/// <param name="occurred">Position of the event.</param>
/// <param name="edges">Of the grid.</param>
/// <param name="isEfron">Efron's handling of ties; Breslow's otherwise.</param>
/// <param name="at">Scaled coefficients.</param>
/// <param name="canonical">The sums in canonical form.</param>
internal sealed class PooledCoxSums(ModelMatrix matrix, int time, int occurred, IReadOnlyList<decimal> edges, bool isEfron, IReadOnlyList<double> at, string canonical) : SiteSums
{
    /// <summary>Exits and events.</summary>
    private const int Counts = 2;

    /// <summary>A risk set with less weight has lost digits to the unit of sums: coefficients this large are no estimate.</summary>
    private const double LeastWeight = 1.0 / (1 << 24);

    /// <summary>The largest whole number in each interval: exits are whole, so these are where intervals end.</summary>
    private readonly long[] ends = [.. edges.Select(e => (long)Math.Floor(e))];

    /// <summary>Exits, events, and Σx over those with the event.</summary>
    private int Heads => Counts + (2 * matrix.Count);

    /// <summary>Counters of Σ e^η, Σ e^η·x and the lower triangle of Σ e^η·xx′: real sums have two each.</summary>
    private int OfRisk => 2 * (1 + matrix.Count + (matrix.Count * (matrix.Count + 1) / 2));

    /// <summary>Within an interval: who exits, at the coefficients asked at and at 0, and of them, where ties are Efron's, who has the event.</summary>
    private (int At, int Nothing, int Dying, int DyingOfNothing) Risks => (Heads, Heads + OfRisk, Heads + (2 * OfRisk), Heads + (3 * OfRisk));

    private int Stride => Heads + (OfRisk * (isEfron ? 4 : 2));

    internal long Length => (edges.Count + 1L) * Stride;

    public override int VectorLength => (int)Length;

    /// <summary>One person is in every risk set until their exit.</summary>
    public override ContributionBound Bound => throw new NotSupportedException("sums of a fit have no bound for noise");

    public override long LargestCounter => FixedPoint.Largest;

    public override string Canonical => canonical;

    private double Shift => at.Sum(Math.Abs);

    public override void Encode(IRows rows, Span<long> vector)
    {
        var cells = new long[vector.Length];
        rows.Read(matrix.Variables, () =>
        {
            Array.Clear(cells);
            var (sums, row) = (new FixedPoint(cells), new double[matrix.Count]);
            return values =>
            {
                matrix.Fill(values, row);
                Add(cells, sums, row, (long)values[time], values[occurred] > 0);
            };
        });
        cells.CopyTo(vector);
    }

    private void Add(long[] cells, FixedPoint sums, double[] row, long exit, bool isEvent)
    {
        var interval = IntervalOf(exit);
        var first = interval * Stride;
        isEvent &= interval < edges.Count;
        cells[first]++;
        cells[first + 1] += isEvent ? 1 : 0;
        if (isEvent)
        {
            for (var c = 0; c < row.Length; c++)
                sums.AddFine(first + Counts + (2 * c), row[c]);
        }

        double eta = -Shift;
        for (var c = 0; c < row.Length; c++)
            eta += at[c] * row[c];
        AddRisk(sums, first + Risks.At, row, Math.Exp(eta));
        AddRisk(sums, first + Risks.Nothing, row, 1);
        if (isEvent && isEfron)
        {
            AddRisk(sums, first + Risks.Dying, row, Math.Exp(eta));
            AddRisk(sums, first + Risks.DyingOfNothing, row, 1);
        }
    }

    /// <summary>The first interval that ends at an exit or later.</summary>
    private int IntervalOf(long exit)
    {
        int low = 0, high = ends.Length;
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = ends[middle] < exit ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private static void AddRisk(FixedPoint sums, int cell, double[] row, double weight)
    {
        sums.AddFine(cell, weight);
        var pair = cell + 2 + (2 * row.Length);
        for (var c = 0; c < row.Length; c++)
        {
            sums.AddFine(cell + 2 + (2 * c), weight * row[c]);
            for (var d = 0; d <= c; d++, pair += 2)
                sums.AddFine(pair, weight * row[c] * row[d]);
        }
    }

    /// <summary>The step; without likelihood where the sums cannot tell it.</summary>
    /// <param name="total">As opened.</param>
    /// <param name="transform">Of time, for the test of proportional hazards; null without it.</param>
    /// <param name="isSmall">Whether rules hide a count.</param>
    internal CoxTotals Read(ReadOnlySpan<long> total, TimeTransform? transform, Func<long, bool> isSmall)
    {
        var intervals = edges.Count;
        var (exits, events) = (new long[intervals + 1], new long[intervals + 1]);
        for (var j = 0; j <= intervals; j++)
            (exits[j], events[j]) = (total[j * Stride], total[(j * Stride) + 1]);
        var g = transform?.Of(edges, exits, events);
        var totals = new CoxTotals(matrix.Count) { Persons = exits.Sum(), Events = events.Sum(), Timed = g is null ? null : TimedScore.Of(matrix.Count), IsHidden = events.Any(isSmall) };
        var (all, ofNothing, rises) = (new RiskSums(matrix.Count), new RiskSums(matrix.Count), new double[intervals + 1]);
        for (var j = intervals; j >= 0; j--)
        {
            var here = total.Slice(j * Stride, Stride);
            all.Add(Risk(here[Risks.At..]));
            ofNothing.Add(Risk(here[Risks.Nothing..]));
            if (events[j] == 0)
                continue;
            var of = new double[matrix.Count];
            for (var c = 0; c < of.Length; c++)
                of[c] = FixedPoint.Fine(here, Counts + (2 * c));
            totals.LogLikelihood += of.Zip(at, (x, a) => x * a).Sum() - (events[j] * Shift) + (all.Weight < LeastWeight ? double.NaN : 0);
            var (dying, dyingOfNothing) = isEfron ? (Risk(here[Risks.Dying..]), Risk(here[Risks.DyingOfNothing..])) : (null, null);
            rises[j] = totals.Add(of, new(all, dying), new(ofNothing, dyingOfNothing), events[j], g?[j] ?? 0);
        }

        // Sums are of e^(η − shift), η that of scaled columns: the factor makes it the hazard of somebody whose covariates are 0 or at their reference.
        var (factor, hazard) = (Math.Exp(matrix.AtZero().Zip(at, (x, a) => x * a).Sum() - Shift), 0.0);
        totals.Baseline = [.. Enumerable.Range(0, intervals).Where(j => events[j] > 0).Select(j => (edges[j], factor * (hazard += rises[j])))];
        return totals;
    }

    private RiskSums Risk(ReadOnlySpan<long> opened)
    {
        var (sums, pair) = (new RiskSums(matrix.Count) { Weight = FixedPoint.Fine(opened, 0) }, 2 + (2 * matrix.Count));
        for (var c = 0; c < matrix.Count; c++)
        {
            sums.First[c] = FixedPoint.Fine(opened, 2 + (2 * c));
            for (var d = 0; d <= c; d++, pair += 2)
                sums.Second[c, d] = FixedPoint.Fine(opened, pair);
        }

        return sums;
    }
}
