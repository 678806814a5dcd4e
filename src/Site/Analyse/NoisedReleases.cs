using Consilience.KeyHolder.Storage;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;

namespace Consilience.Site.Analyse;

/// <summary>
/// Which noised questions this site has answered. <b>Guarantee:</b> the same question about the same data, at the same price and with the same noise, is answered and charged
/// once; the second time the researcher is told which run's release answers it. Fresh noise, whose average over many answers would show the truth, has to be asked for, and is
/// charged in full. Argument and attacks: <c>docs/guarantees/one-question-one-charge.md</c>.
/// </summary>
internal static class NoisedReleases
{
    /// <summary>Makes the table.</summary>
    internal const string Tables = """
        CREATE TABLE IF NOT EXISTS noised_release (
            release  TEXT NOT NULL,      -- digest of question, noise and price
            snapshot TEXT NOT NULL,      -- digest of data and mapping
            run      TEXT NOT NULL,      -- the run that answered it first
            PRIMARY KEY (release, snapshot)
        ) STRICT;
        """;

    /// <summary>Why a request is not answered again; null when it may be.</summary>
    internal static Refusal? AnsweredBefore(PartyTransaction transaction, RunPlan plan, Digest release, Digest snapshot, OrganisationId site)
    {
        var run = transaction.First("SELECT run FROM noised_release WHERE release = @p0 AND snapshot = @p1", r => r.GetString(0), release.ToString(), snapshot.ToString());
        return run is null || run == plan.Request.Statement.Run.ToString()
            ? null
            : new(RefusalCode.AlreadyAnswered, $"site {site}: run {run} answered this question, from the same data and at the same price; use its release, or ask again with new noise and a new charge (--again)");
    }

    internal static void Add(PartyTransaction transaction, RunPlan plan, Digest snapshot)
    {
        if (plan.Release is { } release)
        {
            transaction.Execute("INSERT OR IGNORE INTO noised_release (release, snapshot, run) VALUES (@p0, @p1, @p2)",
                release.ToString(), snapshot.ToString(), plan.Request.Statement.Run.ToString());
        }
    }
}
