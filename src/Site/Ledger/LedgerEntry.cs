using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Consilience.Protocol.Identity;

namespace Consilience.Site.Ledger;

/// <summary>What a ledger entry does to a study's budget. Numbers are stored; they never change.</summary>
public enum LedgerEntryKind
{
    Unspecified = 0,

    /// <summary>The charge is taken, before data are touched.</summary>
    Reserve = 1,

    /// <summary>The masked vector is stored and may leave: the charge stands for ever.</summary>
    Commit = 2,

    /// <summary>Nothing left and nothing ever will under this reservation: the charge is given back.</summary>
    Release = 3,
}

/// <summary>
/// One line of a site's privacy ledger. Each names its predecessor's hash, so that an entry changed, removed or put between others is found when the ledger is opened.
/// </summary>
/// <param name="Sequence">1, 2, 3, … without gaps.</param>
/// <param name="Agreement">The study charged.</param>
/// <param name="Run">The run charged for.</param>
/// <param name="Round">The round of the run.</param>
/// <param name="Request">Digest of the request; a run is bound to it from its first entry on.</param>
/// <param name="Researcher">Who asked.</param>
/// <param name="Blocks">Whom it was asked about, in blocks of persons with spaces between; <c>*</c> for everyone.</param>
/// <param name="Charge">What the run costs, in nano-ρ; 0 in exact precision.</param>
/// <param name="Spent">What the study has spent after this entry, reservations included, in nano-ρ.</param>
/// <param name="Limit">The study's limit at this site when the entry was made, in nano-ρ.</param>
/// <param name="RecordedAt">Unix time in milliseconds.</param>
/// <param name="Previous">The hash of the entry before; 32 zero bytes for the first.</param>
public sealed record LedgerEntry(
    long Sequence, LedgerEntryKind Kind, Digest Agreement, RunId Run, int Round, Digest Request, string Researcher, string Blocks, long Charge, long Spent, long Limit, long RecordedAt, Digest Previous)
{
    /// <summary>The predecessor's hash of the first entry.</summary>
    public static Digest Genesis { get; } = Digest.FromHash(new byte[SHA256.HashSizeInBytes]);

    /// <summary>SHA-256 over every field, texts with their length before them.</summary>
    public Digest Hash()
    {
        using var bytes = new MemoryStream();
        bytes.Write("consilience/ledger/v2"u8);
        Append(bytes, Sequence);
        Append(bytes, (long)Kind);
        bytes.Write(Agreement.ToBytes());
        bytes.Write(Run.ToBytes());
        Append(bytes, Round);
        bytes.Write(Request.ToBytes());
        Append(bytes, Researcher);
        Append(bytes, Blocks);
        Append(bytes, Charge);
        Append(bytes, Spent);
        Append(bytes, Limit);
        Append(bytes, RecordedAt);
        bytes.Write(Previous.ToBytes());
        return Digest.Of(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
    }

    private static void Append(MemoryStream bytes, string text)
    {
        Append(bytes, (long)Encoding.UTF8.GetByteCount(text));
        bytes.Write(Encoding.UTF8.GetBytes(text));
    }

    private static void Append(MemoryStream bytes, long number)
    {
        Span<byte> word = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(word, number);
        bytes.Write(word);
    }
}

/// <summary>The ledger on disk is not one that this site wrote: an entry was changed, removed or put in. Nothing is answered until a person has looked.</summary>
public sealed class LedgerDamagedException(long sequence, string what)
    : Exception($"privacy ledger: entry {sequence}: {what}; nothing is answered from this data folder: restore the newest copy of it, or found the site anew with its budgets spent")
{
    public long Sequence { get; } = sequence;
}
