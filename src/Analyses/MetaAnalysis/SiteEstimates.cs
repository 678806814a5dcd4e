using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Models;
using Consilience.Analyses.Sums;
using Consilience.DifferentialPrivacy.Mechanisms;
using MathNet.Numerics.LinearAlgebra;

namespace Consilience.Analyses.MetaAnalysis;

/// <summary>
/// What a site's own fit adds to summaries of fits. Each sum takes two counters. First the inverse P of its covariance, lower triangle, and P·θ; then for each coefficient with w = 1/v: w, wθ, wθ², w², and with
/// w* = 1/(v + τ²), w* and w*θ. A site whose fit has no estimates adds nothing but itself to those without.
/// </summary>
/// <param name="slopes">Which coefficients.</param>
/// <param name="between">τ of each, of scaled columns.</param>
/// <param name="canonical">The sums in canonical form.</param>
internal sealed class SiteEstimates(Slopes slopes, IReadOnlyList<double> between, string canonical) : SiteSums
{
    /// <summary>Sites with estimates, sites without, and persons at the former.</summary>
    internal const int Heads = 3;

    /// <summary>Sums of one coefficient.</summary>
    internal const int OfSlope = 6;

    /// <summary>Where the sums of coefficients begin.</summary>
    internal int FirstSlope => Heads + (2 * (Triangle + slopes.Columns));

    public override int VectorLength => FirstSlope + (2 * OfSlope * slopes.Count);

    /// <summary>One person can change a site's estimate to any extent: methods that read these sums refuse noised precision.</summary>
    public override ContributionBound Bound => throw new NotSupportedException("a site's estimate has no bound for noise");

    public override long LargestCounter => FixedPoint.Largest;

    public override string Canonical => canonical;

    private int Triangle => slopes.Columns * (slopes.Columns + 1) / 2;

    public override void Encode(IRows rows, Span<long> vector)
    {
        var kept = KeptRows.Of(rows, slopes.Model.Matrix.Variables);
        var cells = new long[vector.Length];
        if (Fit(kept) is not { } fit || !Add(fit.Coefficients, fit.Covariance, new FixedPoint(cells)))
        {
            vector[1] = 1;
            return;
        }

        (cells[0], cells[2]) = (1, kept.Count);
        cells.CopyTo(vector);
    }

    /// <summary>The rounds of a fit, with nobody else's rows in them.</summary>
    private (Vector<double> Coefficients, Matrix<double> Covariance)? Fit(KeptRows rows)
    {
        var (plan, path) = (slopes.Model, new NewtonPath());
        while (rows.Count > 0)
        {
            var total = new long[plan.Sums.VectorLength];
            plan.Sums.Encode(rows, total);
            if (path.Next(plan.Finish(total, NoiseModel.None, DisclosureRules.None).Tables) is not { } at)
                return plan.Reached(total);
            plan = plan.At(at);
        }

        return null;
    }

    /// <returns>Whether every sum is within its range.</returns>
    private bool Add(Vector<double> estimates, Matrix<double> covariance, FixedPoint sums)
    {
        var precision = covariance.Inverse();
        var weighted = precision * estimates;
        var cell = Heads;
        void Next(double share)
        {
            sums.AddWide(cell, share, FixedPoint.MostOfSite);
            cell += 2;
        }

        for (var c = 0; c < slopes.Columns; c++)
        {
            for (var d = 0; d <= c; d++)
                Next(precision[c, d]);
        }

        foreach (var share in weighted)
            Next(share);
        for (var s = 0; s < slopes.Count; s++)
        {
            var (estimate, variance) = (estimates[slopes.First + s], covariance[slopes.First + s, slopes.First + s]);
            var (w, random) = (1 / variance, 1 / (variance + (between[s] * between[s])));
            foreach (var share in (double[])[w, w * estimate, w * estimate * estimate, w * w, random, random * estimate])
                Next(share);
        }

        return !sums.EndRow();
    }
}
