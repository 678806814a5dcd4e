using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Statistics;

namespace Consilience.Analyses.Risk;

/// <summary>
/// The risks of each level and their contrasts. Under disclosure presets a small cell hides its level's row and every contrast with it, in any stratum the summaries too; where
/// presets round, everything is computed from rounded cells.
/// </summary>
internal static class RiskFinish
{
    private static readonly string[] Estimates = ["measure", .. ResultTable.EstimateColumns];

    internal static MethodResult From(ReadOnlySpan<long> total, RiskPlan plan, NoiseModel noise, DisclosureRules rules)
    {
        var (levels, strata) = (plan.Exposure.Codes, plan.Strata.Names().ToList());
        var cells = new LevelCells[strata.Count, levels.Count];
        for (var s = 0; s < strata.Count; s++)
        {
            for (var l = 0; l < levels.Count; l++)
                cells[s, l] = LevelCells.Of(plan.At(total, s, l), rules);
        }

        var variance = noise.Variance + rules.RoundingVariance;
        var names = plan.Strata.Variables;
        var (risks, contrasts, summaries) = (new List<ResultRow>(), new List<ResultRow>(), new List<ResultRow>());
        for (var s = 0; s < strata.Count; s++)
        {
            for (var l = 0; l < levels.Count; l++)
                risks.Add(Risk(cells[s, l], [.. strata[s], levels[l]], plan, variance));
            foreach (var l in Compared(plan))
                contrasts.AddRange(Contrast(cells[s, l], cells[s, plan.Reference], [.. strata[s], levels[l]], plan, variance));
        }

        var (riskTable, contrastTable) = (new ResultTable("risks", [.. names, plan.Exposure.Variable, "n", "n.event", "estimate", "conf.low", "conf.high"], risks),
            new ResultTable("contrasts", [.. names, plan.Exposure.Variable, .. Estimates], contrasts));
        if (names.Count == 0)
            return new MethodResult([riskTable, contrastTable]);
        foreach (var l in Compared(plan))
            summaries.AddRange(Summary([.. Enumerable.Range(0, strata.Count).Select(s => (cells[s, l], cells[s, plan.Reference]))], levels[l], plan.Z));
        return new MethodResult([riskTable, contrastTable, new ResultTable("mantel-haenszel", [plan.Exposure.Variable, .. Estimates], summaries)]);
    }

    private static IEnumerable<int> Compared(RiskPlan plan) => Enumerable.Range(0, plan.Exposure.Length).Where(l => l != plan.Reference);

    private static ResultRow Risk(LevelCells cells, IReadOnlyList<ResultCell> key, RiskPlan plan, double variance)
    {
        if (cells.IsHidden)
            return ResultRow.Hidden(AnswerKind.Suppressed, key.Count + 5, key);
        double n = cells.With + cells.Without;
        var share = NoisyIntervals.Share(cells.With, n, 1 + plan.CellsWithout, variance, plan.Z);
        return ResultRow.Of([.. key, n, cells.With, share?.Estimate, share?.Lower, share?.Upper]);
    }

    private static IEnumerable<ResultRow> Contrast(LevelCells exposed, LevelCells reference, IReadOnlyList<ResultCell> key, RiskPlan plan, double variance)
    {
        foreach (var measure in Contrasts.Measures)
        {
            ResultCell[] named = [.. key, measure];
            yield return exposed.IsHidden || reference.IsHidden
                ? ResultRow.Hidden(AnswerKind.Suppressed, key.Count + Estimates.Length, named)
                : Row(named, Contrasts.Of(measure, Fourfold(exposed, reference), variance, plan.CellsWithout * variance), plan.Z);
        }
    }

    private static IEnumerable<ResultRow> Summary(IReadOnlyList<(LevelCells Exposed, LevelCells Reference)> strata, ResultCell level, double z)
    {
        var isHidden = strata.Any(s => s.Exposed.IsHidden || s.Reference.IsHidden);
        FourfoldTable[] tables = [.. strata.Select(s => Fourfold(s.Exposed, s.Reference)).Where(t => t.Persons > 1)];
        foreach (var measure in Contrasts.Measures)
            yield return isHidden ? ResultRow.Hidden(AnswerKind.Suppressed, 1 + Estimates.Length, level, measure) : Row([level, measure], MantelHaenszel.Of(measure, tables), z);
        foreach (var correct in new[] { true, false })
        {
            ResultCell name = correct ? "test, continuity corrected" : "test";
            var (statistic, p) = MantelHaenszel.Test(tables, correct);
            yield return isHidden
                ? ResultRow.Hidden(AnswerKind.Suppressed, 1 + Estimates.Length, level, name)
                : ResultRow.Of(level, name, ResultCell.Undefined, ResultCell.Undefined, statistic, p, ResultCell.Undefined, ResultCell.Undefined);
        }
    }

    private static FourfoldTable Fourfold(LevelCells exposed, LevelCells reference) => new(exposed.With, exposed.Without, reference.With, reference.Without);

    /// <summary>Undefined where a cell is empty or, by noise, less: a ratio then has no finite limit.</summary>
    private static ResultRow Row(IReadOnlyList<ResultCell> key, ScaledEstimate e, double z) => ResultRow.Estimate(key, e.Value, e.Variance, z, e.IsLog);

    /// <summary>Persons of one level with and without the outcome, as they may be computed with.</summary>
    private readonly record struct LevelCells(long With, long Without, bool IsHidden)
    {
        internal static LevelCells Of((long With, long Without) opened, DisclosureRules rules)
        {
            var isHidden = rules.KindOf(opened.With) == AnswerKind.Suppressed || rules.KindOf(opened.Without) == AnswerKind.Suppressed;
            return new(rules.Round(Math.Max(0, opened.With)), rules.Round(Math.Max(0, opened.Without)), isHidden);
        }
    }
}
