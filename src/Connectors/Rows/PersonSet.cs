using Consilience.Protocol.Identity;

namespace Consilience.Connectors.Rows;

/// <summary>
/// Who was counted: an identity for each person, in increasing order. Exact: it must not leave the site.
/// </summary>
/// <param name="Identities">64 bits of the person column's digest; row numbers where no column identifies a person.</param>
/// <param name="AreNamed">Whether identities mean the same persons when the files have changed.</param>
/// <param name="Snapshot">The data they are of.</param>
public sealed record PersonSet(IReadOnlyList<ulong> Identities, bool AreNamed, Digest Snapshot)
{
    /// <summary>How many persons are in one set and not in the other.</summary>
    /// <param name="other">In increasing order.</param>
    public long DifferenceTo(IReadOnlyList<ulong> other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var (i, j, differing) = (0, 0, 0L);
        while (i < Identities.Count && j < other.Count)
        {
            var order = Identities[i].CompareTo(other[j]);
            differing += order == 0 ? 0 : 1;
            i += order <= 0 ? 1 : 0;
            j += order >= 0 ? 1 : 0;
        }

        return differing + (Identities.Count - i) + (other.Count - j);
    }
}
