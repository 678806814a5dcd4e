using Consilience.Analyses.Glm;
using Consilience.Analyses.Sums;
using Consilience.DifferentialPrivacy.Mechanisms;

namespace Consilience.Analyses.AssociationScan;

/// <summary>Sums of a scan, over the persons of whom outcome and covariates are known.</summary>
internal sealed class ScanSums(ScanModel model, string canonical) : SiteSums
{
    public override int VectorLength => (int)new ScanLayout(model.Matrix.Count, model.Panel.Variants).Length;

    /// <summary>What one person can change is not bounded closely enough to hide it: the method refuses noised precision.</summary>
    public override ContributionBound Bound => throw new NotSupportedException("sums of a scan have no bound for noise");

    public override long LargestCounter => FixedPoint.Largest;

    public override string Canonical => canonical;

    public override void Encode(IRows rows, Span<long> vector)
    {
        var cells = new long[vector.Length];
        rows.ReadGenotypes(model.Panel, model.Matrix.Variables, places =>
        {
            Array.Clear(cells);
            return new ScanReader(model, places, cells);
        });
        cells.CopyTo(vector);
    }
}

/// <summary>
/// Rounds each person's residual, weight and weighted covariates once; everything after that is sums of whole numbers, so that they depend neither on order nor on how persons are split over sites.
/// </summary>
internal sealed class ScanReader : GenotypeReader
{
    private readonly ScanModel model;
    private readonly ScanLayout layout;
    private readonly long[] cells;
    private readonly FixedPoint sums;
    private readonly double[] row;

    /// <summary>Of each place, and last of all persons without genotypes together.</summary>
    private readonly long[] persons;
    private readonly FixedPoint shares;
    private readonly int places;
    private GenotypeTables? tables;

    internal ScanReader(ScanModel model, int places, long[] cells)
    {
        (this.model, this.places, this.cells) = (model, places, cells);
        layout = new ScanLayout(model.Matrix.Count, model.Panel.Variants);
        sums = new FixedPoint(cells);
        row = new double[layout.Columns];
        persons = new long[(places + 1) * GenotypeTables.Width(layout)];
        shares = new FixedPoint(persons);
    }

    public override void Person(ReadOnlySpan<double> values, int place)
    {
        var y = model.Outcome.Of(values);
        model.Matrix.Fill(values, row);
        double eta = 0;
        for (var c = 0; c < row.Length; c++)
            eta += model.At[c] * row[c];
        var mean = model.Family == Family.Gaussian ? eta : 1 / (1 + Math.Exp(-eta));
        var weight = model.Family == Family.Gaussian ? 1 : mean * (1 - mean);
        cells[0]++;
        sums.Add(2, y);
        sums.Add(3, (y - mean) * (y - mean));
        var information = ScanLayout.Heads + row.Length;
        var own = (place < 0 ? places : place) * GenotypeTables.Width(layout);
        persons[own]++;
        shares.Add(own + 1, ScanLayout.Finer * (y - mean));
        for (var c = 0; c < row.Length; c++)
        {
            sums.Add(ScanLayout.Heads + c, (y - mean) * row[c]);
            shares.Add(own + 2 + c, weight * row[c]);
            for (var d = 0; d <= c; d++)
                sums.Add(information++, weight * row[c] * row[d]);
        }

        if (sums.EndRow() | shares.EndRow())
            cells[1]++;
    }

    public override void Variants(int first, int count, ReadOnlySpan<byte> packed)
    {
        tables ??= new GenotypeTables(layout, persons, places);
        tables.Add(packed, count, cells.AsSpan(layout.FirstVariant + (first * layout.OfVariant), count * layout.OfVariant));
    }
}
