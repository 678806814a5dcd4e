using Consilience.Analyses.Schema;
using Consilience.FederatedLearning.Models;
using Consilience.FederatedLearning.Numerics;

namespace Consilience.FederatedLearning.Tests.Published;

/// <summary>
/// A small convolutional network on generated images of 28 × 28 with known structure: noise, and in it a bar, a cross, a ring or a corner at a random place. Four sites, each with nine tenths of its images of one kind. Trained with corrected steps, and with
/// steps held back, it is as accurate as on all images together.
/// </summary>
public sealed class ImagesByLabel
{
    private const int Side = 28;
    private const int Kinds = 4;
    private static readonly string[] Names = [.. Enumerable.Range(0, Side * Side).Select(i => $"p{i}"), "kind"];
    private static readonly StudySchema Schema = new([.. Enumerable.Range(0, Side * Side).Select(i => Written.Number($"p{i}", -8, 8)), Written.Category("kind", "bar", "cross", "ring", "corner")]);

    private static readonly object Model = new
    {
        inputs = new object[] { new { from = "p0", to = $"p{(Side * Side) - 1}", centre = 0, scale = 1 } },
        layers = new object[]
        {
            new { reshape = new[] { Side, Side, 1 } }, new { conv2d = new { filters = 8, size = 5, stride = 2 } }, "relu", new { pool2d = new { size = 2 } },
            new { conv2d = new { filters = 12, size = 3 } }, "relu", new { pool2d = new { size = 4 } },
        },
        head = "softmax", outcome = "kind",
    };

    private static double[] Image(int kind, ref SeededStream stream)
    {
        var image = new double[(Side * Side) + 1];
        for (var i = 0; i < Side * Side; i++)
            image[i] = stream.Uniform() - 0.5;
        var (top, left) = (2 + stream.Below(14), 2 + stream.Below(14));
        for (var i = 0; i < 9; i++)
        {
            foreach (var (y, x) in kind switch { 0 => [(4, i)], 1 => [(i, i), (i, 8 - i)], 2 => [(0, i), (8, i), (i, 0), (i, 8)], _ => new[] { (i, 0), (8, i) } })
                image[((top + y) * Side) + left + x] += 1.5;
        }

        image[^1] = kind;
        return image;
    }

    private static RowsInMemory Images(int count, long seed, Func<int, int> kindOf)
    {
        var stream = SeededStream.For(seed, StreamPurpose.InitialWeights);
        var rows = new double[count][];
        for (var i = 0; i < count; i++)
            rows[i] = Image(kindOf(i), ref stream);
        return new RowsInMemory(Names, rows);
    }

    private static double Accuracy(ModelDeclaration model, ModelWeights weights)
    {
        var (scorer, right) = (new ModelScorer(model, weights), 0);
        var test = Images(600, 77, i => i % Kinds);
        foreach (var row in test.Rows)
        {
            var predicted = scorer.Predict(row.AsSpan(0, Side * Side))!;
            right += Array.IndexOf(predicted, predicted.Max()) == (int)row[^1] ? 1 : 0;
        }

        return right / (double)test.Count;
    }

    [Fact]
    public void Skewed_labels_cost_no_accuracy_where_steps_are_corrected_or_held_back()
    {
        var sites = Enumerable.Range(0, Kinds).Select(site => Images(150, site, i => i % 10 == 9 ? (site + 1 + (i / 10 % 3)) % Kinds : site)).ToList();
        double Train(IReadOnlyList<RowsInMemory> at, bool isCorrected, decimal proximal, decimal rate = 0.1m)
        {
            var federation = new Federation(Schema, Model, at);
            return Accuracy(federation.Model, federation.Train(40, 1, (round, weights, control) => new { model = Model, weights, control, clip = 100, bits = 12, local = new { steps = 20, batch = 32, rate, proximal, seed = round } }, Federation.Average, isCorrected));
        }

        var (pooled, corrected, heldBack) = (Train([RowsInMemory.Together(sites)], false, 0), Train(sites, true, 0, 0.02m), Train(sites, false, 0.1m));
        TestContext.Current.SendDiagnosticMessage($"images: pooled {pooled:0.000}, corrected {corrected:0.000}, held back {heldBack:0.000}");
        Assert.InRange(corrected, pooled - 0.01, 1);
        Assert.InRange(heldBack, pooled - 0.01, 1);
        Assert.InRange(pooled, 0.9, 1);
    }
}
