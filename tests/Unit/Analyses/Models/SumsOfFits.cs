using System.Text.Json;
using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Models;
using Consilience.Analyses.Schema;

namespace Consilience.Analyses.Tests.Models;

/// <summary>What a site adds up for a fit, from rows written here: bounds hold, nothing wraps, small groups are hidden, and the way to the maximum is found.</summary>
public sealed class SumsOfFits
{
    private static readonly StudySchema Schema = new(
    [
        new("arm", VariableType.Category, "arm", null, [new("a", "a"), new("b", "b")], null, null), new("age", VariableType.Integer, "age", "years", [], 0, 120),
        new("visits", VariableType.Integer, "visits", null, [], 0, 1_000_000), new("years", VariableType.Real, "years", null, [], 0, 10), new("died", VariableType.Boolean, "died", null, [], null, null),
    ]);

    private static MethodPlan Plan(string parameters)
    {
        var faults = new List<Fault>();
        var plan = MethodList.Find("glm")!.Plan(JsonDocument.Parse(parameters).RootElement, Schema, faults);
        Assert.Empty(faults);
        return plan!;
    }

    private static MethodResult Ask(string parameters, double[][] rows, DisclosureRules? rules = null)
    {
        var plan = Plan(parameters);
        var total = new long[plan.Sums.VectorLength];
        plan.Sums.Encode(new Rows(rows), total);
        return plan.Finish(total, NoiseModel.None, rules ?? DisclosureRules.None);
    }

    private static ResultRow Fit(MethodResult result) => result.Tables.Single(t => t.Name == "fit").Rows.Single();

    /// <summary>2 of 10 in one arm and 5 of 10 in the other: log odds ln(2/8), and their difference ln(5/5) − ln(2/8).</summary>
    [Fact]
    public void Log_odds_of_two_arms_are_found_from_any_start()
    {
        double[][] rows = [.. Enumerable.Range(0, 20).Select(i => new double[] { i % 2, (i / 2) < (i % 2 == 0 ? 2 : 5) ? 1 : 0 })];
        foreach (var start in new[] { "[0, 0]", "[5, -5]", "[-8, 9]" })
        {
            var (path, parameters) = (new NewtonPath(), $$"""{"formula": "died ~ arm", "at": {{start}}}""");
            var result = Ask(parameters, rows);
            while (path.Next(result.Tables) is { } at)
                result = Ask($$"""{"formula": "died ~ arm", "at": {{JsonSerializer.Serialize(at)}}}""", rows);
            Assert.Equal(Math.Log(0.25), result.Tables[0].Rows[0].Cells[1].Number!.Value, 8);
            Assert.Equal(-Math.Log(0.25), result.Tables[0].Rows[1].Cells[1].Number!.Value, 8);
        }
    }

    [Theory]
    [InlineData("poisson")]
    [InlineData("negative-binomial")]
    public void Rows_beyond_the_range_of_sums_are_counted_and_bounded(string family)
    {
        var rows = Enumerable.Range(0, 50).Select(i => new double[] { 0, 1_000_000 - i }).ToArray();
        var plan = Plan($$"""{"formula": "visits ~ arm", "family": "{{family}}"}""");
        var total = new long[plan.Sums.VectorLength];
        plan.Sums.Encode(new Rows(rows), total);
        Assert.Equal(50, total[1]);
        Assert.All(total, t => Assert.InRange(t, -50 * (1L << 40), 50 * (1L << 40)));
    }

    [Fact]
    public void Persons_without_exposure_are_left_out_and_counted()
    {
        double[][] rows = [.. Enumerable.Range(0, 30).Select(i => new double[] { i % 2, i % 3 == 0 ? 1 : 0, i < 5 ? 0 : 2 })];
        var fit = Fit(Ask("""{"formula": "died ~ arm", "family": "poisson", "exposure": "years"}""", rows));
        Assert.Equal((25, 5), (fit.Cells[0].Number, fit.Cells[1].Number));
    }

    [Theory]
    [InlineData(3, AnswerKind.Suppressed)]
    [InlineData(12, AnswerKind.Value)]
    [InlineData(27, AnswerKind.Suppressed)]
    public void Few_persons_with_or_without_the_outcome_hide_the_fit(int events, AnswerKind kind)
    {
        double[][] rows = [.. Enumerable.Range(0, 30).Select(i => new double[] { i % 2, i < events ? 1 : 0 })];
        var result = Ask("""{"formula": "died ~ arm"}""", rows, new DisclosureRules([DisclosurePreset.Find("OHDSI-5")!]));
        Assert.Equal(kind, Fit(result).Answer);
        Assert.All(result.Tables[0].Rows, r => Assert.Equal(kind, r.Answer));
    }

    /// <summary>Rules hide up to 4.</summary>
    [Theory]
    [InlineData(3, AnswerKind.Suppressed)]
    [InlineData(8, AnswerKind.Value)]
    public void Few_counted_hide_a_negative_binomial_fit(int visitors, AnswerKind kind)
    {
        double[][] rows = [.. Enumerable.Range(0, 30).Select(i => new double[] { i % 2, i < visitors ? 1 : 0 })];
        var tables = Ask("""{"formula": "visits ~ arm", "family": "negative-binomial"}""", rows, new DisclosureRules([DisclosurePreset.Find("OHDSI-5")!])).Tables;
        Assert.All(tables[0].Rows.Concat(tables[1].Rows), r => Assert.Equal(kind, r.Answer));
    }

    [Fact]
    public void Noised_precision_is_refused_with_what_to_ask_instead() => Assert.Contains("grouped-hazards", Plan("""{"formula": "died ~ arm"}""").ObjectionToNoise, StringComparison.Ordinal);

    [Fact]
    public void Rounds_at_other_coefficients_are_other_questions() =>
        Assert.NotEqual(Plan("""{"formula": "died ~ arm"}""").Sums.Canonical, Plan("""{"formula": "died ~ arm", "at": [0, 0.5]}""").Sums.Canonical);

    private sealed class Rows(double[][] rows) : IRows
    {
        public void Tabulate(IReadOnlyList<Axis> axes, Span<long> cells) => throw new NotSupportedException();

        public void Read(IReadOnlyList<string> variables, Func<RowReader> begin)
        {
            // As when data change while they are read: what the first reader took counts for nothing.
            begin()(rows[0]);
            var take = begin();
            foreach (var row in rows)
                take(row);
        }
    }
}
