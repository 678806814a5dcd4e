using System.Buffers.Binary;
using Consilience.Connectors.Rows;
using Consilience.KeyHolder.Storage;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;

namespace Consilience.Site.Analyse;

/// <summary>
/// Whom this site's exact answers were about. <b>Guarantee:</b> two exact answers of one study are about the same persons, or about sets that differ by at least the agreed minimum,
/// so that their difference is never the data of a few; an answer about nobody counts as given. Noised answers need none of this: their noise is charged.
/// <b>Limit:</b> pairs are compared, not sums of three and more answers.
/// </summary>
internal static class ExactReleases
{
    /// <summary>Makes the table.</summary>
    internal const string Tables = """
        CREATE TABLE IF NOT EXISTS exact_release (
            agreement TEXT NOT NULL,
            snapshot  TEXT NOT NULL,      -- digest of data and mapping
            named     INTEGER NOT NULL,   -- 1: identities mean the same persons in other snapshots too
            digest    TEXT NOT NULL,      -- of persons
            persons   BLOB NOT NULL,      -- identities, increasing, little-endian 64-bit words
            PRIMARY KEY (agreement, snapshot, digest)
        ) STRICT;
        """;

    /// <summary>Keeps the set for later comparison; why the answer must not be given, otherwise.</summary>
    internal static Refusal? Add(PartyTransaction transaction, Digest agreement, PersonSet persons, int minimum, OrganisationId site)
    {
        if (persons.Identities.Count < minimum)
            return TooFew(site, $"fewer than {minimum} persons are counted; widen the cohort or ask at noised precision");
        var earlier = transaction.Query(
            "SELECT snapshot, named, persons FROM exact_release WHERE agreement = @p0",
            r => (Snapshot: Digest.Parse(r.GetString(0)), AreNamed: r.GetBoolean(1), Persons: Read(r.GetFieldValue<byte[]>(2))), agreement.ToString());
        foreach (var release in earlier)
        {
            if (release.Snapshot != persons.Snapshot && !(release.AreNamed && persons.AreNamed))
            {
                return new(RefusalCode.DataChanged,
                    $"site {site}: its data changed since an exact answer of this study, and its mapping names no column that identifies a person, so that nobody can tell whom a second answer would show; ask at noised precision");
            }

            if (persons.DifferenceTo(release.Persons) is > 0 and var differing && differing < minimum)
                return TooFew(site, $"an earlier exact answer was about persons who differ by fewer than {minimum}, whom the difference of the two answers would show; ask about the same persons, or at noised precision");
        }

        var bytes = Written(persons.Identities);
        transaction.Execute("INSERT OR IGNORE INTO exact_release (agreement, snapshot, named, digest, persons) VALUES (@p0, @p1, @p2, @p3, @p4)",
            agreement.ToString(), persons.Snapshot.ToString(), persons.AreNamed ? 1 : 0, Digest.Of(bytes).ToString(), bytes);
        return null;
    }

    private static byte[] Written(IReadOnlyList<ulong> identities)
    {
        var bytes = new byte[identities.Count * sizeof(ulong)];
        for (var i = 0; i < identities.Count; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(i * sizeof(ulong)), identities[i]);
        return bytes;
    }

    private static ulong[] Read(byte[] bytes)
    {
        var identities = new ulong[bytes.Length / sizeof(ulong)];
        for (var i = 0; i < identities.Length; i++)
            identities[i] = BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(i * sizeof(ulong)));
        return identities;
    }

    private static Refusal TooFew(OrganisationId site, string why) => new(RefusalCode.TooFewPersons, $"site {site}: {why}");
}
