using Consilience.Analyses.Schema;
using Consilience.Client.Train;
using Consilience.Protocol.Agreements;
using Consilience.Tests.World;
using AgreedStudy = Consilience.Protocol.Agreements.Study;

namespace Consilience.Client.Tests.Train;

/// <summary>A plan is read whole and checked against its study; every fault is named at once.</summary>
public sealed class PlansOfTrainings
{
    private static readonly AgreedStudy Study = Stages.Study;

    private static FaultyInputException Refused(Func<string, string> change, AgreedStudy? study = null) =>
        Assert.Throws<FaultyInputException>(() => TrainingCourse.Of(TrainingPlanReader.Read(change(Stages.Plan), "plan.yaml"), study ?? Study));

    [Fact]
    public void A_plan_that_fits_asks_its_first_round_at_public_weights()
    {
        var course = TrainingCourse.Of(TrainingPlanReader.Read(Stages.Plan), Study);
        Assert.Equal(2, course.Model.ParameterCount);
        var question = course.Ask(course.Start());
        Assert.Equal("training-round", question.Method);
        Assert.Equal(Convert.ToBase64String(course.Start().Weights.Bytes.Span), question.Parameters.GetProperty("weights").GetString());
        Assert.Equal(70_001, question.Parameters.GetProperty("local").GetProperty("seed").GetInt32());
        Assert.Null(course.ChargeOfRound);
    }

    [Fact]
    public void Every_fault_of_form_is_found_in_one_pass_with_its_line()
    {
        var faults = Refused(text => text.Replace("rounds: 4", "rounds: 0", StringComparison.Ordinal).Replace("name: fedavg", "name: fedavgg", StringComparison.Ordinal)
            .Replace("clip: 10", "clip: -1\nclipp: 3", StringComparison.Ordinal)).Faults;
        Assert.Equal(["document.strategy.name", "document.rounds", "document.clip", "document.clipp"], faults.OrderBy(f => f.At!.Line).Select(f => f.Subject));
        Assert.Contains("fedavg", faults.Single(f => f.Subject == "document.strategy.name").Fix, StringComparison.Ordinal);
        Assert.All(faults, f => Assert.Equal("plan.yaml", f.At!.File));
    }

    [Theory]
    [InlineData("precision: exact", "precision: noised", "rho")]
    [InlineData("precision: exact", "precision: exact\nrho: 1", "rho")]
    [InlineData("precision: exact", "precision: noised\nrho: 1\nepsilon: 1\ndelta: 0.00001", "rho")]
    [InlineData("precision: exact", "precision: noised\nepsilon: 1", "delta")]
    [InlineData("precision: exact", "precision: noised\ndelta: 0.001", "rho")]
    [InlineData("{name: fedavg}", "{name: fedadam}", "rate")]
    [InlineData("{name: fedavg}", "{name: fedprox}", "mu")]
    [InlineData("{name: fedavg}", "{name: fedavg, beta1: 0.9}", "beta1")]
    [InlineData("rounds: 4", "rounds: 4\nschedule: {kind: step, factor: 2, every: 3}", "factor")]
    [InlineData("rounds: 4", "rounds: 4\nstop: {gain: 0.1}", "rounds")]
    [InlineData("seed: 7", "seed: 200001", "seed")]
    [InlineData("model: {inputs: [age], head: logistic, outcome: stage, event: \"2\"}", "model: none", "model")]
    public void A_fault_of_form_is_named(string part, string faulty, string subject) =>
        Assert.EndsWith($".{subject}", Assert.Single(Refused(text => text.Replace(part, faulty, StringComparison.Ordinal)).Faults).Subject, StringComparison.Ordinal);

    [Theory]
    [InlineData("inputs: [age]", "inputs: [weight]", "model")]
    [InlineData("rate: 0.1", "rate: -1", "rate")]
    [InlineData("cohort: age >= 0", "cohort: age >= young", "")]
    [InlineData("rounds: 4", "rounds: 4\nminimumSites: 9", "minimumSites")]
    public void A_plan_that_does_not_fit_its_study_is_refused(string part, string faulty, string subject) =>
        Assert.Contains(Refused(text => text.Replace(part, faulty, StringComparison.Ordinal)).Faults, f => f.Subject.Contains(subject, StringComparison.Ordinal));

    [Fact]
    public void A_study_that_does_not_permit_training_says_so() =>
        Assert.Equal("study", Assert.Single(Refused(text => text, StudyReader.Read(Consortia.StudyText, null)).Faults).Subject);

    [Fact]
    public void A_preview_trains_on_mock_persons_alone()
    {
        var course = TrainingCourse.Of(TrainingPlanReader.Read(Stages.Plan), Study);
        var preview = PreviewTraining.Of(course, Study, new Dictionary<Protocol.Identity.OrganisationId, DifferentialPrivacy.Accounting.NanoRho>(), 300);
        Assert.True(preview.Suffices);
        Assert.Equal((0, 2, 4 * 7 * 4), (preview.Charge.Amount, preview.Weights, preview.BytesOfASite));
        Assert.Contains("an accuracy between 0.", preview.Expect, StringComparison.Ordinal);
    }

    [Fact]
    public void A_preview_counts_every_run_and_validates_on_mock_persons_too()
    {
        TrainingPreview Of(string more) => PreviewTraining.Of(TrainingCourse.Of(TrainingPlanReader.Read(Stages.Plan.Replace("{name: fedavg}", "{name: scaffold}", StringComparison.Ordinal) + more), Study), Study, new Dictionary<Protocol.Identity.OrganisationId, DifferentialPrivacy.Accounting.NanoRho>(), 300);
        var validated = Of("\nvalidation: {cohort: age < 9, every: 3, measure: auc, bins: 10}\n");
        Assert.Equal([("rounds", 4), ("mean gradients", 4), ("validations", 2)], validated.Runs.Select(r => (r.What, r.Times)));
        Assert.Equal((4 * 4 * 7) + (4 * 4 * 6) + (2 * 8 * 21), validated.BytesOfASite);
        Assert.Contains("an accuracy between 0.", validated.Expect, StringComparison.Ordinal);
    }

    [Fact]
    public void A_preview_expects_nothing_of_layers_that_mock_sites_have_alike()
    {
        var plan = Stages.Plan.Replace("inputs: [age],", "inputs: [age], layers: [{dense: 2}],", StringComparison.Ordinal) + "\npersonal: {layers: [layers.0], steps: 1, batch: 2, rate: 0.1}\n";
        Assert.StartsWith("no expectation", PreviewTraining.Of(TrainingCourse.Of(TrainingPlanReader.Read(plan), Study), Study, new Dictionary<Protocol.Identity.OrganisationId, DifferentialPrivacy.Accounting.NanoRho>(), 300).Expect, StringComparison.Ordinal);
    }
}
