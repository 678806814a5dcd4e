using System.Text.Json;
using Consilience.Analyses.Schema;
using Consilience.Client.Analyse;
using Consilience.Client.Publish;
using Consilience.Client.Tests.World;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.Site.Ledger;

namespace Consilience.Client.Tests;

/// <summary>Questions of the same sums are one run and one charge, each with a receipt of its own; an interrupted programme goes on from receipts that verify, and from nothing else.</summary>
public sealed class ProgrammesOfQuestions
{
    private static readonly Question Count = new("count", "count", Json("""{"by":["stage",{"variable":"age","edges":[10]}]}"""), "", Precision.Exact, null);
    private static readonly Question Association = Count with { Name = "association", Method = "association", Parameters = Json("""{"rows":"stage","columns":{"variable":"age","edges":[10]}}""") };

    private static Task<Desk> OpenAsync() => Desk.OpenAsync(terms: t => t.Replace("methods: [count]", "methods: [count, association]", StringComparison.Ordinal));

    [Fact]
    public async Task Questions_are_one_run_where_sums_cohort_precision_and_price_are_the_same()
    {
        await using var desk = await OpenAsync();
        var noised = Count with { Name = "noised", Precision = Precision.Noised, Epsilon = "1" };
        Question[] questions =
        [
            Count, Desk.ByStage, Association, Association with { Name = "of some", Cohort = "age >= 11" }, Count with { Name = "of some others", Cohort = "age   >= 11" },
            noised, noised with { Name = "the same" }, noised with { Name = "cheaper", Epsilon = "1/2" }, noised with { Name = "new noise", Again = true },
        ];
        var programme = Programme.Of(desk.Network.Agreement.Study, questions);
        Assert.Equal([["count", "association"], ["by stage"], ["of some", "of some others"], ["noised", "the same"], ["cheaper"], ["new noise"]], programme.Runs.Select(r => r.Questions.Select(q => q.Name).ToArray()));
        var charges = programme.Runs.Select(r => r.Charge?.Amount).ToArray();
        Assert.Equal([null, null, null, 500_000_000, 125_000_000, 500_000_000], charges);
        Assert.Equal(1_125_000_000, programme.Charge.Amount);
    }

    [Fact]
    public async Task Faults_of_all_questions_are_found_at_once_and_say_whose_they_are()
    {
        await using var desk = await OpenAsync();
        var faults = Assert.Throws<FaultyInputException>(() => Programme.Of(
            desk.Network.Agreement.Study, [Count, Count with { Name = "one", Cohort = "agee > 1" }, Count with { Name = "two", Method = "cont" }, Count with { Name = "three", Precision = Precision.Noised }])).Faults;
        Assert.Equal(["one", "two", "three"], faults.Select(f => f.Subject.Split(':')[0]).Distinct());
    }

    /// <summary>What the agreement does not permit is known before anything is sent, and is what every party would say.</summary>
    [Fact]
    public async Task What_would_be_refused_is_foreseen()
    {
        await using var desk = await OpenAsync();
        var dear = Count with { Name = "dear", Precision = Precision.Noised, Epsilon = "50" };
        var other = Count with { Name = "other method", Method = "distribution", Parameters = Json("""{"variable":"age"}""") };
        var refused = desk.Asking().Foresee([Count, dear, other, Count with { Name = "noised", Precision = Precision.Noised, Epsilon = "1" }]);
        Assert.Equal([("dear", RefusalCode.NoiseMismatch), ("other method", RefusalCode.MethodNotPermitted)], refused.Select(r => (r.Key.Name, r.Value.Code)));
        var failure = await Assert.ThrowsAsync<AskFailedException>(() => desk.AskAsync(dear));
        Assert.Contains(refused[dear].Message, failure.Message + string.Concat(failure.Refusals.Select(r => r.Message)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_run_answers_them_and_each_has_a_receipt_that_verifies()
    {
        await using var desk = await OpenAsync();
        var answers = await desk.Asking().AskTogetherAsync([Count, Association], null, TestContext.Current.CancellationToken);
        Assert.Equal(answers[0].Result.Run, answers[1].Result.Run);
        Assert.Equal(["count", "association"], answers.Select(a => a.Result.Method));
        Assert.All(answers, a => Assert.True(Verification.OfReceipt(a.Receipt, desk.World.File).Holds));
        var alone = await desk.AskAsync(Association);
        Assert.Equal(Figures(alone), Figures(answers[1]));
    }

    [Fact]
    public async Task Noise_of_one_run_is_paid_for_once()
    {
        await using var desk = await OpenAsync();
        var noised = Count with { Precision = Precision.Noised, Epsilon = "1" };
        var answers = await desk.Asking().AskTogetherAsync([noised, noised with { Name = "the same" }], null, TestContext.Current.CancellationToken);
        Assert.Equal(answers[0].Result.Groups.Select(g => g.RawCount), answers[1].Result.Groups.Select(g => g.RawCount));
        Assert.Equal([LedgerEntryKind.Reserve, LedgerEntryKind.Commit], desk.Network.LedgerOf("cedar"));
    }

    /// <summary>The broken twin groups what does not ask for the same sums, or what the agreement does not permit: the second question gets no answer from the first one's run.</summary>
    [Theory]
    [InlineData("count", """{"by":["stage"]}""")]
    [InlineData("count", """{"by":[{"variable":"age","edges":[10]},"stage"]}""")]
    [InlineData("risk", """{"outcome":"stage","event":"2","exposure":"stage"}""")]
    public async Task Other_sums_are_no_answer(string method, string parameters)
    {
        await using var desk = await OpenAsync();
        var other = Count with { Name = "other", Method = method, Parameters = Json(parameters) };
        var failure = await Assert.ThrowsAsync<AskFailedException>(() => desk.Asking().AskTogetherAsync([Count, other], null, TestContext.Current.CancellationToken));
        Assert.Contains("does not verify", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_programme_goes_on_from_receipts()
    {
        await using var desk = await OpenAsync();
        using var folder = new Receipts(await desk.AskAsync(Count), await desk.AskAsync(Count with { Name = "noised", Precision = Precision.Noised, Epsilon = "1" }));
        Question[] questions = [Count, Count with { Name = "noised", Precision = Precision.Noised, Epsilon = "1" }, Association];
        var found = EarlierAnswers.In(folder.Files, desk.Network.Agreement, desk.World.File, questions);
        Assert.Equal(["count", "noised"], questions.Where(found.ContainsKey).Select(q => q.Name));
        Assert.Equal(9, found[Count].Result.Groups.Sum(g => g.Count));
    }

    [Fact]
    public async Task A_receipt_for_another_question_is_not_taken()
    {
        await using var desk = await OpenAsync();
        using var folder = new Receipts(await desk.AskAsync(Count with { Precision = Precision.Noised, Epsilon = "1" }));
        var noised = Count with { Precision = Precision.Noised, Epsilon = "1" };
        Question[] others =
        [
            Count, noised with { Name = "named otherwise" }, noised with { Epsilon = "1/2" }, noised with { Epsilon = null, Rho = "0.5" }, noised with { Cohort = "age >= 11" }, noised with { Again = true },
            noised with { Parameters = Json("""{"by":["stage"]}""") }, noised with { Method = "association", Parameters = Association.Parameters },
        ];
        Assert.All(others, q => Assert.Empty(EarlierAnswers.In(folder.Files, desk.Network.Agreement, desk.World.File, [q])));
        Assert.Single(EarlierAnswers.In(folder.Files, desk.Network.Agreement, desk.World.File, [noised]));
    }

    /// <summary>Figures changed, a signature broken, text that is no receipt: the question is asked anew.</summary>
    [Fact]
    public async Task A_receipt_that_was_changed_is_not_taken()
    {
        await using var desk = await OpenAsync();
        var answer = await desk.AskAsync(Count);
        var receipt = desk.Read(answer);
        var lies = Signed<ReceiptStatement>.By(desk.Signing, receipt with { Result = receipt.Result with { Groups = [.. receipt.Result.Groups.Select(g => g with { Count = 7 })] } }).Envelope;
        var stranger = Signed<ReceiptStatement>.By(desk.World.KeysOf("bo").Signing, receipt).Envelope;
        using var folder = new Receipts(answer with { Receipt = lies }, answer with { Receipt = stranger }, answer with { Receipt = [.. "{}"u8] }, answer with { Receipt = [] });
        Assert.Empty(EarlierAnswers.In(folder.Files, desk.Network.Agreement, desk.World.File, [Count]));
    }

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;

    private static string Figures(Answer answer) => JsonSerializer.Serialize(answer.Result.Tables);

    private sealed class Receipts : IDisposable
    {
        private readonly string folder = Directory.CreateTempSubdirectory("consilience-receipts-").FullName;

        internal Receipts(params IReadOnlyList<Answer> answers)
        {
            for (var i = 0; i < answers.Count; i++)
                File.WriteAllBytes(Path.Combine(folder, $"{i}.receipt.json"), answers[i].Receipt);
        }

        internal IEnumerable<string> Files => Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal);

        public void Dispose() => Directory.Delete(folder, recursive: true);
    }
}
