using Consilience.Analyses;
using Consilience.Analyses.Disclosure;
using Consilience.Client.Publish;
using Consilience.Client.Tests.World;
using Consilience.Protocol.Analyse;

namespace Consilience.Client.Tests;

/// <summary>Real results of a real network, changed to what the check must tell apart.</summary>
public sealed class WhatIsPublishedTogether
{
    private static async Task<AnalysisResult> ResultAsync()
    {
        await using var desk = await Desk.OpenAsync();
        return (await desk.AskAsync()).Result;
    }

    private static ResultGroup Group(string stage, AnswerKind answer, string? sex = null) => new()
    {
        Key = sex is null ? new Dictionary<string, string> { ["stage"] = stage } : new Dictionary<string, string> { ["stage"] = stage, ["sex"] = sex },
        Answer = answer, Count = answer == AnswerKind.Value ? 20 : null,
    };

    private static AnalysisResult Another(AnalysisResult result) => result with { Name = "another", Run = Consilience.Tests.World.Questions.FreshRun() };

    private static IEnumerable<string> Rules(params AnalysisResult[] results) => CheckPublication.Of(results).Select(f => f.Rule);

    [Fact]
    public async Task An_exact_figure_beside_a_noised_one_of_the_same_persons_is_refused()
    {
        var exact = await ResultAsync();
        var noised = Another(exact) with { Precision = Precision.Noised, Epsilon = "1", Rho = "0.5" };
        Assert.Equal(["exact-beside-noised"], Rules(exact, noised));
        Assert.Equal(["exact-beside-noised"], Rules(noised with { Cohort = "age >= 3" }, exact));
        Assert.Empty(Rules(exact, Another(exact)));
        Assert.Empty(Rules(exact, noised with { Study = "other" }));
    }

    [Theory]
    [InlineData("sex = 'f'", "sex = 'm'", true)]
    [InlineData("sex = 'f' and age >= 3", "sex = 'm'", true)]
    [InlineData("stage in ('1', '2')", "stage in ('3', '4')", true)]
    [InlineData("stage in ('1', '2')", "stage in ('2', '3')", false)]
    [InlineData("sex = 'f' or age >= 3", "sex = 'm'", false)]
    [InlineData("stage not in ('1', '2')", "stage in ('3', '4')", false)]
    [InlineData("age >= 3", "age <= 2", false)]
    public async Task Only_cohorts_that_are_surely_apart_are_told_apart(string a, string b, bool apart)
    {
        var exact = await ResultAsync() with { Cohort = a };
        Assert.Equal(apart, !Rules(exact, Another(exact) with { Cohort = b, Precision = Precision.Noised }).Any());
    }

    [Fact]
    public async Task The_same_persons_under_different_rules_are_refused()
    {
        var plain = await ResultAsync();
        Assert.Equal(["different-rules"], Rules(plain, Another(plain) with { Disclosure = ["NHS-2018"] }));
        Assert.Empty(Rules(plain with { Disclosure = ["CMS-11", "NHS-2018"] }, Another(plain) with { Disclosure = ["NHS-2018", "CMS-11"] }));
    }

    private static AnalysisResult By(AnalysisResult result, string by, params ResultGroup[] groups) => result with
    {
        Disclosure = ["CMS-11"], Groups = groups, Parameters = System.Text.Json.JsonDocument.Parse($$"""{"by":{{by}}}""").RootElement,
    };

    private static AnalysisResult Rounded(AnalysisResult result) => result with { Disclosure = ["NHS-2018"] };

    [Fact]
    public async Task Totals_beside_a_suppressed_cell_are_refused_unless_all_is_rounded()
    {
        var result = await ResultAsync();
        var fine = By(result, """["stage","sex"]""", Group("1", AnswerKind.Value, "f"), Group("1", AnswerKind.Suppressed, "m"), Group("2", AnswerKind.Suppressed, "f"), Group("2", AnswerKind.Suppressed, "m"));
        var total = By(Another(result), """["stage"]""", Group("1", AnswerKind.Value), Group("2", AnswerKind.Value));
        Assert.Equal(["suppressed-cell"], Rules(fine, total));
        Assert.Equal(["suppressed-cell"], Rules(total, fine));
        Assert.Empty(Rules(Rounded(fine), Rounded(total)));
        Assert.Empty(Rules(By(result, """["stage","sex"]""", Group("1", AnswerKind.Value, "f"), Group("1", AnswerKind.Value, "m")), total));
        Assert.Empty(Rules(fine, Another(fine)));
    }

    /// <summary>(6, 24] less (12, 24] is (6, 12], whatever either table suppresses; a curve tells totals; a cohort within a cohort tells the rest.</summary>
    [Fact]
    public async Task Other_edges_other_cohorts_and_curves_of_the_same_persons_are_refused()
    {
        var result = await ResultAsync();
        var table = By(result, """["stage",{"variable":"age","edges":[6,12,24]}]""", Group("1", AnswerKind.Value));
        Assert.Equal(["suppressed-cell"], Rules(table, By(Another(result), """["stage",{"variable":"age","edges":[6,24]}]""", Group("1", AnswerKind.Value))));
        Assert.Equal(["suppressed-cell"], Rules(table, Another(table) with { Cohort = "age >= 3" }));
        Assert.Equal(["suppressed-cell"], Rules(table, Another(table) with { Method = "kaplan-meier" }));
        Assert.Empty(Rules(table with { Cohort = "stage = '1'" }, Another(table) with { Cohort = "stage = '2'", Method = "kaplan-meier" }));
        Assert.Empty(Rules(table with { Precision = Precision.Noised }, Another(table) with { Precision = Precision.Noised, Cohort = "age >= 3" }));
    }

    [Fact]
    public async Task A_receipt_that_computes_what_rules_hide_is_named()
    {
        var result = await ResultAsync() with { Receipt = "receipts/1.receipt.json" };
        Assert.Null(CheckPublication.OfReceipt(result));
        Assert.Equal("receipt", CheckPublication.OfReceipt(result with { Disclosure = ["CMS-11"] })!.Rule);
        Assert.Null(CheckPublication.OfReceipt(result with { Disclosure = ["CMS-11"], Precision = Precision.Noised }));
    }

    [Fact]
    public async Task Suppressed_cells_have_a_word_and_no_figure_in_files()
    {
        var result = await ResultAsync() with { Groups = [Group("1", AnswerKind.Value), Group("2, late", AnswerKind.Suppressed), Group("3", AnswerKind.NotAsked)] };
        Assert.Equal("stage,answer,count,raw.count,conf.low,conf.high,expected.low,expected.high,share,share.low,share.high,precision\r\n1,value,20,,,,,,,,,exact\r\n\"2, late\",suppressed,,,,,,,,,,exact\r\n3,not-asked,,,,,,,,,,exact\r\n", TidyCsv.Files(result).Single().Text);
    }
}
