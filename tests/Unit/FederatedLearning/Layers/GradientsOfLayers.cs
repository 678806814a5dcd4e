using Consilience.Analyses.Schema;
using Consilience.FederatedLearning.Layers;
using Consilience.FederatedLearning.Numerics;

namespace Consilience.FederatedLearning.Tests.Layers;

/// <summary>Every layer's derivatives against central differences of its outputs, by weights and by inputs; norms of rows against rows by themselves.</summary>
public sealed class GradientsOfLayers
{
    private const int Rows = 5;

    private static readonly StudySchema Schema = new([.. Enumerable.Range(0, 36).Select(i => Written.Number($"x{i}", -1, 1)), Written.Category("arm", "a", "b", "c"), Written.Flag("y")]);

    public static TheoryData<string> Layers =>
    [
        """[{"dense": 7}]""",
        """[{"dense": 20}, {"dense": 3}]""",
        """[{"dense": 7}, "relu"]""",
        """[{"dense": 7}, "tanh", {"dense": 4}]""",
        """[{"dense": 11}, "tanh", "relu", {"dense": 4}]""",
        """[{"dense": 7}, "gelu"]""",
        """[{"dense": 7}, "tanh", {"dropout": 0.4}, {"dense": 4}]""",
        """[{"dense": 8}, "layer-norm", {"dense": 3}]""",
        """[{"dense": 8}, {"group-norm": 2}, "tanh"]""",
        """[{"dense": 6}, {"residual": [{"dense": 5}, "tanh", {"dense": 6}]}, "relu"]""",
        """[{"residual": ["layer-norm", {"residual": ["relu", {"dense": 36}]}, "tanh"]}, {"dense": 4}]""",
        """[{"reshape": [6, 6, 1]}, {"conv2d": {"filters": 3, "size": 3}}]""",
        """[{"reshape": [6, 6, 1]}, {"conv2d": {"filters": 3, "size": 2, "stride": 2, "padding": "same"}}, "tanh", {"conv2d": {"filters": 2, "size": 3, "padding": "same"}}, "flatten", {"dense": 3}]""",
        """[{"reshape": [12, 3]}, {"conv1d": {"filters": 4, "size": 3, "padding": "same"}}, "gelu", {"pool1d": {"size": 2, "of": "mean"}}]""",
        """[{"reshape": [6, 6, 1]}, {"conv2d": {"filters": 2, "size": 3, "padding": "same"}}, {"pool2d": {"size": 2}}]""",
        """[{"reshape": [6, 3, 2]}, {"conv2d": {"filters": 4, "size": 2, "padding": "same"}}, {"group-norm": 2}, {"pool2d": {"size": 2, "stride": 1, "padding": "same", "of": "mean"}}]""",
        """[{"reshape": [6, 6, 1]}, {"residual": [{"conv2d": {"filters": 1, "size": 3, "padding": "same"}}, "layer-norm", "gelu"]}]""",
    ];

    private static IReadOnlyList<LayerSpec> Read(string layers, bool isEmbedded = false)
    {
        object arm = isEmbedded ? """{"variable": "arm", "embedding": 3}""" : "\"arm\"";
        var inputs = isEmbedded ? $$"""["x0", {{arm}}, {"from": "x1", "to": "x5"}]""" : """[{"from": "x0", "to": "x35"}]""";
        return Written.Model(Schema, $$"""{"inputs": {{inputs}}, "layers": {{layers}}, "head": "logistic", "outcome": "y"}""").Layers;
    }

    [Theory]
    [MemberData(nameof(Layers))]
    public void Derivatives_are_differences(string layers) => Assert.InRange(new Check(Read(layers)).WorstDifference(), 0, 5e-3);

    [Fact]
    public void Derivatives_of_embeddings_are_differences() => Assert.InRange(new Check(Read("""[{"dense": 4}, "tanh"]""", isEmbedded: true), [1]).WorstDifference(), 0, 5e-3);

    [Theory]
    [MemberData(nameof(Layers))]
    public void Norms_are_those_of_rows_by_themselves(string layers) => Assert.InRange(new Check(Read(layers)).WorstNorm(), 0, 1e-5);

    [Fact]
    public void Norms_of_embeddings_are_those_of_rows_by_themselves() => Assert.InRange(new Check(Read("""[{"dense": 4}]""", isEmbedded: true), [1]).WorstNorm(), 0, 1e-5);

    /// <summary>The broken twin takes tanh to have the derivative 1.</summary>
    [Fact]
    public void A_wrong_derivative_is_noticed()
    {
        var layers = Read("""[{"dense": 7}, "tanh", {"dense": 4}]""");
        Assert.InRange(new Check([layers[0], new BrokenSpec(layers[1]), .. layers.Skip(2)]).WorstDifference(), 2e-2, double.PositiveInfinity);
    }

    private sealed record BrokenSpec(LayerSpec Whole) : LayerSpec(Whole.Input, Whole.Output)
    {
        internal override Layer Create(int rows, int offset) => new Broken(Whole.Create(rows, offset));
    }

    private sealed class Broken(Layer whole) : Layer
    {
        internal override float[] Forward(ReadOnlySpan<float> weights, float[] inputs, int rows, in Pass pass) => whole.Forward(weights, inputs, rows, pass);

        internal override float[] Backward(ReadOnlySpan<float> weights, float[] byOutputs, int rows) => byOutputs;
    }

    /// <summary>Layers at random weights and inputs, under the loss Σ (½y² + cy).</summary>
    private sealed class Check
    {
        private const float Step = 0.01f;

        private readonly Chain chain;
        private readonly float[] weights;
        private readonly float[] inputs;
        private readonly int width;
        private readonly bool hasCodes;
        private readonly long[] keys = [.. Enumerable.Range(0, Rows).Select(r => r * 7L)];

        internal Check(IReadOnlyList<LayerSpec> specs, params IReadOnlyList<int> codes)
        {
            var stream = SeededStream.For(3, StreamPurpose.InitialWeights);
            chain = new Chain(specs, Rows, 0);
            width = specs[0].Input.Size;
            hasCodes = codes.Count > 0;
            weights = [.. Enumerable.Range(0, specs.Sum(s => s.WeightCount)).Select(_ => (2 * stream.Uniform()) - 1)];
            inputs = [.. Enumerable.Range(0, Rows * width).Select(i => codes.Contains(i % width) ? stream.Below(3) : (2 * stream.Uniform()) - 1)];
        }

        internal double WorstDifference()
        {
            var (byInputs, gradient) = Differentiate();
            var largest = gradient.Max(Math.Abs);
            var worst = 0.0;
            for (var i = 0; i < weights.Length; i++)
                worst = Math.Max(worst, Math.Abs(Difference(weights, i) - gradient[i]) / largest);
            largest = byInputs.Max(Math.Abs);
            for (var i = 0; i < inputs.Length && !hasCodes; i++)
                worst = Math.Max(worst, Math.Abs(Difference(inputs, i) - byInputs[i]) / largest);
            return worst;
        }

        internal double WorstNorm()
        {
            var byOutputs = ByOutputs(out _);
            chain.BackwardFirst(weights, byOutputs, Rows);
            var norms = new double[Rows];
            chain.AddSquaredNorms(byOutputs, norms);
            float[] factors = [1, 0.5f, 2, 0, 1];
            var (alone, scaled) = (Enumerable.Range(0, Rows).Select(r => Gradient(byOutputs, r, r + 1)).ToList(), new float[weights.Length]);
            chain.ScaleRows(byOutputs, factors);
            chain.AddGradient(byOutputs, 0, Rows, scaled);
            var expected = Enumerable.Range(0, weights.Length).Select(i => alone.Select((a, r) => a[i] * factors[r]).Sum()).ToArray();
            var largest = expected.Max(Math.Abs);
            return Math.Max(
                norms.Select((n, r) => Math.Abs(n - MatrixProduct.Squares(alone[r])) / norms.Max()).Max(),
                expected.Zip(scaled, (e, s) => Math.Abs(e - s) / largest).Max());
        }

        private (float[] ByInputs, float[] ByWeights) Differentiate()
        {
            var byOutputs = ByOutputs(out _);
            float[] byInputs = [.. chain.Backward(weights, byOutputs, Rows).Take(inputs.Length)];
            return (byInputs, Gradient(byOutputs, 0, Rows));
        }

        private float[] Gradient(float[] byOutputs, int from, int to)
        {
            var gradient = new float[weights.Length];
            chain.AddGradient(byOutputs, from, to, gradient);
            return gradient;
        }

        private float[] ByOutputs(out double loss)
        {
            var outputs = chain.Forward(weights, [.. inputs], Rows, new Pass(true, 11, keys));
            loss = outputs.Select((y, i) => (0.5 * y * y) + (C(i) * y)).Sum();
            return [.. outputs.Select((y, i) => (float)(y + C(i)))];
        }

        private static double C(int i) => Math.Sin(i);

        private double Difference(float[] at, int i)
        {
            var was = at[i];
            at[i] = was + Step;
            ByOutputs(out var above);
            at[i] = was - Step;
            ByOutputs(out var below);
            at[i] = was;
            return (above - below) / (2 * Step);
        }
    }
}
