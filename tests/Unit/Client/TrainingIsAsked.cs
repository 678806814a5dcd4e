using System.Text.Json;
using Consilience.Analyses.Schema;
using Consilience.Client.Analyse;
using Consilience.Client.Publish;
using Consilience.Client.Tests.World;
using Consilience.Protocol.Analyse;
using Consilience.Tests.World;

namespace Consilience.Client.Tests;

/// <summary>A question whose weights are attached, from the researcher's desk.</summary>
public sealed class TrainingIsAsked
{
    private static readonly byte[] Weights = Questions.Weights(3, Questions.ThreePieces);

    [Fact]
    public async Task The_answer_verifies_from_its_receipt_alone()
    {
        await using var desk = await Desk.OpenAsync(terms: Consortia.WithTraining);
        var answer = await desk.AskAsync(Question(desk, Weights));
        var verification = Verification.OfReceipt(answer.Receipt, desk.World.File);
        Assert.True(verification.Holds, string.Join("; ", verification.Steps.Where(s => !s.Holds)));
        Assert.Equal(4 * (5 + (Weights.Length / 4)), desk.Read(answer).MaskedSum!.Length);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task A_connection_that_breaks_while_it_attaches_is_taken_up_again(int after)
    {
        await using var desk = await Desk.OpenAsync(terms: Consortia.WithTraining);
        var answer = await desk.AskAsync(Question(desk, Weights), breakAfter: after);
        Assert.Equal(3, answer.Result.Sites.Answered.Count);
    }

    [Fact]
    public async Task Other_bytes_than_the_parameters_name_are_a_fault_and_nothing_is_asked()
    {
        await using var desk = await Desk.OpenAsync(terms: Consortia.WithTraining);
        var question = Question(desk, Weights);
        foreach (var attached in new[] { default, new ReadOnlyMemory<byte>(Weights, 0, 4), Questions.Weights(5, Questions.ThreePieces) })
            Assert.Contains("attachment", (await Assert.ThrowsAsync<FaultyInputException>(() => desk.AskAsync(question with { Attached = attached }))).Message, StringComparison.Ordinal);
        Assert.Contains("attachment", (await Assert.ThrowsAsync<FaultyInputException>(() => desk.AskAsync(Desk.ByStage with { Attached = Weights }))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_that_no_receipt_would_hold_is_not_asked_for()
    {
        await using var desk = await Desk.OpenAsync(terms: Consortia.WithTraining);
        int[] units = [2800, 2800];
        var fault = await Assert.ThrowsAsync<FaultyInputException>(() => desk.AskAsync(Question(desk, Questions.Weights(3, units), units)));
        Assert.Contains("fit a receipt", fault.Message, StringComparison.Ordinal);
    }

    private static Question Question(Desk desk, byte[] weights, int[]? units = null)
    {
        JsonElement parameters = desk.World.Training(desk.Network.Agreement, weights, units ?? Questions.ThreePieces).Parameters;
        return new Question("round", "training-round", parameters, "", Precision.Exact, null) { Attached = weights };
    }
}
