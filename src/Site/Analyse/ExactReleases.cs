using System.Buffers.Binary;
using Consilience.Connectors.Rows;
using Consilience.KeyHolder.Storage;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;

namespace Consilience.Site.Analyse;

/// <summary>
/// Whom this site's exact answers were about. <b>Guarantee:</b> two exact answers of one study are about the same persons, or about sets that differ by at least the agreed minimum,
/// so that their difference is never the data of a few; and sums of real values are about that many persons more than there are equations in them, over all answers about one set together,
/// so that they cannot be solved for a person's value. Noised answers need none of this: their noise is charged. <b>Limit:</b> pairs of sets are compared, not sums over three and more. Argument and
/// attacks: <c>docs/threat-model.md</c>, limit 4.
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
        CREATE TABLE IF NOT EXISTS exact_values (
            agreement TEXT NOT NULL,
            digest    TEXT NOT NULL,      -- of persons, as above
            variable  TEXT NOT NULL,      -- whose values entered sums as real numbers
            equations INTEGER NOT NULL,   -- most sums that they entered at once
            PRIMARY KEY (agreement, digest, variable)
        ) STRICT;
        """;

    /// <summary>Keeps the set for later comparison; why the answer must not be given, otherwise.</summary>
    /// <param name="noted">What was read to make the answer.</param>
    /// <param name="equations">How many sums of real values one variable enters at most; 0 where none leave the site.</param>
    internal static Refusal? Add(
        PartyTransaction transaction, Digest agreement, PersonSet persons, NotedRows noted, int equations, int minimum, OrganisationId site)
    {
        if (persons.Identities.Count < minimum)
            return TooFew(site, $"fewer than {minimum} persons are counted; widen the cohort or ask at noised precision");
        var bytes = Written(persons.Identities);
        var digest = Digest.Of(bytes).ToString();
        IReadOnlyCollection<string> values = equations > 0 ? noted.Values : [];
        var known = EquationsOf(transaction, agreement, digest, values, equations);
        if (equations > 0 && noted.Mask is { } mask)
            return TooFew(site, $"all but fewer than {minimum} persons have one value of '{mask}', so that sums of its products would show those few; leave it out or ask at noised precision");
        if (known > 0 && persons.Identities.Count < minimum + known)
        {
            return TooFew(site,
                $"fewer than {minimum + known} persons for sums of real values, {known} of which one variable enters with what was answered about the same persons before, so that single values could be worked out; ask about more persons or fewer variables, or at noised precision");
        }

        // A set that was answered about with as many equations was compared with all others then, and every later one with it.
        var isCompared = known == EquationsOf(transaction, agreement, digest, [], 0)
            && transaction.First("SELECT 1 FROM exact_release WHERE agreement = @p0 AND snapshot = @p1 AND digest = @p2", r => r.GetInt64(0).ToString(), agreement.ToString(), persons.Snapshot.ToString(), digest) is not null;
        var earlier = isCompared ? [] : transaction.Query(
            "SELECT snapshot, named, persons, digest FROM exact_release WHERE agreement = @p0",
            r => (Snapshot: Digest.Parse(r.GetString(0)), AreNamed: r.GetBoolean(1), Persons: Read(r.GetFieldValue<byte[]>(2)), Digest: r.GetString(3)), agreement.ToString());
        foreach (var release in earlier)
        {
            if (release.Snapshot != persons.Snapshot && !(release.AreNamed && persons.AreNamed))
            {
                return new(RefusalCode.DataChanged,
                    $"site {site}: its data changed since an exact answer of this study, and its mapping names no column that identifies a person, so that nobody can tell whom a second answer would show; ask at noised precision");
            }

            // The difference of two answers is an answer about those who differ, with the equations that both have.
            var least = minimum + Math.Min(known, EquationsOf(transaction, agreement, release.Digest, [], 0));
            if (persons.DifferenceTo(release.Persons) is > 0 and var differing && differing < least)
                return TooFew(site, $"an earlier exact answer was about persons who differ by fewer than {least}, whom the difference of the two answers would show; ask about the same persons, or at noised precision");
        }

        transaction.Execute("INSERT OR IGNORE INTO exact_release (agreement, snapshot, named, digest, persons) VALUES (@p0, @p1, @p2, @p3, @p4)",
            agreement.ToString(), persons.Snapshot.ToString(), persons.AreNamed ? 1 : 0, digest, bytes);
        foreach (var value in values)
        {
            transaction.Execute("""
                INSERT INTO exact_values (agreement, digest, variable, equations) VALUES (@p0, @p1, @p2, @p3)
                ON CONFLICT (agreement, digest, variable) DO UPDATE SET equations = MAX(equations, excluded.equations)
                """, agreement.ToString(), digest, value, equations);
        }

        return null;
    }

    /// <summary>
    /// Equations about one variable's values over a set of persons once it is answered too: what one answer holds, or the products with every other variable that answers about the set read.
    /// </summary>
    private static int EquationsOf(PartyTransaction transaction, Digest agreement, string digest, IReadOnlyCollection<string> values, int equations)
    {
        var before = transaction.Query("SELECT variable, equations FROM exact_values WHERE agreement = @p0 AND digest = @p1", r => (Variable: r.GetString(0), Equations: r.GetInt32(1)), agreement.ToString(), digest);
        var variables = before.Select(b => b.Variable).Union(values).Count();
        return variables == 0 ? 0 : Math.Max(variables + 1, before.Select(b => b.Equations).Append(equations).Max());
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
