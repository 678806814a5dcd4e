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

    [Fact]
    public async Task A_total_that_gives_a_suppressed_cell_away_is_refused_unless_it_is_rounded()
    {
        var result = await ResultAsync();
        var fine = result with
        {
            Disclosure = ["CMS-11"],
            Groups = [Group("1", AnswerKind.Value, "f"), Group("1", AnswerKind.Suppressed, "m"), Group("2", AnswerKind.Suppressed, "f"), Group("2", AnswerKind.Suppressed, "m")],
        };
        var total = Another(result) with { Disclosure = ["CMS-11"], Groups = [Group("1", AnswerKind.Value), Group("2", AnswerKind.Value)] };
        Assert.Equal(["suppressed-cell"], Rules(fine, total));
        Assert.Equal(["suppressed-cell"], Rules(total, fine));
        Assert.Empty(Rules(fine with { Disclosure = ["NHS-2018"] }, total with { Disclosure = ["NHS-2018"] }));
        Assert.Empty(Rules(fine, total with { Groups = [Group("1", AnswerKind.Suppressed), Group("2", AnswerKind.Value)] }));
        Assert.Empty(Rules(fine, total with { Cohort = "age >= 3" }));
    }

    [Fact]
    public async Task Suppressed_cells_have_a_word_and_no_figure_in_files()
    {
        var result = await ResultAsync() with { Groups = [Group("1", AnswerKind.Value), Group("2, late", AnswerKind.Suppressed), Group("3", AnswerKind.NotAsked)] };
        Assert.Equal("stage,answer,count,raw.count,conf.low,conf.high,expected.low,expected.high,share,share.low,share.high,precision\r\n1,value,20,,,,,,,,,exact\r\n\"2, late\",suppressed,,,,,,,,,,exact\r\n3,not-asked,,,,,,,,,,exact\r\n", TidyCsv.Write(result));
    }
}
