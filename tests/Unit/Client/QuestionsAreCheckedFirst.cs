using Consilience.Analyses.Schema;
using Consilience.Client.Analyse;
using Consilience.Client.Tests.World;
using Consilience.Protocol.Analyse;

namespace Consilience.Client.Tests;

/// <summary>Faults in a request file or a question are all found before anything is sent, and each says what was expected.</summary>
public sealed class QuestionsAreCheckedFirst
{
    [Fact]
    public void One_question_and_a_list_of_them_are_read()
    {
        var one = Assert.Single(QuestionReader.Read("method: count\nparameters: {by: [stage]}\nepsilon: 1/2\n"));
        Assert.Equal(("count", "count", Precision.Noised, "1/2"), (one.Name, one.Method, one.Precision, one.Epsilon));
        Assert.Equal(["a", "b"], QuestionReader.Read("requests:\n  - {name: a, method: count, precision: exact}\n  - {name: b, method: count, cohort: age > 3}\n").Select(q => q.Name));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("requests: []", "at least one")]
    [InlineData("metod: count", "method")]
    [InlineData("method: count\nprecision: roughly", "noised or exact")]
    [InlineData("requests:\n  - {name: a, method: count}\n  - {name: a, method: count}", "each name once")]
    [InlineData("method: [count", "")]
    [InlineData("method: count\nmethod: count", "")]
    [InlineData("&a [*a]", "")]
    [InlineData("!!python/object:os.system x", "")]
    public void A_faulty_file_is_refused_with_what_was_expected(string text, string said) =>
        Assert.Contains(said, Assert.Throws<FaultyInputException>(() => QuestionReader.Read(text, "request.yaml")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("cont", "", "exact", null, "a known method")]
    [InlineData("count", "age >", "exact", null, "")]
    [InlineData("count", "stadium = \"1\"", "exact", null, "stage")]
    [InlineData("count", "", "noised", null, "epsilon")]
    [InlineData("count", "", "noised", "-1", "epsilon")]
    [InlineData("count", "", "noised", "1e400", "epsilon")]
    public async Task A_question_that_does_not_fit_the_study_is_not_sent(string method, string cohort, string precision, string? epsilon, string said)
    {
        await using var desk = await Desk.OpenAsync();
        var asked = false;
        var question = Desk.ByStage with { Method = method, Cohort = cohort, Precision = precision == "exact" ? Precision.Exact : Precision.Noised, Epsilon = epsilon };
        var fault = await Assert.ThrowsAsync<FaultyInputException>(() => desk.AskAsync(question, alter: f =>
        {
            asked = true;
            return f;
        }));
        Assert.Contains(said, fault.Message, StringComparison.Ordinal);
        Assert.False(asked);
    }
}
