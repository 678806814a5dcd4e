using System.Text.Json;
using Consilience.Analyses;
using Consilience.Analyses.Cohorts;
using Consilience.Analyses.Schema;
using Consilience.Protocol.Analyse;
using Consilience.Site.Analyse;
using Consilience.Tests.World;

namespace Consilience.Site.Tests;

/// <summary>A training that reads all rows of each person: who is counted, compared and charged are persons, however many rows they have.</summary>
public sealed class PersonsOfSeveralRows
{
    /// <summary>Ten rows of each.</summary>
    private static string Rows(params string[] persons) => "id,stage,age\n" + string.Concat(persons.SelectMany(p => Enumerable.Range(0, 10).Select(visit => $"{p},{1 + (visit % 2)},{30 + (10 * (p[0] - 'a'))}\n")));

    private static Task<Asked> StartAsync(string rows) => Asked.StartAsync(rows, policy: Consortia.WithTraining, person: "id", study: Consortia.WithTraining(Consortia.StudyText), choiceKey: "a secret of this site alone");

    private static Task<PartyAnswer> AskAsync(Asked asked, string cohort = "") => asked.Hub.AskAsync(asked.World.Sign(asked.World.Exact(asked.Agreement) with
    {
        Method = "training-round",
        Parameters = JsonSerializer.SerializeToElement(new
        {
            model = new { inputs = new[] { "age" }, head = "logistic", outcome = "stage", @event = "2" }, weights = Convert.ToBase64String(new byte[8]), clip = 1, local = new { unit = "person", steps = 3, batch = 4, rate = 0.1 },
        }),
        Cohort = CohortExpression.Parse(cohort, asked.Agreement.Study.Schema, [])!.Canonical,
        VectorLength = 6,
        WordBits = 32,
    }));

    [Theory]
    [InlineData(true, "a", "b", "c", "d")]
    [InlineData(false, "a", "b")]
    public async Task Enough_rows_are_not_enough_persons(bool gave, params string[] persons)
    {
        await using var asked = await StartAsync(Rows(persons));
        var answer = await AskAsync(asked);
        Assert.Equal((gave, gave ? null : RefusalCode.TooFewPersons), (answer.Gave, answer.Refusal?.Code));
    }

    [Fact]
    public async Task Ten_rows_more_or_less_are_one_person_more_or_less()
    {
        await using var asked = await StartAsync(Rows("a", "b", "c", "d", "e", "f"));
        Assert.True((await AskAsync(asked)).Gave);
        Assert.Contains("differ by fewer than 3", (await AskAsync(asked, "age >= 40")).Refusal!.Message, StringComparison.Ordinal);
        Assert.True((await AskAsync(asked, "age >= 60")).Gave);
    }

    /// <summary>Two persons of forty have the value, in ten rows each: few, though their rows are not. The broken twin counts rows.</summary>
    [Fact]
    public void A_value_that_few_persons_have_singles_them_out_however_many_their_rows()
    {
        var schema = new StudySchema([new("marker", VariableType.Integer, "marker", null, [], 0, 1)]);
        var noted = new NotedRows(new Visits(), schema, 5);
        noted.ReadPersons(["marker"], 64, () => (_, _) => { });
        Assert.Equal(("marker", "marker"), (noted.Mask, Assert.Single(noted.Variables)));
        var twin = new NotedRows(new Visits(), schema, 5);
        twin.Read(["marker"], () => _ => { });
        Assert.Null(twin.Mask);
    }

    private sealed class Visits : IRows
    {
        public void Tabulate(IReadOnlyList<Axis> axes, Span<long> cells) => throw new NotSupportedException("rows are read");

        /// <summary>Every row as if it were a person.</summary>
        public void Read(IReadOnlyList<string> variables, Func<RowReader> begin)
        {
            var take = begin();
            ReadPersons(variables, int.MaxValue, () => (_, values) => take(values));
        }

        public void ReadPersons(IReadOnlyList<string> variables, int most, Func<PersonReader> begin)
        {
            var take = begin();
            for (var row = 0; row < 400; row++)
                take(row % 10, [row >= 380 ? 1 : 0]);
        }
    }
}
