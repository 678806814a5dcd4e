using System.Globalization;
using Consilience.Cli.Report;
using Consilience.Protocol.Agreements;

namespace Consilience.Samples.Images;

/// <summary>The sample's pictures, and the figures of its page.</summary>
internal static class Figures
{
    private const int Gap = 4, Examples = 3;

    /// <param name="sample">The folder with study and plans, where pictures are written.</param>
    /// <param name="seeds">Of images and training: figures are means over so many.</param>
    internal static void Draw(string sample, int seeds)
    {
        File.WriteAllBytes(Path.Combine(sample, "kinds.png"), Kinds());
        var study = StudyReader.Read(File.ReadAllText(Path.Combine(sample, "study.yaml")), null);
        var (fedprox, noised) = (File.ReadAllText(Path.Combine(sample, "fedprox.yaml")), File.ReadAllText(Path.Combine(sample, "private.yaml")));
        LearningCurve Mean(string name, string plan, bool isPooled = false)
        {
            var accuracies = Enumerable.Range(1, seeds).AsParallel().AsOrdered().Select(seed => Trained.Accuracies(study, plan, seed, isPooled).ToList()).ToList();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: {accuracies.Average(a => a[^1]):0.000} ({string.Join(", ", accuracies.Select(a => a[^1].ToString("0.000", CultureInfo.InvariantCulture)))})"));
            return new(name, [.. accuracies[0].Select((_, round) => (double?)accuracies.Average(a => a[round]))]);
        }

        LearningCurve[] curves =
        [
            Mean("pooled", Trained.Averaged(fedprox), isPooled: true), Mean("FedProx", fedprox), Mean("FedAvg", Trained.Averaged(fedprox)),
            .. new[] { 8, 3, 1 }.Select(epsilon => Mean($"private, ε = {epsilon}", noised.Replace("epsilon: 8", $"epsilon: {epsilon}", StringComparison.Ordinal))),
        ];
        File.WriteAllText(Path.Combine(sample, "accuracy.svg"), SvgLearningCurve.Draw([new(curves, "Accuracy on images held out")]));
    }

    /// <summary>A column for each kind.</summary>
    private static byte[] Kinds()
    {
        var width = (Images.Kinds.Length * (Images.Side + Gap)) - Gap;
        var greys = new byte[((Examples * (Images.Side + Gap)) - Gap) * width];
        Array.Fill(greys, byte.MaxValue);
        var images = Enumerable.Range(0, Images.Sites.Length).SelectMany(site => Images.Of(site, 1)).ToList();
        for (var kind = 0; kind < Images.Kinds.Length; kind++)
        {
            foreach (var (image, row) in images.Where(i => i.Kind == kind).Take(Examples).Select((image, row) => (image, row)))
            {
                for (var pixel = 0; pixel < image.Pixels.Length; pixel++)
                    greys[(((row * (Images.Side + Gap)) + (pixel / Images.Side)) * width) + (kind * (Images.Side + Gap)) + (pixel % Images.Side)] = (byte)image.Pixels[pixel];
            }
        }

        return Png.Write(greys, width);
    }
}
