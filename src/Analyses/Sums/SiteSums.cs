using System.Text;
using System.Text.Json;
using Consilience.DifferentialPrivacy.Mechanisms;

namespace Consilience.Analyses.Sums;

/// <summary>
/// The sums that leave a site, whatever is made of them: layout, sensitivity and encoding. Several methods read the same sums, and what a site answered for one of them
/// answers the others too.
/// </summary>
public abstract class SiteSums
{
    /// <summary>Most counters of a vector.</summary>
    internal const long LargestVector = 16_000_000;

    /// <summary>More persons than live on Earth.</summary>
    private const long LargestCount = 1L << 40;

    /// <summary>Number of counters in the vector, known before any data are read.</summary>
    public abstract int VectorLength { get; }

    /// <summary>Bits of a counter on its way: 64, or 32 where vectors are long and sums small. Sums wrap beyond it, and a run whose sums could is never planned.</summary>
    public virtual int WordBits => 64;

    /// <summary>The bytes that encoding needs beside the parameters; null for most.</summary>
    public virtual Attachment? Attachment => null;

    /// <summary>What one record can change in the vector.</summary>
    public abstract ContributionBound Bound { get; }

    /// <summary>The largest magnitude of a counter of one site; a site whose sums are larger refuses, and a run whose sums could wrap is never planned.</summary>
    public virtual long LargestCounter => LargestCount;

    /// <summary>What is read from the vector: cells as they are, unless running sums are.</summary>
    public virtual Workload Workload => Workload.OfCells(VectorLength);

    /// <summary>Canonical JSON: equal sums have equal text.</summary>
    public abstract string Canonical { get; }

    /// <summary>Fills <paramref name="vector"/> (zeroed, <see cref="VectorLength"/> long) with this site's exact cells.</summary>
    public abstract void Encode(IRows rows, Span<long> vector);

    /// <summary>The same for sums that need their <see cref="Attachment"/>, whose bytes are those that were named; empty where none is.</summary>
    public virtual void Encode(IRows rows, ReadOnlyMemory<byte> attached, Span<long> vector) => Encode(rows, vector);

    /// <summary>The JSON object whose members <paramref name="members"/> writes.</summary>
    private protected static string CanonicalOf(Action<Utf8JsonWriter> members)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
