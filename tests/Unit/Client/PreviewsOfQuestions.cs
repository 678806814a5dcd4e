using System.Text.Json;
using Consilience.Analyses.Schema;
using Consilience.Arithmetic;
using Consilience.Client.Analyse;
using Consilience.Client.Tests.World;
using Consilience.DifferentialPrivacy.Accounting;
using Consilience.Protocol.Agreements;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.Tests.World;

namespace Consilience.Client.Tests;

public sealed class PreviewsOfQuestions
{
    private static readonly Question Noised = Desk.ByStage with { Precision = Precision.Noised, Epsilon = "1" };
    private static readonly IReadOnlyDictionary<OrganisationId, NanoRho> Nothing = new Dictionary<OrganisationId, NanoRho>();

    private static Protocol.Agreements.Study Study(string change = "") =>
        StudyReader.Read(Consortia.StudyText.Replace("methods: [count]", "methods: [count, kaplan-meier]", StringComparison.Ordinal) + "\n" + change, null);

    [Fact]
    public void From_price_to_accuracy()
    {
        var preview = PreviewQuestion.Of(Study(), Nothing, Noised, persons: 500);
        var plan = Assert.Single(preview.Plans);
        Assert.Equal(("discrete-laplace", 4L), (plan.Name, plan.HalfWidth));
        Assert.Equal(1.919, plan.Error, 0.001);
        Assert.Equal("0.5", preview.Charge.ToString());
        Assert.Equal("a count of 40 is shown as 36 to 44 nineteen times in twenty", preview.Expect[0]);
        Assert.Null(preview.Warning);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(10)]
    [InlineData(40)]
    public void From_accuracy_to_the_least_price(long accuracy)
    {
        long? Width(Rational price) => PreviewQuestion.Of(Study(), Nothing, Noised with { Epsilon = $"{price}" }, 500).Plans[0].HalfWidth;
        var least = Rational.Parse(PreviewQuestion.Of(Study(), Nothing, Noised, persons: 500, accuracy).Price.Split(" = ")[1]);
        Assert.True(Width(least) <= accuracy);
        Assert.True(Width(least - new Rational(1, 1000)) > accuracy);
    }

    [Fact]
    public void An_accuracy_that_no_permitted_price_buys_is_a_fault_that_says_what_does()
    {
        var fault = Assert.Single(Assert.Throws<FaultyInputException>(() => PreviewQuestion.Of(Study(), Nothing, Noised, 500, 1)).Faults);
        Assert.Contains("ε = 1, buys ±4", fault.Fix, StringComparison.Ordinal);
    }

    [Fact]
    public void Questions_left_are_what_the_rest_of_each_budget_pays_for()
    {
        var charged = new Dictionary<OrganisationId, NanoRho> { [Consortia.Id("aster")] = new(900_000_000), [Consortia.Id("birch")] = new(5_000_000_000) };
        var left = PreviewQuestion.Of(Study(), charged, Noised, 500).QuestionsLeft;
        Assert.Equal((2, 0, 4), (left[Consortia.Id("aster")], left[Consortia.Id("birch")], left[Consortia.Id("cedar")]));
    }

    [Fact]
    public void A_table_too_fine_for_its_price_is_warned_of_and_the_cells_that_mend_it_are_named()
    {
        var warning = PreviewQuestion.Of(Study(), Nothing, Noised with { Epsilon = "1/10" }, persons: 500).Warning;
        Assert.Contains("into at most 1 cells", warning, StringComparison.Ordinal);
    }

    [Fact]
    public void A_curve_too_fine_for_its_price_is_warned_of_and_the_grid_that_mends_it_is_mended()
    {
        static Question Curve(int intervals) => new("km", "kaplan-meier",
            JsonSerializer.SerializeToElement(new { time = "age", @event = "died", grid = new { from = 1, to = intervals, step = 1 } }), "", Precision.Noised, null, "0.02");
        var study = StudyReader.Read(Consortia.StudyText
            .Replace("methods: [count]", "methods: [kaplan-meier]", StringComparison.Ordinal)
            .Replace("age: {type: integer, minimum: 0, maximum: 200}", "age: {type: integer, minimum: 0, maximum: 200}\n    died: {type: boolean}", StringComparison.Ordinal), null);
        var fine = PreviewQuestion.Of(study, Nothing, Curve(100), 1000);
        Assert.Equal("discrete-gaussian+prefix", fine.Plans[0].Name);
        var most = int.Parse(fine.Warning!.Split("at most ")[1].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
        Assert.Null(PreviewQuestion.Of(study, Nothing, Curve(most), 1000).Warning);
        Assert.NotNull(PreviewQuestion.Of(study, Nothing, Curve(most + 1), 1000).Warning);
    }

    [Fact]
    public void A_person_at_two_sites_costs_twice_the_noise()
    {
        var one = PreviewQuestion.Of(Study("privacyUnit: person\nsitesPerPerson: 1\n"), Nothing, Noised, 500);
        var two = PreviewQuestion.Of(Study("privacyUnit: person\nsitesPerPerson: 2\n"), Nothing, Noised, 500);
        Assert.Equal(2, two.Plans[0].Error / one.Plans[0].Error, 0.15);
        Assert.Contains("up to 2 sites", two.PrivacyUnit, StringComparison.Ordinal);
    }

    [Fact]
    public void An_exact_question_has_nothing_to_preview() =>
        Assert.Throws<FaultyInputException>(() => PreviewQuestion.Of(Study(), Nothing, Desk.ByStage, 500));
}
