using Consilience.Analyses;
using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Statistics;
using Consilience.FederatedLearning.Heads;
using Consilience.FederatedLearning.Numerics;

namespace Consilience.FederatedLearning.Evaluation;

/// <summary>
/// Discrimination of everybody and by group; of a logistic model also mean score, Brier's score, log loss, sensitivity and specificity at one half, calibration and net benefit. Scores count as the middle of their class. Under disclosure presets a row is hidden of
/// few persons, few with or few without the event.
/// </summary>
internal sealed class EvaluationFinish(ScoreTable scores, double level)
{
    private const int CalibrationClasses = 10;

    private static readonly string[] Discrimination = ["persons", "events", "measure", "estimate", "std.error", "conf.low", "conf.high"];
    private static readonly string[] Probabilities = ["mean.score", "observed", "brier", "log.loss", "sensitivity", "specificity"];
    private static readonly string[] Calibration = ["from", "to", "persons", "mean.score", "observed"];
    private static readonly string[] NetBenefit = ["threshold", "net.benefit", "all"];

    private readonly string[] names = [.. scores.Groups.Variables];
    private readonly bool hasProbabilities = scores.Model.Head == HeadKind.Logistic;
    private readonly bool hasGroups = scores.Groups.Count > 1;

    internal MethodResult From(ReadOnlySpan<long> total, NoiseModel noise, DisclosureRules rules)
    {
        var counters = total[1..].ToArray();
        var (everybody, gradients) = (new long[scores.GroupLength], (int)scores.Groups.Count);
        for (var i = 0; i < counters.Length; i++)
            everybody[i % everybody.Length] += counters[i];
        var whole = DiscriminationRow([], everybody, g => noise.VarianceOf(1, [.. Enumerable.Repeat(g, gradients).SelectMany(x => x)]), rules);
        List<ResultTable> tables = [new("discrimination", [.. Discrimination, .. hasProbabilities ? Probabilities : []], [whole])];
        if (hasGroups)
            tables.Add(new("groups", [.. names, .. tables[0].Columns], [.. scores.Groups.Names().Select((name, group) =>
                DiscriminationRow(name, counters.AsSpan(group * scores.GroupLength, scores.GroupLength), g => noise.VarianceOf(1 + (group * scores.GroupLength), g), rules))]));
        if (hasProbabilities)
            tables.AddRange([new("calibration", Calibration, CalibrationRows(everybody, rules)), new("net-benefit", NetBenefit, NetBenefitRows(everybody, rules))]);
        return new MethodResult(tables);
    }

    private ResultRow DiscriminationRow(ResultCell[] name, ReadOnlySpan<long> cells, Func<double[], double> noise, DisclosureRules rules)
    {
        var (with, without) = Persons(cells, 0, scores.Bins);
        var columns = name.Length + Discrimination.Length + (hasProbabilities ? Probabilities.Length : 0);
        if (IsHidden(with, without, rules))
            return ResultRow.Hidden(AnswerKind.Suppressed, columns, name);
        var concordance = Concordance.Of(cells, scores);
        var error = Math.Sqrt(concordance.Variance + noise(concordance.Gradient));
        var reach = Normal.Quantile((1 + level) / 2) * error;
        bool isDefined = concordance.Pairs > 0 && double.IsFinite(error);
        ResultCell Shown(double value) => isDefined ? value : ResultCell.Undefined;
        ResultCell[] row = [.. name, (double)rules.Round(with + without), (double)rules.Round(with), scores.Times == 1 ? "auc" : "c-index",
            Shown(concordance.Value), Shown(error), Shown(Math.Max(0, concordance.Value - reach)), Shown(Math.Min(1, concordance.Value + reach))];
        return ResultRow.Of(hasProbabilities ? [.. row, .. ProbabilityCells(cells, with, without)] : row);
    }

    private ResultCell[] ProbabilityCells(ReadOnlySpan<long> cells, long with, long without)
    {
        double n = with + without, sum = 0, brier = 0, loss = 0;
        for (var bin = 0; bin < scores.Bins; bin++)
        {
            var (events, others, score) = (cells[scores.Cell(true, 0, bin)], cells[scores.Cell(false, 0, bin)], Middle(bin));
            sum += (events + others) * score;
            brier += (events * (1 - score) * (1 - score)) + (others * score * score);
            loss -= (events * Elementary.Log(score)) + (others * Elementary.Log(1 - score));
        }

        var half = (scores.Bins + 1) / 2;
        return [Share(sum, n), Share(with, n), Share(brier, n), Share(loss, n), Share(Persons(cells, half, scores.Bins).With, with), Share(Persons(cells, 0, half).Without, without)];
    }

    private List<ResultRow> CalibrationRows(ReadOnlySpan<long> cells, DisclosureRules rules)
    {
        var rows = new List<ResultRow>();
        for (var i = 0; i < CalibrationClasses; i++)
        {
            var (from, to) = (i * scores.Bins / CalibrationClasses, (i + 1) * scores.Bins / CalibrationClasses);
            if (from == to)
                continue;
            var (with, without) = Persons(cells, from, to);
            ResultCell[] name = [(double)from / scores.Bins, (double)to / scores.Bins];
            double sum = 0;
            for (var bin = from; bin < to; bin++)
                sum += (cells[scores.Cell(true, 0, bin)] + cells[scores.Cell(false, 0, bin)]) * Middle(bin);
            rows.Add(IsHidden(with, without, rules) ? ResultRow.Hidden(AnswerKind.Suppressed, Calibration.Length, name)
                : ResultRow.Of([.. name, (double)rules.Round(with + without), Share(sum, with + without), Share(with, with + without)]));
        }

        return rows;
    }

    /// <summary>Vickers and Elkin 2006: true positives less false ones at the odds of the threshold, for each person; "all" treats everybody.</summary>
    private List<ResultRow> NetBenefitRows(ReadOnlySpan<long> cells, DisclosureRules rules)
    {
        var rows = new List<ResultRow>();
        var (with, without) = Persons(cells, 0, scores.Bins);
        for (var percent = 5; percent <= 95; percent += 5)
        {
            var bin = (int)Math.Ceiling(percent * scores.Bins / 100.0);
            var (right, wrong) = Persons(cells, bin, scores.Bins);
            var (threshold, odds) = (percent / 100.0, percent / (100.0 - percent));
            rows.Add(IsHidden(with, without, rules) || IsHidden(right, wrong, rules) || IsHidden(with - right, without - wrong, rules) ? ResultRow.Hidden(AnswerKind.Suppressed, NetBenefit.Length, threshold)
                : ResultRow.Of(threshold, Share(right - (odds * wrong), with + without), Share(with - (odds * without), with + without)));
        }

        return rows;
    }

    private static bool IsHidden(long with, long without, DisclosureRules rules) =>
        rules.KindOf(with + without) == AnswerKind.Suppressed || rules.KindOf(with) == AnswerKind.Suppressed || rules.KindOf(without) == AnswerKind.Suppressed;

    private static ResultCell Share(double part, double whole) => whole > 0 ? part / whole : ResultCell.Undefined;

    private double Middle(int bin) => (bin + 0.5) / scores.Bins;

    /// <summary>Persons with and without the event whose score is in classes from <paramref name="from"/> to before <paramref name="to"/>.</summary>
    private (long With, long Without) Persons(ReadOnlySpan<long> cells, int from, int to)
    {
        long with = 0, without = 0;
        for (var time = 0; time < scores.Times; time++)
        {
            for (var bin = from; bin < to; bin++)
                (with, without) = (with + cells[scores.Cell(true, time, bin)], without + cells[scores.Cell(false, time, bin)]);
        }

        return (with, without);
    }
}
