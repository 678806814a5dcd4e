using System.Text.Json;
using Consilience.Analyses.Schema;
using Consilience.Client.Train;
using Consilience.FederatedLearning.Models;
using Consilience.Protocol.Agreements;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Consilience.Client.Tests.Train;

/// <summary>A model's ONNX file, run by the reference runtime, predicts what the model predicts.</summary>
public sealed class OnnxFilesRun
{
    private static readonly StudySchema Schema = StudyReader.Read(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "samples", "heart", "study.yaml")), null).Schema;

    [Theory]
    [InlineData("""{"inputs":[{"variable":"age","centre":53,"scale":9.4},"sex","cp","oldpeak"],"head":"logistic","outcome":"disease"}""")]
    [InlineData("""{"inputs":["age","sex","cp"],"head":"linear","outcome":"chol"}""")]
    [InlineData("""{"inputs":["thalach"],"head":"logistic","outcome":"disease"}""")]
    [InlineData("""{"inputs":["age","restecg"],"layers":[{"dense":8},"relu",{"dense":3},"tanh"],"head":"logistic","outcome":"disease"}""")]
    [InlineData("""{"inputs":["age",{"variable":"cp","embedding":3},"sex",{"variable":"restecg","embedding":2}],"layers":[{"dense":4}],"head":"softmax","outcome":"split1"}""")]
    public void As_the_model_itself(string declaration)
    {
        var model = ModelDeclaration.Read(JsonDocument.Parse(declaration).RootElement, Schema, [])!;
        var weights = ModelWeights.Initialise(model, 5);
        var prediction = new ModelPrediction(new ModelFile(model, Schema), weights);
        using var session = new InferenceSession(OnnxFile.Write(model, weights, "test")!);
        var read = model.InputVariables.Select(v => Schema.Find(v)!).ToList();
        for (var row = 0; row < 20; row++)
        {
            double[] values = [.. read.Select((v, i) => v.Codes.Count > 0 ? (row + i) % v.Codes.Count : v.Type == VariableType.Boolean ? (row + i) % 2 : Math.Floor((double)v.Minimum! + ((row / 20.0) * (double)(v.Maximum! - v.Minimum!))))];
            string[] texts = [.. read.Zip(values, (v, x) => v.Codes.Count > 0 ? v.Codes[(int)x].Code : v.Type == VariableType.Boolean ? (x > 0 ? "true" : "false") : $"{x}")];
            var tensor = new DenseTensor<float>(values.Select(v => (float)v).ToArray(), new[] { 1, values.Length });
            using var outputs = session.Run([NamedOnnxValue.CreateFromTensor("values", tensor)]);
            var made = outputs.Single().AsTensor<float>().ToArray();
            var expected = prediction.Of(texts)!;
            Assert.Equal(expected.Count, made.Length);
            for (var i = 0; i < made.Length; i++)
                Assert.Equal(expected[i], made[i], 1e-5 * Math.Max(1, Math.Abs(expected[i])));
        }
    }
}
