using Consilience.Analyses;
using Consilience.Analyses.Schema;
using Consilience.FederatedLearning.Models;
using Consilience.FederatedLearning.Numerics;
using Consilience.FederatedLearning.Rounds;
using Consilience.FederatedLearning.Training;
using CsCheck;

namespace Consilience.FederatedLearning.Tests.Rounds;

/// <summary>Rounds in which each person trains for some steps on all of that person's rows: what they add up to, and the bound of one person, attacked.</summary>
public sealed class PersonsWhoTrain
{
    private static readonly string[] Names = ["x", "z", "y"];
    private static readonly StudySchema Schema = new([Written.Number("x", -1000, 1000), Written.Number("z", -1, 1), Written.Flag("y")]);
    private static readonly object Model = new { inputs = new object[] { new { variable = "x", centre = 0, scale = 1 }, "z" }, head = "logistic", outcome = "y" };
    private static readonly object Deep = new { inputs = new object[] { new { variable = "x", centre = 0, scale = 1 }, "z" }, layers = new object[] { new { dense = 5 }, "tanh", new { dropout = 0.3 } }, head = "logistic", outcome = "y" };

    private static readonly Gen<double[]> Row = Gen.Select(Gen.Double[-1000, 1000], Gen.Double[-1, 1], Gen.Bool, (x, z, y) => new[] { x, z, y ? 1.0 : 0 });
    private static readonly Gen<double[][]> Person = Row.Array[1, 30];

    private static readonly PersonsInMemory Visits = new(Names, [.. Enumerable.Range(0, 60).Select(i => Enumerable.Range(0, 1 + (i % 7)).Select(visit => new[] { ((i % 10) - 4.5) / 3 + (visit / 10.0), ((i % 6) - 2.5) / 3, i % 10 > 4 ? 1.0 : 0 }).ToArray())]);

    private static ModelWeights Start(object model) => ModelWeights.Initialise(Written.Model(Schema, model), 3);

    private static MethodPlan Plan(object model, object local, double clip = 0.05, int? bits = null, int? patients = null) =>
        Written.Plan("training-round", Schema, new { model, weights = Written.Base64(Start(model)), clip, bits, patients, local });

    private static MethodPlan Usual { get; } = Plan(Deep, new { unit = "person", epochs = 2, batch = 4, rate = 0.1, momentum = 0.5, proximal = 0.1, warmup = 2, decay = "cosine", seed = 5 });

    private static long Squared(long[] a, long[] b) => a.Zip(b, (x, y) => (x - y) * (x - y)).Sum();

    [Fact]
    public void Any_split_of_persons_answers_as_all_of_them_together()
    {
        var pooled = Written.Total(Usual, Visits);
        Assert.Equal(pooled, Written.Total(Usual, Visits.Part(0, 2), Visits.Part(1, 2)));
        Assert.Equal(pooled, Written.Total(Usual, Visits.Part(0, 3), Visits.Part(1, 3), Visits.Part(2, 3), new PersonsInMemory(Names, [])));
        Assert.All(Written.Total(Usual, new PersonsInMemory(Names, [])), cell => Assert.Equal(0, cell));
    }

    [Fact]
    public void Neither_the_order_of_persons_nor_that_of_their_rows_plays_a_part() => Assert.Equal(Written.Total(Usual, Visits), Written.Total(Usual, Visits.Backwards()));

    /// <summary>One step of one row is a gradient times the rate.</summary>
    [Fact]
    public void One_step_of_one_row_is_the_gradient()
    {
        var stepped = Plan(Model, new { unit = "person", steps = 1, batch = 1, rate = 0.25 }, clip: 100, bits: 13);
        var gradient = Written.Plan("training-round", Schema, new { model = Model, weights = Written.Base64(Start(Model)), clip = 100, bits = 13 });
        var (one, other) = (TrainingRound.Read(stepped, Written.Total(stepped, Visits.Chosen)), TrainingRound.Read(gradient, Written.Total(gradient, Visits.Chosen)));
        Assert.Equal((60, 0, 0.0), (one.Persons, one.Skipped, one.Clipped));
        Assert.Equal(other.Loss!.Value, one.Loss!.Value, 1e-3);
        Assert.Equal(other.MeanUpdate.Select(u => 0.25 * u), one.MeanUpdate, (e, a) => Math.Abs(e - a) < 1e-4);
    }

    /// <summary>Three steps of logistic regression by hand, in double precision: each from all rows of the person, the whole way clipped, the mean over persons.</summary>
    [Theory]
    [InlineData(10, 0.0)]
    [InlineData(0.2, 1.0)]
    public void Three_steps_are_those_of_the_reference(double clip, double clipped)
    {
        const double Rate = 0.7;
        var (start, mean, loss) = (Start(Model).Values.ToArray().Select(w => (double)w).ToArray(), new double[3], 0.0);
        foreach (var person in Visits.Persons)
        {
            double[] w = [.. start];
            for (var step = 0; step < 3; step++)
            {
                var gradient = new double[3];
                foreach (var row in person)
                {
                    double[] inputs = [row[0], row[1], 1];
                    var p = 1 / (1 + Math.Exp(-inputs.Zip(w, (x, weight) => x * weight).Sum()));
                    for (var i = 0; i < 3; i++)
                        gradient[i] += (p - row[2]) * inputs[i] / person.Length;
                    loss -= step > 0 ? 0 : Math.Log(row[2] > 0 ? p : 1 - p) / person.Length / Visits.Persons.Count;
                }

                for (var i = 0; i < 3; i++)
                    w[i] -= Rate * gradient[i];
            }

            double[] way = [.. w.Zip(start, (to, from) => to - from)];
            var factor = Math.Min(1, clip / Math.Sqrt(way.Sum(v => v * v)));
            for (var i = 0; i < 3; i++)
                mean[i] += way[i] * factor / Visits.Persons.Count;
        }

        var plan = Plan(Model, new { unit = "person", steps = 3, batch = 100, rate = Rate }, clip, bits: 16);
        var round = TrainingRound.Read(plan, Written.Total(plan, Visits));
        Assert.Equal(mean, round.MeanUpdate, (e, a) => Math.Abs(e - a) < 1e-5);
        Assert.Equal(clipped, round.Clipped);
        Assert.Equal(loss, round.Loss!.Value, 0.01);
    }

    [Fact]
    public void Persons_lead_to_weights_that_tell_the_outcomes_apart()
    {
        var weights = Start(Model);
        var losses = new List<double>();
        for (var round = 0; round < 30; round++)
        {
            var plan = Written.Plan("training-round", Schema, new { model = Model, weights = Written.Base64(weights), clip = 1, local = new { unit = "person", steps = 5, batch = 8, rate = 0.5, seed = round } });
            Assert.Null(plan.ObjectionToNoise);
            var total = Written.Total(plan, Visits);
            Assert.Null(TrainingRound.Objection(plan, total, 1));
            var read = TrainingRound.Read(plan, total);
            losses.Add(read.Loss!.Value);
            weights = ModelWeights.Of([.. weights.Values.ToArray().Zip(read.MeanUpdate, (w, u) => (float)(w + u))]);
        }

        Assert.True(losses[^1] < losses[0] / 3, $"{losses[0]} {losses[^1]}");
    }

    /// <summary>What is added for a person is the same whoever else is there, and within the bound.</summary>
    [Fact]
    public void A_person_more_adds_the_same_whoever_else_is_there_and_no_more_than_the_bound() => Gen.Select(Person.Array[0, 12], Person).Sample((others, person) =>
    {
        var there = new PersonsInMemory(Names, others);
        var (alone, nobody) = (Written.Total(Usual, new PersonsInMemory(Names, [person])), new long[Usual.Sums.VectorLength]);
        Assert.Equal(alone, Written.Total(Usual, there.With(person)).Zip(Written.Total(Usual, there), (with, without) => with - without));
        Assert.InRange(Squared(alone, nobody), 0, Usual.Sums.Bound.Squares);
    }, iter: 200);

    /// <summary>Fifty rows alike, far beyond the clip. The broken twin clips rows one by one, as if each were a person, and adds them up.</summary>
    [Fact]
    public void A_person_of_fifty_rows_is_clipped_as_a_whole()
    {
        var person = Enumerable.Repeat(new[] { 900.0, 1, 0 }, 50).ToArray();
        var plan = Plan(Model, new { unit = "person", epochs = 1, batch = 1, rate = 1 });
        var nobody = new long[plan.Sums.VectorLength];
        var moved = Squared(Written.Total(plan, Visits.With(person)), Written.Total(plan, Visits));
        Assert.InRange(moved, plan.Sums.Bound.Squares / 2, plan.Sums.Bound.Squares);

        var rows = new PersonsInMemory(Names, [person]).Rows;
        Assert.InRange(Squared(Written.Total(plan, rows), nobody), plan.Sums.Bound.Squares * 100, long.MaxValue);
    }

    /// <summary>The broken twin draws for a person by the person's place: one more at the front, and everybody else is drawn for anew and moves too.</summary>
    [Fact]
    public void Draws_by_place_move_others_too()
    {
        var (model, start, clip) = (Written.Model(Schema, Deep), Start(Deep), 16);
        var settings = new LocalSettings(2, 0, 4, false, 0.1f, 0, 0, null, 0, RateDecay.None, 5);
        var rounding = new ClippedRounding(clip, 1024, model.ParameterCount);
        long[] Sum(PersonsInMemory persons, bool isByPlace)
        {
            var (training, sum, rounded) = (new PersonTraining(model, settings, 64, start), new long[model.ParameterCount], new int[model.ParameterCount]);
            foreach (var (person, place) in TrainingRows.ReadPersons(model, persons, 64).Persons.Select((p, place) => (p, place)))
            {
                rounding.Round(training.Run(person).Update, SeededStream.For(1, StreamPurpose.Rounding, isByPlace ? place : person.Key), rounded);
                for (var i = 0; i < sum.Length; i++)
                    sum[i] += rounded[i];
            }

            return sum;
        }

        var many = new PersonsInMemory(Names, [.. Enumerable.Range(0, 500).Select(i => new[] { new[] { i / 250.0, 0.5, i % 2 }, [i / 100.0, -0.5, i % 2] })]);
        var more = new PersonsInMemory(Names, [[[3, 0.1, 1]], .. many.Persons]);
        Assert.InRange(Squared(Sum(many, isByPlace: false), Sum(more, isByPlace: false)), 1, rounding.Squares);
        Assert.InRange(Squared(Sum(many, isByPlace: true), Sum(more, isByPlace: true)), rounding.Squares + 1, long.MaxValue);
    }

    [Fact]
    public void Only_so_many_rows_of_a_person_count()
    {
        var plan = Plan(Model, new { unit = "person", epochs = 1, batch = 8, rate = 0.1, rows = 3 });
        var few = new PersonsInMemory(Names, [.. Visits.Persons.Select(p => p.Take(3).ToArray())]);
        Assert.Equal(Written.Total(plan, few), Written.Total(plan, Visits));
        Assert.NotEqual(plan.Sums.Canonical, Plan(Model, new { unit = "person", epochs = 1, batch = 8, rate = 0.1 }).Sums.Canonical);
    }

    /// <summary>Rows that are not what the schema says are left out; who has no others, and whose training leaves the range of numbers, is counted among those left out and stops nobody.</summary>
    [Fact]
    public void Who_has_nothing_to_train_on_is_left_out_and_counted()
    {
        var plan = Plan(Model, new { unit = "person", epochs = 1, batch = 8, rate = 0.1 });
        double[] bad = [double.NaN, 0, 1];
        var spoilt = new PersonsInMemory(Names, [.. Visits.Persons.Select(p => (double[][])[.. p, bad]), [bad], [bad, bad]]);
        var read = TrainingRound.Read(plan, Written.Total(plan, spoilt));
        Assert.Equal((60, 2), (read.Persons, read.Skipped));
        Assert.Equal(TrainingRound.Read(plan, Written.Total(plan, Visits)).MeanUpdate, read.MeanUpdate);

        var wild = Plan(Model, new { unit = "person", steps = 50, batch = 8, rate = 1000, proximal = 1000 });
        Assert.Equal((0, 60), TrainingRound.Read(wild, Written.Total(wild, Visits)) is var none ? (none.Persons, none.Skipped) : default);
    }

    [Fact]
    public void The_sum_is_divided_by_the_persons_who_were_said()
    {
        var local = new { unit = "person", steps = 2, batch = 8, rate = 0.1 };
        var (by, counted) = (Plan(Model, local, patients: 120), Plan(Model, local));
        Assert.Equal(TrainingRound.Read(counted, Written.Total(counted, Visits)).MeanUpdate.Select(u => u / 2), TrainingRound.Read(by, Written.Total(by, Visits)).MeanUpdate, (e, a) => Math.Abs(e - a) < 1e-12);
    }
}
