using Consilience.Analyses.Cohorts;
using Consilience.Client.Tests.World;
using Consilience.Client.Train;
using Consilience.Connectors.Mapping;
using Consilience.Connectors.Rows;
using Consilience.Hub.Tests.World;

namespace Consilience.Client.Tests.Train;

/// <summary>
/// A training in which every site answers with a step of one of its persons, the worst case for that person. All that the hub ever sees, and all that hub and key holders store, is searched for a site's update and attacked by
/// <see cref="GradientInversion"/>. The broken twin is a site that sends its update unmasked: the same attack gives the person away.
/// </summary>
public sealed class UpdatesThatNobodySees
{
    private const int Inputs = 8;
    private const double Unit = 1 << 16;

    private const string Plan = """
        training: one person a step
        study: tumours
        model: {inputs: [{from: x1, to: x8, centre: 500, scale: 500}], head: logistic, outcome: stage, event: "2"}
        strategy: {name: fedavg}
        rounds: 2
        local: {steps: 1, batch: 1, rate: 1}
        clip: 100
        bits: 16
        weighting: site
        precision: exact
        seed: 7
        """;

    private static readonly string[] Sites = ["aster", "birch", "cedar"];

    private static int Value(int site, int person, int input) => ((site * 7919) + (person * 104729) + (input * 1299709)) % 997;

    /// <summary>Three persons at each site.</summary>
    private static readonly (string Site, string? Rows)[] Data = [.. Sites.Select((name, site) =>
        (name, (string?)($"stage,age,{string.Join(',', Enumerable.Range(1, Inputs).Select(i => $"x{i}"))}\n" +
            string.Concat(Enumerable.Range(0, 3).Select(p => $"{1 + ((site + p) % 2)},50,{string.Join(',', Enumerable.Range(0, Inputs).Select(i => Value(site, p, i)))}\n")))))];

    /// <summary>As the model reads them.</summary>
    private static readonly List<double[]> Persons =
        [.. from site in Enumerable.Range(0, Sites.Length) from person in Enumerable.Range(0, 3) select Enumerable.Range(0, Inputs).Select(i => (Value(site, person, i) - 500) / 500.0).ToArray()];

    private static string Terms(string text) => Stages.WithTraining(text).Replace("    age: {type: integer, minimum: 0, maximum: 200}",
        "    age: {type: integer, minimum: 0, maximum: 200}" + string.Concat(Enumerable.Range(1, Inputs).Select(i => $"\n    x{i}: {{type: integer, minimum: 0, maximum: 1000}}")), StringComparison.Ordinal);

    [Fact]
    public async Task Nothing_that_hub_or_key_holders_see_or_store_holds_an_update_or_can_be_turned_into_a_person()
    {
        var tap = new Wiretap();
        await using var desk = await Desk.OpenAsync(Data, Terms, tap);
        var trained = await Stages.TrainAsync(desk, Plan, f =>
        {
            tap.Keep(f);
            return f;
        });

        // The very updates: with them the training ends at the weights it did end at.
        var updates = new List<long[]>();
        var state = trained.Course.Start();
        while (!trained.Course.IsFinished(state))
        {
            var vectors = Sites.Select(s => UpdateOf(desk, trained.Course, state, s)).ToList();
            updates.AddRange(vectors);
            (state, _) = trained.Course.Take(state, [.. Enumerable.Range(0, vectors[0].Length).Select(i => vectors.Sum(v => v[i]))]);
        }

        Assert.Equal(trained.State.Digest, state.Digest);
        var seen = tap.Frames.SelectMany(GradientInversion.BytesIn).ToList();
        var size = updates[0].Length * 4;
        Assert.InRange(seen.Count(b => b.Length == size), 2 * (Sites.Length + 1), int.MaxValue);
        var stored = Directory.EnumerateFiles(desk.World.Folder).Where(f => Path.GetFileName(f) is var name && (name.StartsWith("hub.db", StringComparison.Ordinal) || name.Contains("-keyholder.db", StringComparison.Ordinal))).Select(Read).ToList();
        Assert.InRange(stored.Count, 3, int.MaxValue);
        List<byte[]> captured = [.. seen, .. GradientInversion.Combined(seen, size), .. stored];
        Assert.False(Holds(captured, updates));
        Assert.False(GradientInversion.FindsOneOf(Persons, captured));

        // The search and the attack find what is there, wherever it is and however it is written.
        foreach (var written in updates.SelectMany(u => GradientInversion.Written(u[5..], Unit)))
            Assert.True(GradientInversion.FindsOneOf(Persons, [[1, 2, 3, .. written, 4]]));
        Assert.True(Holds([.. captured, [.. GradientInversion.Written(updates[2], Unit).First()]], updates));
    }

    [Fact]
    public async Task A_site_that_sends_its_update_unmasked_gives_its_person_away()
    {
        var tap = new Wiretap();
        var (desk, cedar) = await Desk.PlayCedarAsync(Data[..2], Terms, tap);
        await using var _ = desk;
        File.WriteAllText(desk.World.Path("cedar.csv"), Data[2].Rows);
        var course = Stages.Course(desk, Plan);
        var asking = desk.AskAsync(course.Ask(course.Start()));
        var update = UpdateOf(desk, course, course.Start(), "cedar");
        await cedar.ContributeAsync(desk.World, desk.Network.Agreement, update, isMasked: false);
        await asking;
        var seen = tap.Frames.SelectMany(GradientInversion.BytesIn).ToList();
        Assert.True(Holds(seen, [update]));
        Assert.True(GradientInversion.FindsOneOf(Persons[6..], seen));
        Assert.False(GradientInversion.FindsOneOf(Persons[..6], seen));
    }

    private static bool Holds(List<byte[]> captured, List<long[]> updates) =>
        updates.SelectMany(u => GradientInversion.Written(u[5..], Unit)).Any(written => captured.Exists(c => c.AsSpan().IndexOf(written) >= 0));

    private static long[] UpdateOf(Desk desk, Course course, CourseState state, string site)
    {
        var schema = desk.Network.Agreement.Study.Schema;
        using var data = SiteData.Open(DataMapping.Direct(desk.World.Path($"{site}.csv"), schema), schema);
        var sums = course.PlanOf(course.Ask(state)).Sums;
        var vector = new long[sums.VectorLength];
        sums.Encode(data.Select(CohortExpression.Parse("", schema, [])!), vector);
        return vector;
    }

    private static byte[] Read(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
