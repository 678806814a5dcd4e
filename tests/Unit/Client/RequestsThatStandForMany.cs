using Consilience.Analyses.Schema;
using Consilience.Client.Analyse;

namespace Consilience.Client.Tests;

/// <summary>An entry with <c>each</c> stands for every combination of its words' values; faults name the word, and the question.</summary>
public sealed class RequestsThatStandForMany
{
    private const string Many = """
        values:
          cohort: {young: age < 24, older: "age >= 24 and age < 240"}
        requests:
          - name: "{by.name} of {cohort.name} at {edge}"
            each: [cohort]
            method: count
            cohort: "{cohort}"
        """;

    [Fact]
    public void Every_combination_is_a_question_the_last_word_fastest()
    {
        var questions = QuestionReader.Read("""
            requests:
              - name: "{stage}, {by.name} {level}"
                each: {stage: ["1", "2"], by: {none: [], both: [histol, {variable: age, edges: [12]}]}, level: [0.9]}
                method: count
                precision: exact
                cohort: stage = {stage} and age < 100
                parameters: {by: "{by}", level: "{level}", said: "at {level}, {by.name}"}
            """);
        Assert.Equal(["1, none 0.9", "1, both 0.9", "2, none 0.9", "2, both 0.9"], questions.Select(q => q.Name));
        Assert.Equal(["stage = 1 and age < 100", "stage = 1 and age < 100", "stage = 2 and age < 100", "stage = 2 and age < 100"], questions.Select(q => q.Cohort));
        Assert.Equal("""{"by":["histol",{"variable":"age","edges":[12]}],"level":0.9,"said":"at 0.9, both"}""", questions[1].Parameters.GetRawText());
    }

    [Fact]
    public void Words_of_the_file_are_shared_by_its_entries()
    {
        var questions = QuestionReader.Read(Many.Replace("{by.name} of {cohort.name} at {edge}", "{cohort.name}", StringComparison.Ordinal));
        Assert.Equal([("young", "age < 24"), ("older", "age >= 24 and age < 240")], questions.Select(q => (q.Name, q.Cohort)));
    }

    [Theory]
    [InlineData("each: {stage: [1, 2]}", "each name once", "name every word of 'each'")]
    [InlineData("each: {stage: []}", "a list of values", "")]
    [InlineData("each: {stage: 1}", "a list of values", "")]
    [InlineData("each: {stage: [[1]]}", "lists and mappings have names", "")]
    [InlineData("each: {\"st ge\": [1]}", "a word of letters", "")]
    [InlineData("each: [cohrt]", "words of the file's 'values'", "did you mean 'cohort'?")]
    [InlineData("each: []", "at least one", "")]
    [InlineData("each: {stage: [1], stge: [1]}\n    name: \"{stagee} {stge}\"", "a word of 'each'", "did you mean 'stage'?")]
    [InlineData("each: {k: [a]}\n    name: \"{k}\"\n    parameters: {\"{k}\": 1, a: 2}", "each key once", "rename it")]
    [InlineData("each: {by: {a: [stage]}}\n    name: \"x {by}\"", "a text or number within a text", "")]
    public void A_faulty_entry_is_refused(string entry, string expected, string fix)
    {
        var text = $"values:\n  cohort: {{young: age < 24}}\nrequests:\n  - method: count\n    {entry}\n";
        var fault = Assert.Throws<FaultyInputException>(() => QuestionReader.Read(text, "programme.yaml"));
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
        Assert.Contains(fix, fault.Message, StringComparison.Ordinal);
        Assert.Contains("programme.yaml:", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Words_that_are_not_there_are_named_once_each()
    {
        var faults = Assert.Throws<FaultyInputException>(() => QuestionReader.Read(Many)).Faults;
        Assert.Equal(["'{by.name}'", "'{edge}'"], faults.Where(f => f.Expected == "a word of 'each'").Select(f => f.Got));
    }

    [Fact]
    public void There_is_an_end_to_how_many()
    {
        var values = string.Join(", ", Enumerable.Range(1, 101));
        var message = Assert.Throws<FaultyInputException>(() => QuestionReader.Read($"requests:\n  - {{method: count, name: \"{{a}} {{b}}\", each: {{a: [{values}], b: [{values}]}}}}\n")).Message;
        Assert.Contains("at most 10000 combinations", message, StringComparison.Ordinal);
    }

    /// <summary>Without <c>each</c> braces are only braces: a name may hold them.</summary>
    [Fact]
    public void An_entry_without_words_is_as_it_stands() => Assert.Equal("as {it} stands", QuestionReader.Read("method: count\nname: as {it} stands\n")[0].Name);
}
