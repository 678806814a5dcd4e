using Consilience.Analyses;
using Consilience.Analyses.Schema;
using Consilience.FederatedLearning.Models;
using Consilience.FederatedLearning.Numerics;
using Consilience.FederatedLearning.Rounds;
using Consilience.FederatedLearning.Tests.Published;

namespace Consilience.FederatedLearning.Tests.Rounds;

/// <summary>
/// Sites that measure the same persons differently: each column of a site is stretched and shifted in its own way. Normalisation that every site has to itself undoes that; shared normalisation cannot. What is personal never leaves.
/// </summary>
public sealed class LayersOfASite
{
    private const int Columns = 6;
    private static readonly string[] Names = [.. Enumerable.Range(0, Columns).Select(i => $"x{i}"), "y", "part"];
    private static readonly StudySchema Schema = new([.. Enumerable.Range(0, Columns).Select(i => Written.Number($"x{i}", -20, 20)), Written.Flag("y"), Written.Category("part", "train", "test")]);

    private static readonly object Model = new
    {
        inputs = Enumerable.Range(0, Columns).Select(i => new { variable = $"x{i}", centre = 0, scale = 1 }), layers = new object[] { "layer-norm", new { dense = 12 }, "relu" }, head = "logistic", outcome = "y",
    };

    private static readonly object Local = new { epochs = 4, batch = 20, rate = 0.1 };

    private static readonly List<RowsInMemory> Sites = [.. Enumerable.Range(0, 4).Select(site =>
    {
        var stream = SeededStream.For(11, StreamPurpose.InitialWeights, site);
        var (stretch, shift) = (new double[Columns], new double[Columns]);
        for (var i = 0; i < Columns; i++)
            (stretch[i], shift[i]) = (0.5 + (1.5 * stream.Uniform()), 3 * (stream.Uniform() - 0.5));
        var rows = new List<double[]>();
        for (var person = 0; person < 600; person++)
        {
            var x = new double[Columns];
            for (var i = 0; i < Columns; i++)
                x[i] = 2 * (stream.Uniform() - 0.5);
            var score = (3 * x[0]) - (2 * x[1]) + (2 * x[2]) + x[3];
            rows.Add([.. x.Select((v, i) => (v * stretch[i]) + shift[i]), stream.Uniform() < 1 / (1 + Math.Exp(-2 * score)) ? 1 : 0, person % 3 == 0 ? 1 : 0]);
        }

        return new RowsInMemory(Names, rows);
    })];

    private static object? Personal(string[]? layers, bool isEvaluated) => layers is null ? null
        : isEvaluated ? new { layers, steps = 100, batch = 50, rate = 0.3, fittedOn = new { variable = "part", codes = new[] { "train" } } } : new { layers, steps = 100, batch = 50, rate = 0.3 };

    private static (double Auc, ModelWeights Weights) Train(string[]? layers, string[]? evaluated)
    {
        var federation = new Federation(Schema, Model, [.. Sites.Select(s => s.Where(r => r[^1] == 0))]);
        var weights = federation.Train(15, 1, (round, written, _) => new { model = Model, weights = written, clip = 100, bits = 12, local = Local, personal = Personal(layers, false) }, Federation.Average);
        return (Auc(weights, evaluated), weights);
    }

    private static double Auc(ModelWeights weights, string[]? evaluated)
    {
        var plan = Written.Plan("model-evaluation", Schema, new { model = Model, weights = Written.Base64(weights), personal = Personal(evaluated, true) });
        var table = plan.Finish(Written.Total(plan, evaluated is null ? [.. Sites.Select(s => s.Where(r => r[^1] == 1))] : Sites), NoiseModel.None, Analyses.Disclosure.DisclosureRules.None).Tables[0];
        Assert.Equal(800, table.Rows[0].Cells[0].Number);
        return table.Rows[0].Cells[table.Columns.ToList().IndexOf("estimate")].Number!.Value;
    }

    [Fact]
    public void Normalisation_of_a_sites_own_tells_apart_what_a_shared_one_does_not()
    {
        string[] own = ["normalisation"];
        var (averaged, shared) = Train(null, null);
        var (personal, _) = Train(own, own);
        var (tuned, lateOwn) = (Auc(shared, ["all"]), Auc(shared, own));
        TestContext.Current.SendDiagnosticMessage(FormattableString.Invariant($"AUC: averaged {averaged:0.000}, own normalisation {personal:0.000}, fine-tuned {tuned:0.000}, own normalisation of the averaged model {lateOwn:0.000}"));
        Assert.True(personal > averaged + 0.02, $"{personal} {averaged}");
        Assert.True(tuned > averaged + 0.02, $"{tuned} {averaged}");
    }

    private static MethodPlan Round(ModelWeights at, string[]? layers) => Written.Plan("training-round", Schema, new { model = Model, weights = Written.Base64(at), clip = 100, bits = 20, local = Local, personal = Personal(layers, false) });

    /// <summary>Whether an answer has counters of nothing but the shared weights, and says of them what training leaves them at.</summary>
    private static bool IsShared(MethodPlan plan, ModelDeclaration model)
    {
        var personal = model.Tensors.Where(t => t.Name.StartsWith("layers.0.", StringComparison.Ordinal)).Sum(t => t.Length);
        return personal == 2 * Columns && plan.Sums.VectorLength == 5 + model.ParameterCount - personal;
    }

    [Fact]
    public void What_is_personal_does_not_leave_and_stays_as_it_was()
    {
        var model = Written.Model(Schema, Model);
        var start = ModelWeights.Initialise(model, 1);
        var plan = Round(start, ["layers.0"]);
        Assert.True(IsShared(plan, model));
        var update = TrainingRound.Read(plan, Written.Total(plan, Sites[0])).MeanUpdate;
        Assert.All(update.Take(2 * Columns), u => Assert.Equal(0, u));
        Assert.Contains(update.Skip(2 * Columns), u => Math.Abs(u) > 0.01);
        // What is shared has the same counters whatever word names the layer, and others where nothing is personal.
        Assert.Equal(Written.Total(plan, Sites[0]), Written.Total(Round(start, ["normalisation"]), Sites[0]));
        // The twin sends all.
        Assert.False(IsShared(Round(start, null), model));
        Assert.Contains(TrainingRound.Read(Round(start, null), Written.Total(Round(start, null), Sites[0])).MeanUpdate.Take(2 * Columns), u => Math.Abs(u) > 0.01);
    }

    /// <summary>Those fitted on decide the layers, and no others; nobody is both fitted on and evaluated.</summary>
    [Fact]
    public void Layers_are_fitted_on_the_persons_named()
    {
        var model = Written.Model(Schema, Model);
        var start = ModelWeights.Initialise(model, 1);
        long[] Cells(RowsInMemory rows) => Written.Total(Written.Plan("model-evaluation", Schema, new { model = Model, weights = Written.Base64(start), personal = Personal(["all"], true) }), rows);
        var (all, others) = (Cells(Sites[0]), Cells(new RowsInMemory(Names, [.. Sites[0].Rows.Select(r => r[^1] == 0 ? r : [.. r[..Columns], 1 - r[Columns], 1])])));
        Assert.Equal((200, 200), (all.Sum(), others.Sum()));
        // Outcomes of those evaluated are turned round, and change sides: the scores are the same.
        var half = (all.Length - 1) / 2;
        Assert.Equal(all.AsSpan(1, half).ToArray(), others.AsSpan(1 + half, half).ToArray());
        Assert.NotEqual(all, Cells(new RowsInMemory(Names, [.. Sites[0].Rows.Select(r => r[^1] == 1 ? r : [.. r[..Columns], 1 - r[Columns], 0])])));
    }

    [Theory]
    [InlineData("training-round", """{"layers": ["layers.0", "layers.1", "head"], "steps": 1, "batch": 2, "rate": 1}""", "some layers, and others")]
    [InlineData("training-round", """{"layers": ["all"], "steps": 1, "batch": 2, "rate": 1}""", "layers of the model")]
    [InlineData("training-round", """{"layers": ["layers.2"], "steps": 1, "batch": 2, "rate": 1}""", "layers of the model")]
    [InlineData("training-round", """{"layers": ["head"], "batch": 2, "rate": 1}""", "either epochs or steps")]
    [InlineData("model-evaluation", """{"layers": ["head"], "steps": 1, "batch": 2, "rate": 1}""", "{variable, codes}")]
    [InlineData("model-evaluation", """{"layers": ["head"], "steps": 1, "batch": 2, "rate": 1, "fittedOn": {"variable": "part", "codes": ["train", "test"]}}""", "some codes, and others")]
    [InlineData("model-evaluation", """{"layers": ["head"], "steps": 1, "batch": 2, "rate": 1, "fittedOn": {"variable": "part", "codes": ["trains"]}}""", "codes of part")]
    public void Faults_are_named(string method, string personal, string expected)
    {
        var faults = new List<Fault>();
        var weights = Written.Base64(ModelWeights.Initialise(Written.Model(Schema, Model), 1));
        var own = System.Text.Json.JsonDocument.Parse(personal).RootElement;
        var parameters = System.Text.Json.JsonSerializer.SerializeToElement<object>(method == "training-round" ? new { model = Model, weights, clip = 1, local = Local, personal = own } : new { model = Model, weights, personal = own });
        KnownMethods.Find(method)!.Plan(parameters, Schema, faults);
        Assert.Contains(faults, f => f.Expected.StartsWith(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void A_persons_share_of_what_follows_from_all_rows_has_no_bound_for_noise()
    {
        var weights = Written.Base64(ModelWeights.Initialise(Written.Model(Schema, Model), 1));
        Assert.NotNull(Written.Plan("model-evaluation", Schema, new { model = Model, weights, personal = Personal(["head"], true) }).ObjectionToNoise);
        Assert.Null(Written.Plan("model-evaluation", Schema, new { model = Model, weights }).ObjectionToNoise);
        var faults = new List<Fault>();
        KnownMethods.Find("training-round")!.Plan(System.Text.Json.JsonSerializer.SerializeToElement(new { model = Model, weights, clip = 1, personal = Personal(["head"], false) }), Schema, faults);
        Assert.Contains(faults, f => f.Fix.StartsWith("add 'local'", StringComparison.Ordinal));
    }
}
