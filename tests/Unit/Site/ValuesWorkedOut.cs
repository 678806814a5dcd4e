using System.Text.Json;
using Consilience.Analyses;
using Consilience.Analyses.Cohorts;
using Consilience.Connectors.Mapping;
using Consilience.Connectors.Rows;
using Consilience.Protocol.Analyse;
using Consilience.Tests.World;

namespace Consilience.Site.Tests;

/// <summary>
/// Exact sums of real values solved for one person's: means with a row less or more, masks of 0 and 1 (datashield/dsBase issues 250 and 251), products with vectors that the attacker knows (Huth and
/// others 2023), powers of few. The site refuses the answers that would do; the broken twin is a site that sums for whoever asks, and gives the value away.
/// </summary>
public sealed class ValuesWorkedOut
{
    private const string Header = "id,marker,dose,x1,x2,x3,x4,x5,x6,x7,x8,x9\n";

    private static readonly string Study = Consortia.StudyText
        .Replace("age: {type: integer, minimum: 0, maximum: 200}", string.Join("\n    ", new[] { "id", "marker", "dose" }.Concat(Known).Select(v => $"{v}: {{type: integer, minimum: 0, maximum: 200}}")), StringComparison.Ordinal)
        .Replace("    stage:\n      type: category\n      codes: {\"1\": early, \"2\": late}\n", "", StringComparison.Ordinal)
        .Replace("methods: [count]", "methods: [count, moments, correlation]", StringComparison.Ordinal);

    private static IEnumerable<string> Known => Enumerable.Range(1, 9).Select(i => $"x{i}");

    /// <summary>Twelve persons; one of them has the marker; nine vectors the attacker knows, as good as random; dose is secret.</summary>
    private static int[][] Persons { get; } =
        [.. Enumerable.Range(0, 12).Select(i => (int[])[i, i == 4 ? 1 : 0, 100 + ((i * i * 37) % 61), .. Enumerable.Range(1, 9).Select(j => (((i + 2) * (i + 3 + j) * (7 + (j * j))) + (i * 5)) % 97)])];

    private static string Rows(IEnumerable<int[]> persons) => Header + string.Concat(persons.Select(p => $"{string.Join(',', p)}\n"));

    private static Task<Asked> StartAsync(string? person = null) =>
        Asked.StartAsync(Rows(Persons), policy: p => p.Replace("methods: [count]", "methods: [count, moments, correlation]", StringComparison.Ordinal), person: person, study: Study);

    private static MethodPlan Plan(Asked asked, string method, object parameters) =>
        MethodList.Find(method)!.Plan(JsonSerializer.SerializeToElement(parameters), asked.Agreement.Study.Schema, new List<Analyses.Schema.Fault>())!;

    private static async Task<RefusalStatement?> AskAsync(Asked asked, string method, object parameters, string cohort = "")
    {
        var request = asked.World.Exact(asked.Agreement) with
        {
            Method = method,
            Parameters = JsonSerializer.SerializeToElement(parameters),
            VectorLength = Plan(asked, method, parameters).Sums.VectorLength,
            Cohort = CohortExpression.Parse(cohort, asked.Agreement.Study.Schema, [])!.Canonical,
        };
        return (await asked.Hub.AskAsync(asked.World.Sign(request))).Refusal;
    }

    /// <summary>What a site that compares nothing would have added to the sum.</summary>
    private static long[] Twin(Asked asked, string method, object parameters, string cohort = "")
    {
        var schema = asked.Agreement.Study.Schema;
        using var data = SiteData.Open(DataMapping.Direct(asked.DataFile, schema), schema);
        var plan = Plan(asked, method, parameters);
        var cells = new long[plan.Sums.VectorLength];
        plan.Sums.Encode(data.Select(CohortExpression.Parse(cohort, schema, [])!), cells);
        return cells;
    }

    private static readonly object Dose = new { variable = "dose" };

    /// <summary>A scaled value, as the schema's range scales it, in its own units.</summary>
    private static double Unscaled(double scaled) => 100 + (100 * scaled);

    /// <summary>A sum of real values as it leaves: in units of 2⁻³⁰, and in the next cell what is finer, in units of 2⁻⁵⁴.</summary>
    private static double Fine(long[] cells, int cell) => (cells[cell] / (double)(1L << 30)) + (cells[cell + 1] / (double)(1L << 54));

    [Fact]
    public async Task A_mean_with_one_row_removed()
    {
        await using var asked = await StartAsync();
        Assert.Null(await AskAsync(asked, "moments", Dose));
        var refusal = await AskAsync(asked, "moments", Dose, "id >= 1");
        Assert.Equal(RefusalCode.TooFewPersons, refusal!.Code);
        Assert.Contains("differ by fewer than 7", refusal.Message, StringComparison.Ordinal);

        long[] all = Twin(asked, "moments", Dose), rest = Twin(asked, "moments", Dose, "id >= 1");
        Assert.Equal(Persons[0][2], Unscaled(Fine(all, 1) - Fine(rest, 1)), 1e-6);
    }

    /// <summary>Of as many as differ, sums of powers tell every value but not whose it is.</summary>
    [Fact]
    public async Task Powers_of_a_few_rows_removed()
    {
        await using var asked = await StartAsync();
        Assert.Null(await AskAsync(asked, "moments", Dose));
        foreach (var removed in new[] { 2, 3, 4, 5 })
            Assert.Equal(RefusalCode.TooFewPersons, (await AskAsync(asked, "moments", Dose, $"id >= {removed}"))!.Code);

        long[] all = Twin(asked, "moments", Dose), rest = Twin(asked, "moments", Dose, "id >= 2");
        double sum = Fine(all, 1) - Fine(rest, 1), squares = Fine(all, 3) - Fine(rest, 3);
        var apart = Math.Sqrt((2 * squares) - (sum * sum));
        Assert.Equal(new[] { Persons[0][2], Persons[1][2] }.Order().Select(v => (double)v), new[] { Unscaled((sum - apart) / 2), Unscaled((sum + apart) / 2) }.Select(v => Math.Round(v, 4)));
    }

    [Theory]
    [InlineData(null, RefusalCode.DataChanged)]
    [InlineData("id", RefusalCode.NotOneRowPerPerson)]
    public async Task A_mean_with_one_row_twice(string? person, RefusalCode refused)
    {
        await using var asked = await StartAsync(person);
        Assert.Null(await AskAsync(asked, "moments", Dose));
        var before = Twin(asked, "moments", Dose);
        await File.WriteAllTextAsync(asked.DataFile, Rows([.. Persons, Persons[6]]), TestContext.Current.CancellationToken);
        Assert.Equal(refused, (await AskAsync(asked, "moments", Dose))!.Code);

        Assert.Equal(Persons[6][2], Unscaled(Fine(Twin(asked, "moments", Dose), 1) - Fine(before, 1)), 1e-6);
    }

    /// <summary>The product with a variable that is 1 for one person and 0 for all others.</summary>
    [Fact]
    public async Task A_mask_of_zeros_and_a_one()
    {
        await using var asked = await StartAsync();
        var masked = new { variables = new[] { "marker", "dose" } };
        var refusal = await AskAsync(asked, "correlation", masked);
        Assert.Equal(RefusalCode.TooFewPersons, refusal!.Code);
        Assert.Contains("'marker'", refusal.Message, StringComparison.Ordinal);
        Assert.Null(await AskAsync(asked, "correlation", new { variables = new[] { "x1", "dose" } }));

        // With m the scaled marker, −1 or −0.99, (m + 1)/0.01 is the mask.
        var cells = Twin(asked, "correlation", masked);
        Assert.Equal(Persons[4][2], Unscaled((Fine(cells, 7) + Fine(cells, 3)) / 0.01), 1e-4);
    }

    /// <summary>Of twelve persons, three are left over by eight variables, dose among them, and the sum of dose alone.</summary>
    [Theory]
    [InlineData(8, true)]
    [InlineData(9, true)]
    [InlineData(7, false)]
    public async Task Products_with_known_vectors(int known, bool isRefused)
    {
        await using var asked = await StartAsync();
        var refusal = await AskAsync(asked, "correlation", new { variables = Known.Take(known).Append("dose") });
        Assert.Equal(isRefused ? RefusalCode.TooFewPersons : null, refusal?.Code);
    }

    /// <summary>Known vectors in several questions: each holds few equations, all of them together as many as there are persons.</summary>
    [Fact]
    public async Task Products_with_known_vectors_a_few_at_a_time()
    {
        await using var asked = await StartAsync();
        Assert.Null(await AskAsync(asked, "correlation", new { variables = new[] { "dose", "x1", "x2", "x3" } }));
        Assert.Null(await AskAsync(asked, "correlation", new { variables = new[] { "dose", "x4", "x5", "x6" } }));
        Assert.Equal(RefusalCode.TooFewPersons, (await AskAsync(asked, "correlation", new { variables = new[] { "dose", "x7", "x8", "x9" } }))!.Code);
        // What was answered before may be asked again.
        Assert.Null(await AskAsync(asked, "correlation", new { variables = new[] { "dose", "x1", "x2", "x3" } }));
    }

    /// <summary>The twin answers about ten persons with nine known vectors: ten equations, ten values.</summary>
    [Fact]
    public async Task The_twin_gives_ten_values_for_nine_known_vectors()
    {
        await using var asked = await StartAsync();
        var question = new { variables = Known.Append("dose") };
        Assert.Equal(RefusalCode.TooFewPersons, (await AskAsync(asked, "correlation", question, "id < 10"))!.Code);

        var cells = Twin(asked, "correlation", question, "id < 10");
        var matrix = MathNet.Numerics.LinearAlgebra.Matrix<double>.Build.Dense(10, 10, (row, person) => row == 9 ? 1 : (Persons[person][3 + row] - 100) / 100.0);
        // After the count and ten sums, products of dose, the last variable, are the last ten pairs of cells.
        var sums = MathNet.Numerics.LinearAlgebra.Vector<double>.Build.Dense(10, row => row == 9 ? Fine(cells, 19) : Fine(cells, cells.Length - 20 + (2 * row)));
        var solved = matrix.Solve(sums).Select(Unscaled);
        Assert.Equal(Persons.Take(10).Select(p => (double)p[2]), solved.Select(v => Math.Round(v, 1)));
    }

    /// <summary>At noised precision there are no sums of real values to solve.</summary>
    [Theory]
    [InlineData("moments")]
    [InlineData("correlation")]
    public async Task Sums_of_real_values_are_not_noised(string method)
    {
        await using var asked = await StartAsync();
        object parameters = method == "moments" ? Dose : new { variables = new[] { "x1", "dose" } };
        Assert.NotNull(Plan(asked, method, parameters).ObjectionToNoise);
        var noised = asked.World.Noised(asked.Agreement) with { Method = method, Parameters = JsonSerializer.SerializeToElement(parameters), VectorLength = Plan(asked, method, parameters).Sums.VectorLength };
        Assert.False((await asked.Hub.AskAsync(asked.World.Sign(noised))).Gave);
    }
}
