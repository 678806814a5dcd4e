using System.Globalization;
using Consilience.Analyses;
using Consilience.Analyses.Schema;
using Consilience.DifferentialPrivacy.Accounting;
using Consilience.DifferentialPrivacy.Mechanisms;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using AgreedStudy = Consilience.Protocol.Agreements.Study;

namespace Consilience.Client.Analyse;

/// <summary>
/// Tells what a question would cost and how accurate its answer would be, in both directions: from a price to an accuracy, and from an accuracy to the least price. Pure; only the
/// study and what the hub knows of its charges are needed.
/// </summary>
public static class PreviewQuestion
{
    /// <param name="study">An agreement's study.</param>
    /// <param name="charged">What each site was charged so far.</param>
    /// <param name="question">At noised precision. Its price is passed over when an accuracy is wanted.</param>
    /// <param name="persons">How many persons are expected to be counted in all; for the words only.</param>
    /// <param name="accuracy">Half the width, in persons, of the interval that holds a counter nineteen times in twenty; null when the price is given.</param>
    /// <exception cref="FaultyInputException">The question does not fit the study; every fault is listed.</exception>
    public static QuestionPreview Of(AgreedStudy study, IReadOnlyDictionary<OrganisationId, NanoRho> charged, Question question, long persons, long? accuracy = null)
    {
        ArgumentNullException.ThrowIfNull(study);
        ArgumentNullException.ThrowIfNull(charged);
        ArgumentNullException.ThrowIfNull(question);
        var faults = new List<Fault>();
        var (plan, _) = question.Plan(study.Schema, faults);
        if (study.Noised is null || question.Precision != Precision.Noised)
            faults.Add(new Fault("precision", "noised, in a study that permits it", "exact, or a study without noise", "exact answers cost nothing and carry no noise: there is nothing to preview"));
        var price = accuracy is null && faults.Count == 0 ? question.ReadPrice(faults) : null;
        if (faults.Count > 0)
            throw new FaultyInputException(question.Name, faults);
        price ??= LeastPrice(study, plan!, accuracy!.Value, inRho: question.Epsilon is null && question.Rho is not null, question.Name);
        return Describe(study, charged, question, plan!, price, persons);
    }

    /// <summary>The least ε in thousandths, or ρ in millionths, at which a counter is as accurate as wanted; found by halving, because accuracy only grows with the price.</summary>
    private static PrivacyPrice LeastPrice(AgreedStudy study, MethodPlan plan, long accuracy, bool inRho, string name)
    {
        var largest = inRho ? NanoRho.FromPureEpsilon(study.Noised!.MaximumEpsilon).Amount / 1000 : (long)(study.Noised!.MaximumEpsilon.Value * 1000).Floor();
        PrivacyPrice Price(long steps) => inRho ? PrivacyPrice.Concentrated(new NanoRho(steps * 1000)) : PrivacyPrice.Pure(Epsilon.Parse($"{steps}/1000"));
        bool Suffices(long steps) => Counters(RunPlan.NoisePlans(study, plan, Price(steps))) <= accuracy;
        if (largest < 1 || !Suffices(largest))
        {
            throw new FaultyInputException(name, [new Fault("accuracy", "an accuracy that the study's largest ε buys", $"±{accuracy}",
                $"the most this study pays for one question, ε = {study.Noised.MaximumEpsilon}, buys ±{(largest < 1 ? "nothing" : Counters(RunPlan.NoisePlans(study, plan, Price(largest))))}")]);
        }

        long low = 0, high = largest;
        while (high - low > 1)
        {
            var middle = (low + high) / 2;
            (low, high) = Suffices(middle) ? (low, middle) : (middle, high);
        }

        return Price(high);
    }

    /// <summary>Half the width of a counter's interval under the best plan that sends counters as they are.</summary>
    private static long Counters(IReadOnlyList<NoiseTerms> plans) => plans.Where(p => p.Factorisation is null).Min(p => NoiseModel.Of(p).HalfWidth(0.95));

    private static QuestionPreview Describe(AgreedStudy study, IReadOnlyDictionary<OrganisationId, NanoRho> charged, Question question, MethodPlan plan, PrivacyPrice price, long persons)
    {
        var plans = RunPlan.NoisePlans(study, plan, price);
        var used = plans[0];
        return new QuestionPreview
        {
            Name = question.Name,
            Method = question.Method,
            Counters = plan.Sums.VectorLength,
            StreamLength = plan.Sums.Workload.StreamLength,
            Price = price.ToString(),
            Charge = used.Charge,
            PrivacyUnit = study.Unit.ToString(),
            Plans = [.. plans.Select(PreviewedPlan.Of)],
            QuestionsLeft = study.Sites.ToDictionary(s => s, s => Math.Max(0, study.Noised!.Budget.Amount - (charged.GetValueOrDefault(s)?.Amount ?? 0)) / used.Charge.Amount),
            Persons = persons,
            Expect = plan.Sums.Workload.StreamLength > 1 ? ExpectedCurve(plan, used, persons) : ExpectedCounts(used),
            Warning = Warning(study, plan, price, used, persons),
        };
    }

    private static List<string> ExpectedCounts(NoiseTerms used)
    {
        const long Example = 40;
        var width = NoiseModel.Of(used).HalfWidth(0.95);
        return
        [
            $"a count of {Example} is shown as {Math.Max(0, Example - width)} to {Example + width} nineteen times in twenty",
            string.Create(CultureInfo.InvariantCulture, $"chance moves a count more than noise does from {Math.Ceiling(used.Error * used.Error):0} persons on"),
        ];
    }

    /// <summary>A curve at one half, with everyone at risk: ±√(¼/N) by chance; an error of e persons in a running sum moves the curve by about e/N.</summary>
    private static List<string> ExpectedCurve(MethodPlan plan, NoiseTerms used, long persons) =>
    [
        string.Create(CultureInfo.InvariantCulture, $"cumulative events and numbers at risk are off by {used.Error:0.0} persons (root mean square)"),
        string.Create(CultureInfo.InvariantCulture,
            $"with {persons} persons in a group, a curve at one half is off by about {used.Error / persons:0.000} for noise and {0.5 / Math.Sqrt(persons):0.000} for chance, over {plan.Sums.Workload.StreamLength} intervals"),
    ];

    private static string? Warning(AgreedStudy study, MethodPlan plan, PrivacyPrice price, NoiseTerms used, long persons)
    {
        var streams = plan.Sums.Workload.StreamLength;
        if (streams > 1)
        {
            if (used.Error <= Math.Sqrt(persons) / 2)
                return null;
            var most = Enumerable.Range(1, streams - 1).LastOrDefault(t => NoisePlanner.Candidates(plan.Sums.Bound.Times(study.Unit.SitesPerPerson), Streams(t), price, study.Trust)[0].Error <= Math.Sqrt(persons) / 2);
            return $"noise would be larger than chance with {persons} persons in a group; " + (most == 0
                ? "ask for counts at landmark times, or offer more"
                : $"use at most {most} intervals (now {streams}), or offer more");
        }

        var cells = plan.Sums.VectorLength;
        var mostCells = Math.Max(1, (long)(persons / Math.Max(1, used.Error * used.Error)));
        return cells <= mostCells ? null : $"noise would be larger than chance: {persons} persons in {cells} cells are {persons / (double)cells:0.#} a cell; group into at most {mostCells} cells, or offer more";
    }

    private static Workload Streams(int length) => new(length, [new CounterStream(0, length)]);
}
