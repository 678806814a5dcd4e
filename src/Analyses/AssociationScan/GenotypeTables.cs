using System.Numerics;
using System.Runtime.InteropServices;

namespace Consilience.Analyses.AssociationScan;

/// <summary>
/// Sums persons' whole numbers over packed genotypes. For every four places a table holds what each of the 256 bytes of their genotypes adds to a variant's sums, so that four persons cost one look-up and
/// a few vector additions. A table is made once for all variants that are handed over together.
/// </summary>
internal sealed class GenotypeTables
{
    /// <summary>Largest multiple of a person's number that one genotype adds: g² = 4.</summary>
    private const long Most = 4;

    private readonly ScanLayout layout;
    private readonly long[] persons;
    private readonly int places;
    private readonly int vectors;
    private readonly Vector<long>[] table;
    private readonly Vector<long>[] low;
    private readonly Vector<long>[] high;

    /// <param name="layout">Of the sums.</param>
    /// <param name="persons">For each place, and behind them for all persons without genotypes: persons, score, and a weighted value of each column.</param>
    /// <param name="places">Of each variant.</param>
    /// <exception cref="OverflowException">Persons are so many that a sum could leave 64 bits.</exception>
    internal GenotypeTables(ScanLayout layout, long[] persons, int places)
    {
        (this.layout, this.persons, this.places) = (layout, persons, places);
        vectors = (layout.OfVariant + Vector<long>.Count - 1) / Vector<long>.Count;
        (table, low, high) = (new Vector<long>[256 * vectors], new Vector<long>[16 * vectors], new Vector<long>[16 * vectors]);
        var (width, bounds) = (Width(layout), new long[Width(layout)]);
        for (var i = 0; i < persons.Length; i++)
            bounds[i % width] = checked(bounds[i % width] + (Most * Math.Abs(persons[i])));
    }

    /// <summary>Numbers of one person.</summary>
    internal static int Width(ScanLayout layout) => 2 + layout.Columns;

    /// <summary>Sums variants into their cells, which are zero.</summary>
    internal void Add(ReadOnlySpan<byte> packed, int count, Span<long> cells)
    {
        var stride = (places + 3) / 4;
        var sums = new Vector<long>[count * vectors];
        for (var four = 0; four < stride; four++)
        {
            if (!Fill(four * 4))
                continue;
            for (var variant = 0; variant < count; variant++)
            {
                var from = table.AsSpan(packed[(variant * stride) + four] * vectors, vectors);
                var to = sums.AsSpan(variant * vectors, vectors);
                for (var i = 0; i < to.Length; i++)
                    to[i] += from[i];
            }
        }

        var numbers = MemoryMarshal.Cast<Vector<long>, long>(sums.AsSpan());
        for (var variant = 0; variant < count; variant++)
        {
            var own = cells.Slice(variant * layout.OfVariant, layout.OfVariant);
            numbers.Slice(variant * vectors * Vector<long>.Count, own.Length).CopyTo(own);
            AddMissing(own, places);
        }
    }

    /// <summary>Makes the table of four places; false where nobody of them is in the cohort.</summary>
    private bool Fill(int place)
    {
        if (!(FillPair(low, place) | FillPair(high, place + 2)))
            return false;
        for (var genotypes = 0; genotypes < 256; genotypes++)
        {
            for (var i = 0; i < vectors; i++)
                table[(genotypes * vectors) + i] = low[((genotypes & 15) * vectors) + i] + high[((genotypes >> 4) * vectors) + i];
        }

        return true;
    }

    private bool FillPair(Vector<long>[] pair, int place)
    {
        Array.Clear(pair);
        var numbers = MemoryMarshal.Cast<Vector<long>, long>(pair.AsSpan());
        var isAny = false;
        for (var i = 0; i < 2 && place + i < places; i++)
        {
            isAny |= persons[(place + i) * Width(layout)] != 0;
            for (var genotypes = 0; genotypes < 16; genotypes++)
                AddGenotype(numbers[(genotypes * vectors * Vector<long>.Count)..], place + i, (genotypes >> (2 * i)) & 3);
        }

        return isAny;
    }

    private void AddGenotype(Span<long> sums, int place, int genotype)
    {
        if (genotype == 1)
        {
            AddMissing(sums, place);
            return;
        }

        var own = persons.AsSpan(place * Width(layout), Width(layout));
        var alleles = genotype switch { 0 => 2, 2 => 1, _ => 0 };
        sums[ScanLayout.Known] += own[0];
        sums[ScanLayout.Alleles] += alleles * own[0];
        sums[ScanLayout.Both] += alleles == 2 ? own[0] : 0;
        sums[ScanLayout.Score] += alleles * own[1];
        sums[ScanLayout.Squares] += alleles * alleles * own[2];
        for (var c = 0; c < layout.Columns; c++)
            sums[ScanLayout.Products + c] += alleles * own[2 + c];
    }

    /// <summary>Adds persons of whom a variant is not known.</summary>
    private void AddMissing(Span<long> sums, int place)
    {
        var own = persons.AsSpan(place * Width(layout), Width(layout));
        for (var i = 0; i <= layout.Columns; i++)
            sums[layout.MissingScore + i] += own[1 + i];
    }
}
