using System.Text.Json;
using Consilience.Analyses.Schema;
using Consilience.Client.Train;
using Consilience.Client.Train.Trees;
using Consilience.FederatedLearning.Models;
using Consilience.FederatedLearning.Trees;
using Consilience.Protocol.Agreements;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Consilience.Client.Tests.Train;

/// <summary>A model's ONNX file, run by the reference runtime, predicts what the model predicts.</summary>
public sealed class OnnxFilesRun
{
    private static readonly StudySchema Schema = StudyReader.Read(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "samples", "heart", "study.yaml")), null).Schema;

    /// <summary>Numbers on both sides of every edge, codes with an order and without, and missing values on either side.</summary>
    [Theory]
    [InlineData("logistic", "disease")]
    [InlineData("linear", "chol")]
    public void As_the_trees_themselves(string head, string outcome)
    {
        var model = (TreeModel)DeclaredModel.ReadAny(JsonSerializer.SerializeToElement(new
        {
            kind = "trees", inputs = new object[] { new { variable = "age", edges = new[] { 40, 50.5, 60 } }, "cp", "sex", new { variable = "restecg", order = "schema" } }, head, outcome,
        }), Schema, [])!;
        const string Trees = """{"base":0.25,"trees":[[[0,1,1],[1,3,0],-0.5,0.75,[2,0,0],0.125,[1,0,1],-0.25,1],[[3,0,0],[3,1,1],0.1,[0,2,0],0.2,-0.3,0.4],[0.0625]]}""";
        var ensemble = Ensemble.TryRead(System.Text.Encoding.UTF8.GetBytes(Trees), model)!;
        var scorer = new EnsembleScorer(model, ensemble);
        using var session = new InferenceSession(Bytes(TreeOnnx.Of(model, ensemble, "test")));
        double[][] columns = [[40, 40.1, 50.5, 51, 60, 61, double.NaN], [0, 1, 2, 3, double.NaN], [0, 1, double.NaN], [0, 1, 2, double.NaN]];
        foreach (var values in from a in columns[0] from c in columns[1] from s in columns[2] from r in columns[3] select new[] { a, c, s, r })
        {
            var tensor = new DenseTensor<float>(values.Select(v => (float)v).ToArray(), new[] { 1, values.Length });
            using var outputs = session.Run([NamedOnnxValue.CreateFromTensor("values", tensor)]);
            var expected = scorer.Predict(values)![0];
            Assert.Equal(expected, outputs.Single().AsTensor<float>().Single(), 1e-6 * Math.Max(1, Math.Abs(expected)));
        }
    }

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
        using var session = new InferenceSession(Bytes(OnnxFile.Of(model, weights, "test")!));
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

    private static byte[] Bytes(ProtoMessage model)
    {
        using var file = new MemoryStream();
        model.WriteTo(file);
        return file.ToArray();
    }
}
