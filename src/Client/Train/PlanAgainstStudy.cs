using Consilience.Analyses.Schema;
using Consilience.Client.Analyse;
using Consilience.DifferentialPrivacy.Accounting;
using Consilience.FederatedLearning.Heads;
using Consilience.Protocol.Analyse;
using AgreedStudy = Consilience.Protocol.Agreements.Study;

namespace Consilience.Client.Train;

/// <summary>Runs of one kind that a training asks.</summary>
/// <param name="What">For who reads a preview.</param>
/// <param name="Times">That one site is asked, at most.</param>
/// <param name="Charge">Of one, at each site; null at exact precision.</param>
/// <param name="BytesOfASite">That a site sends for one.</param>
public sealed record PlannedRuns(string What, int Times, NanoRho? Charge, long BytesOfASite)
{
    internal const string Updates = "rounds";
}

/// <summary>Whether a study permits what a plan asks, and what that charges.</summary>
internal static class PlanAgainstStudy
{
    /// <summary>Adds a fault for everything but the model and the questions themselves.</summary>
    internal static void Check(TrainingPlan plan, AgreedStudy study, string method, List<Fault> faults)
    {
        Require(study, method, null, faults);
        if ((plan.Precision == Precision.Exact ? study.Exact : (object?)study.Noised) is null)
            faults.Add(new("precision", "one that the study permits", $"{plan.Precision.ToString().ToLowerInvariant()}", "train at the other precision, or propose a study that permits this one"));
        if (plan.MinimumSites > study.Sites.Count)
            faults.Add(new("minimumSites", $"at most {study.Sites.Count}", $"{plan.MinimumSites}", "ask for no more sites than the study has"));
        if (plan.Participation is { } participation)
            Check(participation, plan, study, faults);
        if (plan.Strategy.IsCorrected && plan.Local is null)
            faults.Add(new("local", "how sites train, which scaffold corrects", "nothing", "add 'local', or train with fedavg"));
        else if (plan.Strategy.IsCorrected && plan.IsByPerson)
            faults.Add(new("strategy", "one that corrects no steps, where persons train", Averaging.Corrected, "train with fedavg, or with 'unit: site' in 'local'"));
    }

    private static void Check(Participation participation, TrainingPlan plan, AgreedStudy study, List<Fault> faults)
    {
        var (least, minimum) = (participation.Least(study.Sites.Count), Math.Max(study.MinimumSitesAt(plan.Precision), plan.MinimumSites ?? 0));
        if (least < minimum)
            faults.Add(new("participation", $"at least {minimum} sites a round", $"{least}", "ask more sites a round"));
        if (participation.Groups(study.Sites.Count) < 2)
            faults.Add(new("participation", $"at most half of the {study.Sites.Count} sites a round", $"{least}", "ask fewer sites a round, or remove it to ask all of them"));
        if (plan.Strategy.IsCorrected)
            faults.Add(new("participation", "all sites, with scaffold", $"{least}", "remove it, or train with fedprox: the mean gradient of some sites corrects towards them alone"));
    }

    /// <summary>What a training asks in all, each kind of run with its charge; adds a fault for every question that the study does not permit.</summary>
    internal static IReadOnlyList<PlannedRuns> Price(Course course, AgreedStudy study, List<Fault> faults)
    {
        var (plan, start) = (course.Plan, course.Start());
        var runs = new List<PlannedRuns>();
        void Add(string what, int times, Question question) => runs.Add(Price(study, what, times, question, faults));
        foreach (var (what, times, question) in course.Runs(faults))
            Add(what, times, question);
        if (plan.Evaluation is { } evaluation && IsPermitted(evaluation, course, study, faults))
        {
            foreach (var (name, question) in evaluation.Questions(course, start))
                Add($"evaluation: {name}", 1, question);
        }

        if (plan.LeaveOut is { } leaveOut && IsPermitted(leaveOut, plan, study, faults) && leaveOut.Codes(study.Schema) is { Count: > 0 } codes)
        {
            Add("leave-out: sizes of groups", 1, leaveOut.AskGroups(plan));
            runs.AddRange(course.Without(codes[0]).Planned.Select(p => p with { What = $"leave-out: {p.What} without each group", Times = p.Times * codes.Count }));
        }

        return runs;
    }

    private static bool IsPermitted(LeaveOut leaveOut, TrainingPlan plan, AgreedStudy study, List<Fault> faults)
    {
        Require(study, LeaveOut.Method, "leaveOut", faults);
        Require(study, TrainingEvaluation.Method, "leaveOut", faults);
        if (leaveOut.Codes(study.Schema).Count < 2)
            faults.Add(new("leaveOut.by", "a variable with at least two codes", $"'{leaveOut.By}'", "name one of type category or boolean"));
        if (plan.Personal is not null)
            faults.Add(new("leaveOut", "a model without layers of sites' own", "layers of their own", "remove it: to evaluate a group, sites would fit their layers to it"));
        return faults.Count == 0;
    }

    private static bool IsPermitted(TrainingEvaluation evaluation, Course course, AgreedStudy study, List<Fault> faults)
    {
        Require(study, TrainingEvaluation.Method, "evaluation", faults);
        if (evaluation.MostAdvantage is not null && course.Declared.Head != HeadKind.Logistic)
            faults.Add(new("evaluation.mostAdvantage", "a logistic model", "another head", "remove it: the loss of others does not follow from their scores"));
        else if (evaluation.MostAdvantage is not null && course.Plan.Personal is not null)
            faults.Add(new("evaluation.mostAdvantage", "a model without layers of sites' own", "layers of their own", "remove it: whom a site fits its layers on, it does not evaluate"));
        return faults.Count == 0;
    }

    internal static bool IsPermitted(Validation validation, TrainingCourse course, AgreedStudy study, List<Fault> faults)
    {
        Require(study, TrainingEvaluation.Method, "validation", faults);
        var measures = Validation.MeasuresOf(course.Model.Head);
        if (measures.Count == 0)
            faults.Add(new("validation", "a model of events or classes", "one of a number", "remove it, and stop by the loss of training with 'stop'"));
        else if (!measures.Contains(validation.Measure))
            faults.Add(new("validation.measure", $"{string.Join(" or ", measures.Select(Validation.NameOf))}, for this head", Validation.NameOf(validation.Measure), $"write '{Validation.NameOf(measures[0])}'"));
        return faults.Count == 0;
    }

    private static void Require(AgreedStudy study, string method, string? part, List<Fault> faults)
    {
        if (!study.Methods.Contains(method))
            faults.Add(new("study", $"a study that permits {method}", $"'{study.Id}'", $"propose a study that lists it among its methods{(part is null ? "" : $", or remove '{part}'")}"));
    }

    private static PlannedRuns Price(AgreedStudy study, string what, int times, Question question, List<Fault> faults)
    {
        var (method, _) = question.Plan(study.Schema, faults);
        var runs = new PlannedRuns(what, times, null, method is null ? 0 : (long)method.Sums.VectorLength * method.Sums.WordBits / 8);
        if (question.Precision == Precision.Exact || faults.Count > 0 || question.ReadPrice(faults) is not { } price)
            return runs;
        if (price.IsWithin(study.Noised!.MaximumEpsilon))
            return runs with { Charge = RunPlan.NoisePlans(study, method!, price)[0].Charge };
        faults.Add(new("rho", $"questions of at most ε = {study.Noised.MaximumEpsilon}, or the ρ that costs", $"{price} for one", "offer less, or train in more rounds"));
        return runs;
    }
}
