using System.Globalization;
using Consilience.Protocol.Agreements;
using Consilience.Samples.Images;
using AgreedStudy = Consilience.Protocol.Agreements.Study;

namespace Consilience.Client.Tests.Train;

/// <summary>The sample of generated images, nineteen in twenty at each site of two kinds of its own: accuracy on images held out, means over three seeds of images and training; under noise one seed.</summary>
[Trait("speed", "slow")]
public sealed class ImagesAtFourSites
{
    private static readonly string Sample = Path.Combine(AppContext.BaseDirectory, "samples", "images");
    private static readonly AgreedStudy Study = StudyReader.Read(File.ReadAllText(Path.Combine(Sample, "study.yaml")), null);

    /// <summary>The broken twin is a training that stops early: it is not within a point.</summary>
    [Fact]
    public void Held_near_the_round_s_weights_sites_reach_the_pooled_accuracy_within_one_point()
    {
        var (federated, pooled) = (Reported("fedprox.yaml"), Reported("fedprox.yaml", isPooled: true));
        Assert.InRange(pooled[^1], 0.98, 1);
        Assert.InRange(federated[^1], pooled[^1] - 0.01, 1);
        Assert.InRange(federated[9], 0.5, pooled[^1] - 0.02);
    }

    /// <summary>At a twentieth of the smallest ε noise drowns the model, which shows that it is there.</summary>
    [Theory]
    [InlineData("8", 0.90, 1)]
    [InlineData("3", 0.80, 0.99)]
    [InlineData("1", 0.55, 0.90)]
    [InlineData("0.05", 0, 0.3)]
    public void Accuracy_under_differential_privacy(string epsilon, double least, double most) => Assert.InRange(Reported("private.yaml", epsilon: epsilon, seeds: 1)[^1], least, most);

    private static List<double> Reported(string plan, bool isPooled = false, string epsilon = "8", int seeds = 3)
    {
        var text = File.ReadAllText(Path.Combine(Sample, plan)).Replace("epsilon: 8", $"epsilon: {epsilon}", StringComparison.Ordinal);
        var accuracies = Enumerable.Range(1, seeds).AsParallel().AsOrdered().Select(seed => Trained.Accuracies(Study, isPooled ? Trained.Averaged(text) : text, seed, isPooled).ToList()).ToList();
        TestContext.Current.SendDiagnosticMessage(FormattableString.Invariant($"{plan}{(isPooled ? ", pooled" : "")}, ε = {epsilon}: {accuracies.Average(a => a[^1]):0.000} ({string.Join(", ", accuracies.Select(a => a[^1].ToString("0.000", CultureInfo.InvariantCulture)))})"));
        return [.. accuracies[0].Select((_, round) => accuracies.Average(a => a[round]))];
    }
}
