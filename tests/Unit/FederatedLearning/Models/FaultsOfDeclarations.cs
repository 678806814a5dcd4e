using System.Text.Json;
using Consilience.Analyses.Schema;
using Consilience.FederatedLearning.Models;
using CsCheck;

namespace Consilience.FederatedLearning.Tests.Models;

/// <summary>What does not fit in a declaration or a round is named by its place; nothing written makes one throw.</summary>
public sealed class FaultsOfDeclarations
{
    private static readonly StudySchema Schema = new(
    [
        .. Enumerable.Range(0, 36).Select(i => Written.Number($"p{i}", 0, 1)), Written.Category("arm", "a", "b", "c"), Written.Flag("died"), Written.Number("days", 0, 100),
        new("free", VariableType.Real, "free", null, [], null, null), new("born", VariableType.Date, "born", null, [], null, null),
    ]);

    private static List<string> Faults(string method, string parameters)
    {
        var faults = new List<Fault>();
        var plan = KnownMethods.Find(method)!.Plan(JsonDocument.Parse(parameters).RootElement, Schema, faults);
        Assert.Equal(plan is null, faults.Count > 0);
        return [.. faults.Select(f => f.ToString())];
    }

    private static List<string> ModelFaults(string model)
    {
        var faults = new List<Fault>();
        Assert.Equal(ModelDeclaration.Read(JsonDocument.Parse(model).RootElement, Schema, faults) is null, faults.Count > 0);
        return [.. faults.Select(f => f.ToString())];
    }

    [Theory]
    [InlineData("""{"inputs":[],"head":"logistic","outcome":"died"}""", "model.inputs")]
    [InlineData("""{"inputs":["p0","p0"],"head":"logistic","outcome":"died"}""", "model.inputs[1]")]
    [InlineData("""{"inputs":["free"],"head":"logistic","outcome":"died"}""", "model.inputs[0]")]
    [InlineData("""{"inputs":["born"],"head":"logistic","outcome":"died"}""", "model.inputs[0]")]
    [InlineData("""{"inputs":["q0"],"head":"logistic","outcome":"died"}""", "model.inputs[0]")]
    [InlineData("""{"inputs":[{"from":"p3","to":"p1"}],"head":"logistic","outcome":"died"}""", "model.inputs[0].to")]
    [InlineData("""{"inputs":[{"from":"p30","to":"born"}],"head":"logistic","outcome":"died"}""", "model.inputs[0].to")]
    [InlineData("""{"inputs":[{"variable":"p0","scale":0}],"head":"logistic","outcome":"died"}""", "model.inputs[0].scale")]
    [InlineData("""{"inputs":[{"variable":"arm","embedding":0}],"head":"logistic","outcome":"died"}""", "model.inputs[0].embedding")]
    [InlineData("""{"inputs":[{"variable":"p0","embedding":2}],"head":"logistic","outcome":"died"}""", "model.inputs[0].embedding")]
    [InlineData("""{"inputs":["died"],"head":"logistic","outcome":"died"}""", "model.inputs")]
    [InlineData("""{"inputs":["p0"],"outcome":"died"}""", "model.head")]
    [InlineData("""{"inputs":["p0"],"head":"poisson","outcome":"died"}""", "model.head")]
    [InlineData("""{"inputs":["p0"],"head":"logistic","outcome":"arm"}""", "model.event")]
    [InlineData("""{"inputs":["p0"],"head":"logistic","outcome":"arm","event":["a","z"]}""", "model.event")]
    [InlineData("""{"inputs":["p0"],"head":"logistic","outcome":"arm","event":["a","b","c"]}""", "model.event")]
    [InlineData("""{"inputs":["p0"],"head":"softmax","outcome":"died"}""", "model.outcome")]
    [InlineData("""{"inputs":["p0"],"head":"linear","outcome":"free"}""", "model.outcome")]
    [InlineData("""{"inputs":["p0"],"head":"cox","outcome":"died"}""", "model.time")]
    [InlineData("""{"inputs":["p0"],"head":"logistic","outcome":"died","time":"days"}""", "model.time")]
    [InlineData("""{"inputs":["p0"],"head":"discrete-survival","outcome":"died","time":"days","edges":[2,1]}""", "model.edges")]
    [InlineData("""{"inputs":["p0"],"layers":["sigmoid"],"head":"logistic","outcome":"died"}""", "model.layers[0]")]
    [InlineData("""{"inputs":["p0"],"layers":[{"dense":0}],"head":"logistic","outcome":"died"}""", "model.layers[0].dense")]
    [InlineData("""{"inputs":["p0"],"layers":[{"dense":4,"dropout":0.1}],"head":"logistic","outcome":"died"}""", "model.layers[0]")]
    [InlineData("""{"inputs":["p0"],"layers":[{"dropout":1}],"head":"logistic","outcome":"died"}""", "model.layers[0].dropout")]
    [InlineData("""{"inputs":["p0"],"layers":[{"dense":65536},{"dense":65536}],"head":"logistic","outcome":"died"}""", "model.layers[1].dense")]
    [InlineData("""{"inputs":["p0"],"layers":[{"dense":6},{"group-norm":4}],"head":"logistic","outcome":"died"}""", "model.layers[1].group-norm")]
    [InlineData("""{"inputs":["p0"],"layers":[{"dense":6},{"reshape":[2,2]}],"head":"logistic","outcome":"died"}""", "model.layers[1].reshape")]
    [InlineData("""{"inputs":["p0"],"layers":[{"conv2d":{"filters":2,"size":3}}],"head":"logistic","outcome":"died"}""", "model.layers[0].conv2d")]
    [InlineData("""{"inputs":[{"from":"p0","to":"p35"}],"layers":[{"reshape":[6,6,1]},{"conv2d":{"filters":2,"size":7}}],"head":"logistic","outcome":"died"}""", "model.layers[1].conv2d.size")]
    [InlineData("""{"inputs":[{"from":"p0","to":"p35"}],"layers":[{"reshape":[6,6,1]},{"pool1d":{"size":2}}],"head":"logistic","outcome":"died"}""", "model.layers[1].pool1d")]
    [InlineData("""{"inputs":["p0"],"layers":[{"dense":6},{"residual":[{"dense":5}]}],"head":"logistic","outcome":"died"}""", "model.layers[1].residual")]
    [InlineData("""{"inputs":["p0"],"layers":[{"residual":[{"residual":["relu","sine"]}]}],"head":"logistic","outcome":"died"}""", "model.layers[0].residual[0].residual[1]")]
    [InlineData("""{"inputs":["p0"],"layers":{},"head":"logistic","outcome":"died"}""", "model.layers")]
    [InlineData("""{"inputs":["p0"],"head":"logistic","outcome":"died","code":"import os"}""", "model.code")]
    public void A_fault_of_a_model_is_named(string model, string place) => Assert.Contains(ModelFaults(model), f => f.StartsWith(place, StringComparison.Ordinal));

    private const string Good = """ "model":{"inputs":["p0"],"head":"logistic","outcome":"died"},"weights":"AAAAAAAAAAA=","clip":1""";

    [Theory]
    [InlineData("training-round", """ "model":{"inputs":["p0"],"head":"logistic","outcome":"died"},"weights":"AAAA","clip":1""", "training-round.weights")]
    [InlineData("training-round", """ "model":{"inputs":["p0"],"head":"logistic","outcome":"died"},"weights":"AADAfwAAAAA=","clip":1""", "training-round.weights")]
    [InlineData("training-round", """ "model":{"inputs":["p0"],"head":"logistic","outcome":"died"},"weights":{"sha256":"ABC"},"clip":1""", "training-round.weights.sha256")]
    [InlineData("training-round", """ "model":{"inputs":["p0"],"head":"logistic","outcome":"died"},"weights":"AAAAAAAAAAA=" """, "training-round.clip")]
    [InlineData("training-round", Good + ""","bits":0""", "training-round.bits")]
    [InlineData("training-round", Good + ""","control":"AAAAAAAAAAA=" """, "training-round.control")]
    [InlineData("training-round", Good + ""","local":{"batch":2,"rate":1}""", "training-round.local.epochs")]
    [InlineData("training-round", Good + ""","local":{"epochs":1,"steps":1,"batch":2,"rate":1}""", "training-round.local.epochs")]
    [InlineData("training-round", Good + ""","local":{"epochs":1,"rate":1}""", "training-round.local.batch")]
    [InlineData("training-round", Good + ""","local":{"epochs":1,"batch":2,"rate":-1}""", "training-round.local.rate")]
    [InlineData("training-round", Good + ""","local":{"epochs":1,"batch":2,"rate":1,"optimiser":"lion"}""", "training-round.local.optimiser")]
    [InlineData("training-round", Good + ""","local":{"epochs":1,"batch":2,"rate":1,"optimiser":"adam","momentum":0.5}""", "training-round.local.momentum")]
    [InlineData("training-round", Good + ""","local":{"epochs":1,"batch":2,"rate":1},"weighting":"site","patients":3""", "training-round.patients")]
    [InlineData("training-round", Good + ""","local":{"epochs":1,"batch":2,"rate":1},"control":"AA" """, "training-round.control")]
    [InlineData("training-round", """ "model":{"inputs":["p0"],"head":"cox","outcome":"died","time":"days"},"weights":"AAAAAA==","clip":1""", "training-round.local")]
    [InlineData("training-round", Good + ""","local":{"unit":"hospital","epochs":1,"batch":2,"rate":1}""", "training-round.local.unit")]
    [InlineData("training-round", Good + ""","local":{"epochs":1,"batch":2,"rate":1,"rows":3}""", "training-round.local.rows")]
    [InlineData("training-round", Good + ""","local":{"unit":"person","epochs":1,"batch":2,"rate":1,"rows":0}""", "training-round.local.rows")]
    [InlineData("training-round", Good + ""","local":{"unit":"person","epochs":1,"batch":2,"rate":1,"clip":1}""", "training-round.local.clip")]
    [InlineData("training-round", Good + ""","local":{"unit":"person","epochs":1,"batch":2,"rate":1},"control":"AAAAAAAAAAA=" """, "training-round.control")]
    [InlineData("training-round", Good + ""","local":{"unit":"person","epochs":1,"batch":2,"rate":1},"weighting":"site" """, "training-round.weighting")]
    [InlineData("training-round", Good + ""","local":{"unit":"person","epochs":1,"batch":2,"rate":1},"bits":2""", "training-round.bits")]
    [InlineData("training-round", Good + ""","local":{"unit":"site","epochs":1,"batch":2,"rate":1},"counted":4""", "training-round.counted")]
    [InlineData("training-round", """ "model":{"inputs":["p0"],"layers":[{"dense":1}],"head":"logistic","outcome":"died"},"weights":"AAAAAAAAAAAAAAAAAAAAAA==","clip":1,"local":{"unit":"person","epochs":1,"batch":2,"rate":1},"personal":{"layers":["head"],"steps":1,"batch":1,"rate":1}""", "training-round.personal")]
    [InlineData("training-round", """ "model":{"inputs":["p0"],"head":"cox","outcome":"died","time":"days"},"weights":"AAAAAA==","clip":1,"local":{"unit":"person","epochs":1,"batch":2,"rate":1}""", "training-round.local")]
    [InlineData("model-evaluation", """ "model":{"inputs":["p0"],"head":"linear","outcome":"days"},"weights":"AAAAAAAAAAA=" """, "model-evaluation.model")]
    [InlineData("model-evaluation", """ "model":{"inputs":["p0"],"head":"cox","outcome":"died","time":"days"},"weights":"AAAAAA==" """, "model-evaluation.edges")]
    [InlineData("model-evaluation", """ "model":{"inputs":["p0"],"head":"logistic","outcome":"died"},"weights":"AAAAAAAAAAA=","bins":1""", "model-evaluation.bins")]
    public void A_fault_of_a_round_is_named(string method, string parameters, string place) => Assert.Contains(Faults(method, $"{{{parameters}}}"), f => f.StartsWith(place, StringComparison.Ordinal));

    [Fact]
    public void Whatever_is_written_is_answered_with_faults()
    {
        string[] values = ["null", "1", "-1e300", "\"p0\"", "[]", "{}", "[[]]", "[null]", "true", """[{"variable":"arm","embedding":1e9}]""", """[{"dense":1e99}]""", "\"NaN\"", """[{"residual":[{"conv2d":{"filters":1e9,"size":1e9}}]}]"""];
        string[] keys = ["inputs", "layers", "head", "outcome", "event", "time", "edges", "model", "weights", "local", "clip", "bits", "control", "patients", "weighting", "by", "bins"];
        Gen.Select(Gen.Int[0, keys.Length - 1].Select(i => keys[i]), Gen.Int[0, values.Length - 1].Select(i => values[i])).Array[0, 5].Sample(pairs =>
        {
            var written = $"{{{string.Join(",", pairs.DistinctBy(p => p.Item1).Select(p => $"\"{p.Item1}\":{p.Item2}"))}}}";
            Assert.NotEmpty(ModelFaults(written));
            Assert.NotEmpty(Faults("training-round", $$"""{"model":{{written}},"clip":1}"""));
            Assert.NotEmpty(Faults("training-round", written));
            Assert.NotEmpty(Faults("model-evaluation", written));
        });
    }

    [Fact]
    public void Equal_declarations_have_equal_text_and_others_do_not()
    {
        static string Text(string model) => ModelDeclaration.Read(JsonDocument.Parse(model).RootElement, Schema, [])!.Canonical;
        Assert.Equal(Text("""{"inputs":[{"variable":"p0","scale":2.0}],"head":"logistic","outcome":"died"}"""), Text("""{ "outcome": "died", "head":"logistic","inputs":[{"scale":2,"variable":"p0"}]}"""));
        Assert.NotEqual(Text("""{"inputs":["p0"],"head":"logistic","outcome":"died"}"""), Text("""{"inputs":["p1"],"head":"logistic","outcome":"died"}"""));
    }

    [Fact]
    public void Tensors_are_named_and_cover_all_weights()
    {
        var model = ModelDeclaration.Read(JsonDocument.Parse("""{"inputs":[{"variable":"arm","embedding":2},"p0"],"layers":[{"dense":4},"relu",{"residual":[{"dense":4}]}],"head":"softmax","outcome":"arm"}""".Replace("\"outcome\":\"arm\"", "\"outcome\":\"kind\"", StringComparison.Ordinal)).RootElement,
            new StudySchema([.. Schema.Variables, Written.Category("kind", "u", "v")]), [])!;
        Assert.Equal(["embedding.arm", "layers.0.weight", "layers.0.bias", "layers.2.0.weight", "layers.2.0.bias", "head.weight", "head.bias"], model.Tensors.Select(t => t.Name));
        Assert.Equal(model.ParameterCount, model.Tensors.Sum(t => t.Length));
        Assert.Equal(model.Tensors.Select((_, i) => model.Tensors.Take(i).Sum(t => t.Length)), model.Tensors.Select(t => t.Offset));
        Assert.Equal(6 + 12 + 4 + 16 + 4 + 8 + 2, model.ParameterCount);
    }
}
