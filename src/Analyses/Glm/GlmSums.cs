using Consilience.Analyses.Models;
using Consilience.Analyses.Sums;
using Consilience.DifferentialPrivacy.Mechanisms;
using MathNet.Numerics;

namespace Consilience.Analyses.Glm;

/// <summary>What the outcome is: where it is read, how it is scaled, and what it is counted over.</summary>
/// <param name="Variable">Position among the variables read.</param>
/// <param name="Event">The code that counts as 1; null for numbers.</param>
/// <param name="Centre">Of a Gaussian outcome; 0 otherwise.</param>
/// <param name="Half">What a Gaussian outcome is divided by; 1 otherwise.</param>
/// <param name="Exposure">Position of what counts are over; null for 1.</param>
/// <param name="Per">The exposure that rates are for.</param>
internal sealed record Outcome(int Variable, int? Event, double Centre, double Half, int? Exposure, double Per)
{
    /// <summary>Of a count; 1 of an event.</summary>
    internal int Largest { get; init; } = 1;

    internal double Of(ReadOnlySpan<double> values) => Event is { } code ? (values[Variable] == code ? 1 : 0) : (values[Variable] - Centre) / Half;

    internal double ExposureOf(ReadOnlySpan<double> values) => Exposure is { } e ? values[e] / Per : 1;
}

/// <summary>
/// One Newton step of a generalised linear model with canonical link at given coefficients: score, information and what the deviance needs, over the persons of whom everything is known. Iteration happens
/// at the recipient.
/// </summary>
internal sealed class GlmSums(Family family, ModelMatrix matrix, Outcome outcome, IReadOnlyList<double> at, string canonical) : SiteSums
{
    /// <summary>Cells before the score, in this order; see <see cref="GlmTotals"/>.</summary>
    internal const int Heads = 9;

    public override int VectorLength => LengthOf(matrix.Count);

    /// <summary>What one person can change is not bounded closely enough to hide it: methods that read these sums refuse noised precision.</summary>
    public override ContributionBound Bound => throw new NotSupportedException("sums of a fit have no bound for noise");

    public override long LargestCounter => FixedPoint.Largest;

    public override int Equations => matrix.Count + 1;

    public override string Canonical => canonical;

    internal static int LengthOf(int columns) => Heads + columns + (columns * (columns + 1) / 2);

    public override void Encode(IRows rows, Span<long> vector)
    {
        var cells = new long[vector.Length];
        rows.Read(matrix.Variables, () =>
        {
            Array.Clear(cells);
            var (sums, row) = (new FixedPoint(cells), new double[matrix.Count]);
            return values => Add(values, cells, sums, row);
        });
        cells.CopyTo(vector);
    }

    private void Add(ReadOnlySpan<double> values, long[] cells, FixedPoint sums, double[] row)
    {
        var (y, exposure) = (outcome.Of(values), outcome.ExposureOf(values));
        if (exposure <= 0)
        {
            cells[1]++;
            return;
        }

        matrix.Fill(values, row);
        double eta = 0;
        for (var c = 0; c < row.Length; c++)
            eta += at[c] * row[c];
        var (mean, weight, fit) = Likelihood(y, eta, exposure);
        cells[0]++;
        sums.Add(2, y);
        sums.Add(3, exposure);
        sums.Add(4, family switch { Family.Poisson => y == 0 ? 0 : y * Math.Log(y / exposure), Family.Gaussian => y * y, _ => 0 });
        sums.Add(5, family == Family.Poisson ? (y * Math.Log(exposure)) - SpecialFunctions.GammaLn(y + 1) : 0);
        sums.Add(6, fit);
        // Where a mean is at its end, the weight is nothing too.
        sums.AddWide(7, y == mean ? 0 : (y - mean) * (y - mean) / weight);
        var cell = Heads + row.Length;
        for (var c = 0; c < row.Length; c++)
        {
            sums.Add(Heads + c, (y - mean) * row[c]);
            for (var d = 0; d <= c; d++)
                sums.Add(cell++, weight * row[c] * row[d]);
        }

        if (sums.EndRow())
            cells[1]++;
    }

    /// <summary>Mean, weight of the information, and share of the log-likelihood as far as coefficients enter it; of a Gaussian outcome the squared residual.</summary>
    private (double Mean, double Weight, double Fit) Likelihood(double y, double eta, double exposure)
    {
        switch (family)
        {
            case Family.Binomial:
                var p = 1 / (1 + Math.Exp(-eta));
                return (p, p * (1 - p), (y > 0 ? Math.Min(eta, 0) : -Math.Max(eta, 0)) - Math.Log(1 + Math.Exp(-Math.Abs(eta))));
            case Family.Poisson:
                var mean = exposure * Math.Exp(eta);
                return (mean, mean, (y * eta) - mean);
            default:
                return (eta, 1, (y - eta) * (y - eta));
        }
    }
}
