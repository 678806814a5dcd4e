using Consilience.Analyses;
using Consilience.Analyses.Disclosure;

namespace Consilience.FederatedLearning.Evaluation;

/// <summary>Of a model of classes: the share predicted rightly, of everybody and by group, and persons by true and predicted class. Under disclosure presets, rows of few persons and cells of few are hidden.</summary>
internal sealed class ClassesFinish(ScoreTable scores)
{
    private static readonly string[] Accuracy = ["persons", "accuracy"];
    private static readonly string[] Confusion = ["class", "predicted", "persons"];

    internal MethodResult From(ReadOnlySpan<long> total, DisclosureRules rules)
    {
        var (counters, everybody) = (total[1..].ToArray(), new long[scores.GroupLength]);
        for (var i = 0; i < counters.Length; i++)
            everybody[i % everybody.Length] += counters[i];
        List<ResultTable> tables = [new("accuracy", Accuracy, [AccuracyRow([], everybody, rules)])];
        if (scores.Groups.Count > 1)
            tables.Add(new("groups", [.. scores.Groups.Variables, .. Accuracy], [.. scores.Groups.Names().Select((name, group) => AccuracyRow(name, counters.AsSpan(group * scores.GroupLength, scores.GroupLength), rules))]));
        var codes = scores.Model.Outcome.Variable.Codes;
        tables.Add(new("confusion", Confusion, [.. everybody.Select((count, cell) => Cell(codes[cell / scores.Bins].Code, codes[cell % scores.Bins].Code, count, rules))]));
        return new MethodResult(tables);
    }

    private static ResultRow Cell(string code, string predicted, long count, DisclosureRules rules) =>
        rules.KindOf(count) == AnswerKind.Suppressed ? ResultRow.Hidden(AnswerKind.Suppressed, Confusion.Length, code, predicted) : ResultRow.Of(code, predicted, (double)rules.Round(count));

    private ResultRow AccuracyRow(ResultCell[] name, ReadOnlySpan<long> cells, DisclosureRules rules)
    {
        long persons = 0, right = 0;
        for (var cell = 0; cell < cells.Length; cell++)
            (persons, right) = (persons + cells[cell], right + (cell / scores.Bins == cell % scores.Bins ? cells[cell] : 0));
        return rules.KindOf(right) == AnswerKind.Suppressed || rules.KindOf(persons - right) == AnswerKind.Suppressed
            ? ResultRow.Hidden(AnswerKind.Suppressed, name.Length + Accuracy.Length, name)
            : ResultRow.Of([.. name, (double)rules.Round(persons), persons > 0 ? (double)right / persons : ResultCell.Undefined]);
    }
}
