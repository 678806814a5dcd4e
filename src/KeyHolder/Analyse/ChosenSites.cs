using Consilience.KeyHolder.Storage;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;

namespace Consilience.KeyHolder.Analyse;

/// <summary>
/// Which sites researchers chose for exact sums. <b>Guarantee:</b> whatever sums over chosen sites, and over all of them, are added and subtracted, with whatever factors, what is left is about no site or about at least the agreed
/// minimum of them.
/// <para>Argument: two sites that stand in the same sums stay together in whatever is made of these; the sets opened so far, and everybody, divide the sites into parts that stand in the same sums; every part has at least the minimum. It takes
/// the sites' numbers for the same in all sums, which is the worst case. Who was absent from a sum over everybody is another matter: <c>docs/threat-model.md</c>, limit 4.</para>
/// </summary>
public static class ChosenSites
{
    /// <summary>Makes the table.</summary>
    internal const string Tables = """
        CREATE TABLE IF NOT EXISTS chosen_sites (
            agreement TEXT NOT NULL,
            sites     TEXT NOT NULL,      -- of an exact sum that was opened, in the agreement's order, with spaces between
            PRIMARY KEY (agreement, sites)
        ) STRICT;
        """;

    /// <summary>Keeps the sites of a run; why it must not be opened, otherwise. Nothing to do where nobody chose.</summary>
    internal static Refusal? Add(PartyTransaction transaction, RunPlan plan)
    {
        if (!plan.ChoosesSites)
            return null;
        var agreement = plan.Agreement.Digest.ToString();
        var chosen = string.Join(' ', plan.Sites);
        var sets = transaction.Query("SELECT sites FROM chosen_sites WHERE agreement = @p0", r => r.GetString(0), agreement).Append(chosen).Distinct().Select(s => s.Split(' ').ToHashSet(StringComparer.Ordinal)).ToList();
        var (study, minimum) = (plan.Agreement.Study, plan.Agreement.Study.MinimumSitesAt(Precision.Exact));
        if (Parts(study.Sites, sets).FirstOrDefault(p => p.Count < minimum) is { } few)
        {
            return new(RefusalCode.TooFewSites,
                $"run {plan.Request.Statement.Run}: with the exact sums opened before, over these sites or others, and over everybody, what {string.Join(", ", few)} answered could be worked out (at least {minimum} sites agreed); "
                + "choose among groups that do not overlap, or ask at noised precision");
        }

        transaction.Execute("INSERT OR IGNORE INTO chosen_sites (agreement, sites) VALUES (@p0, @p1)", agreement, chosen);
        return null;
    }

    /// <summary>Sites that stand in the same sets.</summary>
    public static IReadOnlyList<IReadOnlyList<OrganisationId>> Parts(IEnumerable<OrganisationId> sites, IReadOnlyList<IReadOnlySet<string>> sets) =>
        [.. sites.GroupBy(s => string.Concat(sets.Select(set => set.Contains(s.ToString()) ? '1' : '0'))).Select(g => g.ToList())];
}
