using Consilience.FederatedLearning.Numerics;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using AgreedStudy = Consilience.Protocol.Agreements.Study;

namespace Consilience.Client.Train;

/// <summary>
/// Rounds that ask some sites each, chosen by a public seed. Sites are dealt into groups of at least the wanted number; a round asks one group, and every group is asked once before any is asked again. At exact precision the groups stay as they are, since
/// overlapping ones could be subtracted from each other; at noised precision they are dealt anew whenever all were asked, and no privacy is claimed for the chance of not being asked.
/// </summary>
/// <param name="Sites">Of a round, at least; null where a share is given.</param>
/// <param name="Fraction">The share of all sites, rounded up.</param>
/// <param name="Seed">Null for the plan's.</param>
public sealed record Participation(int? Sites, decimal? Fraction, int? Seed)
{
    /// <summary>Sites that a round asks, at least.</summary>
    internal int Least(int all) => Sites ?? (int)Math.Ceiling((Fraction ?? 1) * all);

    /// <summary>Groups that the sites are dealt into.</summary>
    internal int Groups(int all) => all / Math.Max(1, Least(all));

    /// <summary>Rounds of so many in which one site is asked, at most.</summary>
    internal int RoundsOfASite(int rounds, int all) => (rounds + Groups(all) - 1) / Math.Max(1, Groups(all));

    /// <summary>Whom a round asks, in the study's order.</summary>
    /// <param name="plan">Whose precision and seed count.</param>
    /// <param name="study">That it fits: with at least two groups.</param>
    /// <param name="round">From 1 on.</param>
    internal IReadOnlyList<OrganisationId> Of(TrainingPlan plan, AgreedStudy study, int round)
    {
        var groups = Groups(study.Sites.Count);
        var (pass, turn) = ((round - 1) / groups, (round - 1) % groups);
        var dealt = Shuffled(study.Sites, plan, plan.Precision == Precision.Exact ? 0 : pass);
        var group = Shuffled([.. Enumerable.Range(0, groups)], plan, -1 - pass)[turn];
        return [.. study.Sites.Where(s => dealt.IndexOf(s) % groups == group)];
    }

    private List<T> Shuffled<T>(IReadOnlyList<T> entries, TrainingPlan plan, int which)
    {
        var stream = SeededStream.For(Seed ?? plan.Seed, StreamPurpose.ChoiceOfSites, which);
        var shuffled = entries.ToList();
        for (var i = shuffled.Count - 1; i > 0; i--)
        {
            var j = stream.Below(i + 1);
            (shuffled[i], shuffled[j]) = (shuffled[j], shuffled[i]);
        }

        return shuffled;
    }
}
