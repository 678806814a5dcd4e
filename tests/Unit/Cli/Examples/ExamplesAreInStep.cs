using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Consilience.Analyses;
using Consilience.Analyses.Schema;
using Consilience.Cli.Examples;
using Consilience.Client.Publish;
using Consilience.FederatedLearning;

namespace Consilience.Cli.Tests.Examples;

/// <summary>The examples of all methods, asked once for all tests: at exact precision, of the sample studies.</summary>
public sealed class AnsweredExamples : IAsyncLifetime
{
    internal Dictionary<string, (Method Method, AnalysisResult Result, StudySchema Schema)> Answers { get; } = new(StringComparer.Ordinal);

    public async ValueTask InitializeAsync()
    {
        foreach (var sample in KnownMethods.All.GroupBy(m => m.Sample, StringComparer.Ordinal))
        {
            var (results, schema) = await WorkedExamples.AnswerAsync([.. sample], epsilon: null, TestContext.Current.CancellationToken);
            foreach (var (method, result) in sample.Zip(results))
                Answers[method.Name] = (method, result, schema);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>Pages of methods show what the program answers: figures and pictures of the examples at exact precision. They are written by <c>eng/method-pages.sh</c>.</summary>
[Trait("speed", "slow")]
public sealed partial class ExamplesAreInStep(AnsweredExamples examples) : IClassFixture<AnsweredExamples>
{
    private static readonly string Pages = Path.Combine(AppContext.BaseDirectory, "pages");

    /// <summary>Half of the last digit of a place in a picture, and a little.</summary>
    private const double Rounding = 0.0101;

    /// <summary>Methods whose answer is a few figures about one thing.</summary>
    private static readonly string[] WithoutPicture = ["training-round", "tree-histograms"];

    /// <summary>Methods whose examples ask who holds which record: strata of sites, estimates of each, steps on each one's own records.</summary>
    private static readonly string[] OfSites = ["cox", "meta-analysis", "training-round"];

    public static TheoryData<string> Methods => [.. KnownMethods.All.Select(m => m.Name)];

    public static TheoryData<string> MethodsOfPersons => [.. KnownMethods.All.Select(m => m.Name).Except(OfSites)];

    [GeneratedRegex(@"-?\d+(\.\d+)?", RegexOptions.CultureInvariant)]
    private static partial Regex Number();

    [GeneratedRegex(@"`(?<column>[\w.]+)`", RegexOptions.CultureInvariant)]
    private static partial Regex Column();

    [Theory]
    [MemberData(nameof(Methods))]
    public void A_page_shows_the_answer(string name)
    {
        var page = File.ReadAllText(Path.Combine(Pages, $"{name}.md"));
        Assert.Equal(PageOf(name).With(page), page);
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void A_picture_holds_the_answer(string name)
    {
        var pictures = PageOf(name).Pictures;
        Assert.Equal(WithoutPicture.Contains(name), pictures.Count == 0);
        Assert.All(pictures, p => Assert.True(AreTheSame(p.Text, File.ReadAllText(Path.Combine(Pages, "pictures", name, p.File))), p.File));
    }

    /// <summary>Three sites, three key holders and their masks leave every digit as somebody with all records would have it; those digits are compared with R's beside the methods.</summary>
    [Theory]
    [MemberData(nameof(MethodsOfPersons))]
    public void A_network_answers_as_pooled_records_do(string name)
    {
        var (method, answer, _) = examples.Answers[name];
        Assert.Equal(Digits(PooledAnswer.Of(method)), Digits(new MethodResult(answer.Groups, answer.Tables)));
    }

    /// <summary>The broken twin: records that never came.</summary>
    [Fact]
    public void Records_that_are_missing_are_noticed() => Assert.NotEqual(Digits(PooledAnswer.Of(examples.Answers["count"].Method, without: 1)), Digits(PooledAnswer.Of(examples.Answers["count"].Method)));

    private static string Digits(MethodResult result) => JsonSerializer.Serialize(result);

    /// <summary>The broken twin: one person more in one cell.</summary>
    [Fact]
    public void Another_answer_is_noticed()
    {
        var (method, result, schema) = examples.Answers["count"];
        var other = new MethodPage(method, result with { Groups = [result.Groups[0] with { Count = result.Groups[0].Count + 1 }, .. result.Groups.Skip(1)] }, schema);
        Assert.NotEqual(PageOf("count").Section, other.Section);
        Assert.False(AreTheSame(other.Pictures[0].Text, PageOf("count").Pictures[0].Text));
    }

    [Fact]
    public void Every_column_is_documented()
    {
        var table = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "cli.md")).SkipWhile(l => l != "| column | is |").TakeWhile(l => l.StartsWith('|')).Select(l => l.Split('|')[1]);
        var known = Column().Matches(string.Join('\n', table)).Select(m => m.Groups["column"].Value).ToHashSet(StringComparer.Ordinal);
        var columns = examples.Answers.Values.SelectMany(a => a.Result.Tables.SelectMany(t => t.Columns).Where(c => a.Schema.Find(c) is null).Select(c => $"{c} ({a.Method.Name})"));
        Assert.Empty(columns.Where(c => !known.Contains(c.Split(' ')[0])).Distinct());
    }

    private MethodPage PageOf(string name) => examples.Answers[name] is var (method, result, schema) ? new MethodPage(method, result, schema) : throw new KeyNotFoundException(name);

    /// <summary>The same words, and figures that differ by no more than rounding does on another machine.</summary>
    private static bool AreTheSame(string a, string b) =>
        Number().Replace(a, "#") == Number().Replace(b, "#") && Number().Matches(a).Zip(Number().Matches(b)).All(p => Math.Abs(Parse(p.First) - Parse(p.Second)) <= Rounding);

    private static double Parse(Match number) => double.Parse(number.Value, CultureInfo.InvariantCulture);
}
