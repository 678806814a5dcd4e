using Consilience.Analyses.Models;
using Consilience.Analyses.Sums;
using Consilience.DifferentialPrivacy.Mechanisms;
using MathNet.Numerics;

namespace Consilience.Analyses.Glm;

/// <summary>
/// One Newton step of negative binomial regression, coefficients and log θ together: score and observed information of both, the expected information of the coefficients, from which their standard errors are, and what
/// deviance and likelihood need.
/// </summary>
internal sealed class NegativeBinomialSums(ModelMatrix matrix, Outcome outcome, IReadOnlyList<double> at, string canonical) : SiteSums
{
    /// <summary>Cells before the score, in this order; see <see cref="NegativeBinomialTotals"/>.</summary>
    internal const int Heads = 8;

    private readonly double theta = Math.Exp(at[^1]);

    public override int VectorLength => LengthOf(matrix.Count);

    /// <summary>What one person can change is not bounded closely enough to hide it: methods that read these sums refuse noised precision.</summary>
    public override ContributionBound Bound => throw new NotSupportedException("sums of a fit have no bound for noise");

    public override long LargestCounter => FixedPoint.Largest;

    public override string Canonical => canonical;

    internal static int LengthOf(int columns) => Heads + columns + 1 + Triangle(columns + 1) + Triangle(columns);

    internal static int Triangle(int columns) => columns * (columns + 1) / 2;

    public override void Encode(IRows rows, Span<long> vector)
    {
        var (cells, runs) = (new long[vector.Length], Runs.Of(theta, outcome.Largest));
        rows.Read(matrix.Variables, () =>
        {
            Array.Clear(cells);
            var (sums, row) = (new FixedPoint(cells), new double[matrix.Count]);
            return values => Add(values, cells, sums, row, runs);
        });
        cells.CopyTo(vector);
    }

    private void Add(ReadOnlySpan<double> values, long[] cells, FixedPoint sums, double[] row, Runs runs)
    {
        var (y, exposure) = (outcome.Of(values), outcome.ExposureOf(values));
        if (exposure <= 0)
        {
            cells[1]++;
            return;
        }

        matrix.Fill(values, row);
        double eta = Math.Log(exposure);
        for (var c = 0; c < row.Length; c++)
            eta += at[c] * row[c];
        var mean = Math.Exp(eta);
        var (spread, run) = (mean + theta, runs.UpTo((int)y));
        cells[0]++;
        sums.Add(2, y);
        sums.Add(3, (y == 0 ? 0 : y * Math.Log(y)) - ((y + theta) * SpecialFunctions.Log1p(y / theta)));
        sums.Add(4, run.Logarithms - SpecialFunctions.GammaLn(y + 1));
        sums.Add(5, (y * eta) - ((y + theta) * SpecialFunctions.Log1p(mean / theta)));
        sums.AddWide(6, y == mean ? 0 : (y - mean) * (y - mean) / (mean * spread / theta));

        // By θ, and from there by log θ.
        var slope = run.Inverses - SpecialFunctions.Log1p(mean / theta) + ((mean - y) / spread);
        var curvature = run.Squares - (1 / theta) + (2 / spread) - ((y + theta) / (spread * spread));
        AddDerivatives(
            sums, row, theta * (y - mean) / spread, theta * slope, (y + theta) * mean * theta / (spread * spread), -theta * (y - mean) * mean / (spread * spread),
            (theta * theta * curvature) - (theta * slope), mean * theta / spread);
        if (sums.EndRow())
            cells[1]++;
    }

    private static void AddDerivatives(FixedPoint sums, double[] row, double scoreOfEta, double scoreOfTheta, double ofEta, double ofBoth, double ofTheta, double expected)
    {
        var cell = Heads + row.Length + 1;
        var further = cell + Triangle(row.Length + 1);
        for (var c = 0; c < row.Length; c++)
        {
            sums.Add(Heads + c, scoreOfEta * row[c]);
            for (var d = 0; d <= c; d++)
            {
                sums.Add(cell++, ofEta * row[c] * row[d]);
                sums.Add(further++, expected * row[c] * row[d]);
            }
        }

        sums.Add(Heads + row.Length, scoreOfTheta);
        foreach (var x in row)
            sums.Add(cell++, ofBoth * x);
        sums.Add(cell, ofTheta);
    }

    /// <summary>Σ log(1 + j/θ), Σ 1/(θ + j) and Σ 1/(θ + j)² over j below a count: differences of log Γ, digamma and trigamma between θ and θ + y, without what cancels in them.</summary>
    private sealed class Runs
    {
        private readonly List<(double Logarithms, double Inverses, double Squares)> upTo = [(0, 0, 0)];

        internal static Runs Of(double theta, int largest)
        {
            var runs = new Runs();
            for (var j = 0; j < largest; j++)
            {
                var (last, inverse) = (runs.upTo[j], 1 / (theta + j));
                runs.upTo.Add((last.Logarithms + SpecialFunctions.Log1p(j / theta), last.Inverses + inverse, last.Squares + (inverse * inverse)));
            }

            return runs;
        }

        internal (double Logarithms, double Inverses, double Squares) UpTo(int count) => upTo[count];
    }
}
