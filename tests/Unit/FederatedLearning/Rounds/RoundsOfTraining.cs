using System.Security.Cryptography;
using Consilience.Analyses;
using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Schema;
using Consilience.FederatedLearning.Models;
using Consilience.FederatedLearning.Rounds;

namespace Consilience.FederatedLearning.Tests.Rounds;

/// <summary>Rounds of training from parameters to the next weights.</summary>
public sealed class RoundsOfTraining
{
    private static readonly StudySchema Schema = new([Written.Number("x", -1, 1), Written.Number("z", -1, 1), Written.Flag("y")]);
    private static readonly object Model = new { inputs = new[] { "x", "z" }, head = "logistic", outcome = "y" };
    private static readonly object Deep = new { inputs = new[] { "x", "z" }, layers = new object[] { new { dense = 9 }, "tanh", new { dropout = 0.2 } }, head = "logistic", outcome = "y" };

    private static readonly RowsInMemory Rows = new(["x", "z", "y"],
        [.. Enumerable.Range(0, 400).Select(i => (X: (i % 20 / 10.0) - 0.95, Z: (i / 20 / 10.0) - 0.95)).Select(p => new[] { p.X, p.Z, p.X + (0.5 * p.Z) > 0.1 ? 1.0 : 0 })]);

    private static MethodPlan Plan(object parameters) => Written.Plan("training-round", Schema, parameters);

    private static string Start(object model) => Written.Base64(ModelWeights.Initialise(Written.Model(Schema, model), 1));

    private static ModelWeights Added(ModelWeights weights, TrainingRound round, double rate = 1) => ModelWeights.Of([.. weights.Values.ToArray().Zip(round.MeanUpdate, (w, u) => (float)(w + (rate * u)))]);

    [Fact]
    public void Rounds_over_two_sites_lead_to_weights_that_tell_the_outcomes_apart()
    {
        var weights = ModelWeights.Initialise(Written.Model(Schema, Model), 1);
        var losses = new List<double>();
        for (var round = 0; round < 20; round++)
        {
            var plan = Plan(new { model = Model, weights = Written.Base64(weights), local = new { epochs = 5, batch = 20, rate = 0.5 }, clip = 10 });
            var read = TrainingRound.Read(plan, Written.Total(plan, Rows.Part(0, 2), Rows.Part(1, 2)));
            Assert.Equal((400, 0), (read.Persons, read.Skipped));
            losses.Add(read.Loss!.Value);
            weights = Added(weights, read);
        }

        Assert.InRange(losses[0], 0.5, 1);
        Assert.InRange(losses[^1], 0, 0.12);
        Assert.InRange(weights.Values[0] / weights.Values[1], 1.8, 2.2);
    }

    [Theory]
    [InlineData("sgd")]
    [InlineData("adam")]
    public void An_answer_follows_from_the_rows_not_from_their_order(string optimiser)
    {
        var plan = Plan(new { model = Deep, weights = Start(Deep), clip = 10, local = new { epochs = 3, batch = 32, rate = 0.01, optimiser, clip = 1, seed = 5 } });
        Assert.Equal(Written.Total(plan, Rows), Written.Total(plan, Rows.Backwards()));
    }

    [Fact]
    public void Gradients_of_sites_add_up_to_that_of_everybody()
    {
        var plan = Plan(new { model = Deep, weights = Start(Deep), clip = 1 });
        Assert.Equal(Written.Total(plan, Rows), Written.Total(plan, Rows.Part(0, 3), Rows.Part(1, 3), Rows.Part(2, 3)));
    }

    [Fact]
    public void Rounds_of_one_gradient_lead_there_too()
    {
        var weights = ModelWeights.Initialise(Written.Model(Schema, Model), 1);
        TrainingRound read = null!;
        for (var round = 0; round < 60; round++)
        {
            var plan = Plan(new { model = Model, weights = Written.Base64(weights), clip = 2 });
            Assert.Null(plan.ObjectionToNoise);
            read = TrainingRound.Read(plan, Written.Total(plan, Rows));
            weights = Added(weights, read, 5);
        }

        Assert.Equal((400, 0, 0.0), (read.Persons, read.Skipped, read.Clipped));
        Assert.InRange(read.Loss!.Value, 0, 0.25);
    }

    /// <summary>With few of one label at a site, and few of the other elsewhere, uncorrected steps end elsewhere than those of everybody together; corrected ones do not.</summary>
    [Fact]
    public void Corrected_steps_of_sites_that_differ_stay_together()
    {
        RowsInMemory[] sites = [Rows.Where(r => r[0] > 0.5), Rows.Where(r => r[0] < 0.5)];
        ModelWeights Train(bool isCorrected, params RowsInMemory[] at)
        {
            var weights = ModelWeights.Initialise(Written.Model(Schema, Model), 1);
            for (var round = 0; round < 40; round++)
            {
                var written = Written.Base64(weights);
                var gradient = TrainingRound.Read(Plan(new { model = Model, weights = written, clip = 1000, bits = 10 }), Written.Total(Plan(new { model = Model, weights = written, clip = 1000, bits = 10 }), at));
                var control = isCorrected ? Written.Base64(ModelWeights.Of([.. gradient.MeanUpdate.Select(u => (float)-u)])) : null;
                var plan = Plan(new { model = Model, weights = written, control, clip = 100, patients = 400, local = new { steps = 50, batch = 400, rate = 0.5 } });
                weights = Added(weights, TrainingRound.Read(plan, Written.Total(plan, at)));
            }

            return weights;
        }

        double Distance(ModelWeights a, ModelWeights b) => Math.Sqrt(a.Values.ToArray().Zip(b.Values.ToArray(), (x, y) => Math.Pow(x - y, 2)).Sum());
        var pooled = Train(false, Rows);
        var (corrected, uncorrected) = (Distance(pooled, Train(true, sites)), Distance(pooled, Train(false, sites)));
        Assert.True(corrected < uncorrected / 4, $"{corrected} {uncorrected}");
    }

    [Fact]
    public void Steps_that_are_held_back_stay_nearer()
    {
        double Norm(double proximal) => TrainingRound.Read(Plan(new { model = Model, weights = Start(Model), clip = 100, local = new { epochs = 20, batch = 50, rate = 0.1, proximal } }),
            Written.Total(Plan(new { model = Model, weights = Start(Model), clip = 100, local = new { epochs = 20, batch = 50, rate = 0.1, proximal } }), Rows)).UpdateNorm;
        Assert.InRange(Norm(1) / Norm(0), 0.01, 0.6);
    }

    [Fact]
    public void No_site_moves_the_weights_farther_than_the_clip()
    {
        var plan = Plan(new { model = Model, weights = Start(Model), clip = 0.25, local = new { epochs = 20, batch = 50, rate = 1, seed = 1 } });
        Assert.Equal(0.25, TrainingRound.Read(plan, Written.Total(plan, Rows)).UpdateNorm, 1e-4);
    }

    /// <summary>What honest sites send is never taken for a lie, clipped or not; what is longer is.</summary>
    [Theory]
    [InlineData(0.01, 1)]
    [InlineData(10, 1000)]
    public void A_sum_is_objected_to_where_it_is_longer_than_its_sites_make_it(double clip, int patients)
    {
        RowsInMemory[] sites = [Rows.Part(0, 3), Rows.Part(1, 3), Rows.Part(2, 3)];
        foreach (object parameters in new object[] { new { model = Deep, weights = Start(Deep), clip, patients, local = new { epochs = 30, batch = 10, rate = 1 } }, new { model = Deep, weights = Start(Deep), clip, bits = 14 } })
        {
            var plan = Plan(parameters);
            var total = Written.Total(plan, sites);
            Assert.Null(TrainingRound.Objection(plan, total, 3));
            total[^1] = (long)(total[0] * clip * (1 << 20));
            Assert.NotNull(TrainingRound.Objection(plan, total, 3));
        }
    }

    [Fact]
    public void Sites_weigh_as_their_patients_do_up_to_a_limit_or_all_the_same()
    {
        long Weight(object? patients, string? weighting) => Written.Total(Plan(new { model = Model, weights = Start(Model), clip = 1, weighting, patients, local = new { epochs = 1, batch = 50, rate = 0.1 } }), Rows)[4];
        Assert.Equal((400, 100, 1), (Weight(null, null), Weight(100, "patients"), Weight(null, "site")));
    }

    [Fact]
    public void Rows_that_are_not_what_the_schema_says_are_left_out_and_counted()
    {
        var spoilt = new RowsInMemory(["x", "z", "y"], [[0.5, double.NaN, 1], [0.5, 7, 1], [0.5, 0.5, 2], [double.PositiveInfinity, 0, 0]]);
        foreach (object parameters in new object[] { new { model = Model, weights = Start(Model), clip = 1, local = new { epochs = 1, batch = 50, rate = 0.1 } }, new { model = Model, weights = Start(Model), clip = 1 } })
        {
            var plan = Plan(parameters);
            var read = TrainingRound.Read(plan, Written.Total(plan, Rows, spoilt));
            Assert.Equal((400, 4), (read.Persons, read.Skipped));
            Assert.Equal(TrainingRound.Read(plan, Written.Total(plan, Rows)).MeanUpdate, read.MeanUpdate);
        }
    }

    [Fact]
    public void A_site_without_anybody_adds_nothing()
    {
        var plan = Plan(new { model = Model, weights = Start(Model), clip = 1, local = new { epochs = 1, batch = 50, rate = 0.1 } });
        Assert.All(Written.Total(plan, new RowsInMemory(["x", "z", "y"], [])), cell => Assert.Equal(0, cell));
        Assert.Equal((0, null), (TrainingRound.Read(plan, new long[plan.Sums.VectorLength]).Persons, TrainingRound.Read(plan, new long[plan.Sums.VectorLength]).Loss));
    }

    [Fact]
    public void Training_that_leaves_the_range_of_numbers_is_no_answer()
    {
        var plan = Plan(new { model = Deep, weights = Start(Deep), clip = 1, local = new { epochs = 500, batch = 400, rate = 1000, proximal = 1000 } });
        Assert.Throws<ArithmeticException>(() => Written.Total(plan, Rows));
    }

    [Fact]
    public void Weights_may_be_attached()
    {
        var start = ModelWeights.Initialise(Written.Model(Schema, Model), 1);
        var written = Plan(new { model = Model, weights = Written.Base64(start), control = Written.Base64(start), clip = 1, local = new { epochs = 1, batch = 50, rate = 0.1 } });
        byte[] attached = [.. start.Bytes.Span, .. start.Bytes.Span];
        var plan = Plan(new { model = Model, weights = new { sha256 = Convert.ToHexStringLower(SHA256.HashData(attached)) }, control = "attached", clip = 1, local = new { epochs = 1, batch = 50, rate = 0.1 } });
        Assert.Equal(attached.Length, plan.Sums.Attachment!.SizeInBytes);
        Assert.Null(written.Sums.Attachment);
        var vector = new long[plan.Sums.VectorLength];
        plan.Sums.Encode(Rows, attached, vector);
        Assert.Equal(Written.Total(written, Rows), vector);
        Assert.Throws<ArithmeticException>(() => plan.Sums.Encode(Rows, attached.AsMemory(4), vector));
    }

    [Fact]
    public void Figures_of_few_persons_are_hidden_as_rules_say()
    {
        var plan = Plan(new { model = Model, weights = Start(Model), clip = 1 });
        var few = new RowsInMemory(["x", "z", "y"], [[0.5, 0.5, 1]]);
        var rules = new DisclosureRules([DisclosurePreset.All.First(p => p.LargestSuppressed > 1)]);
        Assert.Equal(AnswerKind.Suppressed, plan.Finish(Written.Total(plan, few), NoiseModel.None, rules).Tables[0].Rows[0].Answer);
        Assert.Equal(AnswerKind.Value, plan.Finish(Written.Total(plan, Rows), NoiseModel.None, rules).Tables[0].Rows[0].Answer);
    }
}
