using Consilience.Client.Train;
using Consilience.DifferentialPrivacy.Mechanisms;
using Consilience.FederatedLearning.Models;
using Consilience.Protocol.Analyse;
using AgreedStudy = Consilience.Protocol.Agreements.Study;

namespace Consilience.Samples.Images;

/// <summary>Trainings of a plan in one process, by the steps that the client takes, and how accurate the model is after each round.</summary>
internal static class Trained
{
    /// <param name="study">The sample's.</param>
    /// <param name="plan">Of a training.</param>
    /// <param name="seed">Of the images, and of the training.</param>
    /// <param name="isPooled">Whether all images are at one site.</param>
    /// <returns>The share of all sites' held-out images that is told rightly, after each round.</returns>
    internal static IEnumerable<double> Accuracies(AgreedStudy study, string plan, int seed, bool isPooled = false)
    {
        var course = TrainingCourse.Of(TrainingPlanReader.Read(plan.Replace("seed: 1", $"seed: {seed}", StringComparison.Ordinal)), study);
        var images = Enumerable.Range(0, Images.Sites.Length).Select(site => Images.Of(site, seed)).ToList();
        List<SiteImages> sites = [.. images.Select(s => new SiteImages([.. s.Where(i => !i.IsHeldOut)]))];
        if (isPooled)
            sites = [new([.. sites.SelectMany(s => s.Images)])];
        List<Image> heldOut = [.. images.SelectMany(s => s.Where(i => i.IsHeldOut))];
        for (var state = course.Start(); !course.IsFinished(state);)
        {
            state = Next(study, course, state, sites);
            yield return Accuracy(new ModelScorer(course.Model, state.Weights), heldOut);
        }
    }

    /// <summary>The same plan by FedAvg.</summary>
    internal static string Averaged(string plan) => plan.Replace("{name: fedprox, mu: 0.1}", "{name: fedavg}", StringComparison.Ordinal);

    private static TrainingState Next(AgreedStudy study, TrainingCourse course, TrainingState state, List<SiteImages> sites)
    {
        var plan = course.PlanOf(course.Ask(state));
        var total = new long[plan.Sums.VectorLength];
        foreach (var site in sites)
        {
            var vector = new long[total.Length];
            plan.Sums.Encode(site, vector);
            Add(total, vector);
        }

        if (course.ChargeOfRound is { } charge)
        {
            var terms = RunPlan.NoisePlans(study, plan, PrivacyPrice.Concentrated(charge))[0];
            var noise = new long[total.Length];
            for (var keyHolder = 0; keyHolder < terms.Trust.KeyHolders; keyHolder++)
            {
                terms.Mechanism.Fill(noise, Arithmetic.RandomBytes.OperatingSystem);
                Add(total, noise);
            }
        }

        return course.Take(state, total).State;
    }

    private static void Add(long[] total, long[] vector)
    {
        for (var i = 0; i < total.Length; i++)
            total[i] += vector[i];
    }

    private static double Accuracy(ModelScorer scorer, List<Image> images) => images.Average(image =>
    {
        var chances = scorer.Predict([.. image.Pixels.Select(p => (double)p)])!.ToList();
        return chances.IndexOf(chances.Max()) == image.Kind ? 1.0 : 0;
    });
}
