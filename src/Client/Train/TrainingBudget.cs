using Consilience.Client.Analyse;
using Consilience.DifferentialPrivacy.Accounting;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using AgreedStudy = Consilience.Protocol.Agreements.Study;

namespace Consilience.Client.Train;

/// <summary>What a training leaves of each site's budget, by what the hub knows and the study allows; a site's own policy may allow less.</summary>
public static class TrainingBudget
{
    public static IReadOnlyDictionary<OrganisationId, NanoRho> Left(AgreedStudy study, IReadOnlyDictionary<OrganisationId, NanoRho> charged)
    {
        ArgumentNullException.ThrowIfNull(study);
        ArgumentNullException.ThrowIfNull(charged);
        return study.Sites.ToDictionary(s => s, s => new NanoRho(Math.Max(0, (study.Noised?.Budget.Amount ?? 0) - (charged.GetValueOrDefault(s)?.Amount ?? 0))));
    }

    /// <summary>Refuses a training that could not be paid for to its end, before its first round.</summary>
    /// <exception cref="AskFailedException">A site has less left than all rounds charge.</exception>
    public static void Require(Course course, AgreedStudy study, IReadOnlyDictionary<OrganisationId, NanoRho> charged)
    {
        ArgumentNullException.ThrowIfNull(course);
        var (site, left) = Left(study, charged).MinBy(l => l.Value);
        if (course.Charge > left)
        {
            throw new AskFailedException(RefusalCode.BudgetSpent,
                $"training {course.Plan.Name}: {course.Plan.Rounds} rounds charge ρ = {course.Charge} at each site (expected at most ρ = {left}, which site {site} has left); nothing was asked: offer less, or train in another study", [], []);
        }
    }
}
