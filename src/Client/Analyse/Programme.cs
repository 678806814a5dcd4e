using Consilience.Analyses.Schema;
using Consilience.DifferentialPrivacy.Accounting;
using Consilience.Protocol.Analyse;
using AgreedStudy = Consilience.Protocol.Agreements.Study;

namespace Consilience.Client.Analyse;

/// <summary>Questions that one run answers, and what that run charges each site; null at exact precision.</summary>
public sealed record SharedRun(IReadOnlyList<Question> Questions, NanoRho? Charge);

/// <summary>
/// Many questions as they will be asked. Those that ask sites for the same sums of the same cohort, at the same precision and price, are one run: sites compute once, are charged once, and a curve, its test and its
/// means are of the same release. Pure; found out before anything is sent.
/// </summary>
/// <param name="Runs">In the order of their first questions.</param>
public sealed record Programme(IReadOnlyList<SharedRun> Runs)
{
    /// <summary>What every site is charged in all, if none of it was answered before.</summary>
    public NanoRho Charge => new(Runs.Sum(r => r.Charge?.Amount ?? 0));

    /// <param name="study">An agreement's study.</param>
    /// <param name="questions">With names of their own.</param>
    /// <exception cref="FaultyInputException">Questions do not fit the study; every fault of all is listed.</exception>
    public static Programme Of(AgreedStudy study, IReadOnlyList<Question> questions)
    {
        ArgumentNullException.ThrowIfNull(study);
        ArgumentNullException.ThrowIfNull(questions);
        var faults = new List<Fault>();
        var runs = new Dictionary<string, SharedRun>(StringComparer.Ordinal);
        foreach (var question in questions)
        {
            var before = faults.Count;
            var (plan, cohort) = question.Plan(study.Schema, faults);
            var price = question.Precision == Precision.Noised ? question.ReadPrice(faults) : null;
            if (faults.Count > before)
            {
                for (var i = before; i < faults.Count; i++)
                    faults[i] = faults[i] with { Subject = $"{question.Name}: {faults[i].Subject}" };
                continue;
            }

            // New noise is paid for by each question that asks for it.
            var key = string.Join('\n', question.Again ? question.Name : "", question.Precision, price, cohort!.Canonical, plan!.Sums.Canonical, string.Join(' ', question.Sites ?? []));
            var run = runs.GetValueOrDefault(key) ?? new SharedRun([], price is null ? null : RunPlan.NoisePlans(study, plan, price)[0].Charge);
            runs[key] = run with { Questions = [.. run.Questions, question] };
        }

        return faults.Count == 0 ? new Programme([.. runs.Values]) : throw new FaultyInputException("requests", faults);
    }
}
