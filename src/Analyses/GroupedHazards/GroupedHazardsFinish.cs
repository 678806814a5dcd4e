using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Sums;

namespace Consilience.Analyses.GroupedHazards;

/// <summary>
/// Coefficients with standard errors from the information, and from the noise where there is some. Under disclosure presets everything is hidden where a group has few persons or
/// events, or where fewer degrees of freedom are left than a preset asks for.
/// </summary>
internal static class GroupedHazardsFinish
{
    private static readonly string[] Columns = ["term", .. ResultTable.EstimateColumns, "hazard.ratio", "hazard.low", "hazard.high"];

    internal static MethodResult From(ReadOnlySpan<long> total, ExitTable table, Design design, double z, NoiseModel noise, DisclosureRules rules)
    {
        long persons = 0, events = 0;
        var isHidden = false;
        for (var g = 0; g < table.Groups; g++)
        {
            var exits = new Exits(table.CellsOf(total, g));
            (persons, events) = (persons + exits.Persons, events + exits.Events);
            isHidden |= rules.KindOf(exits.Persons) == AnswerKind.Suppressed || rules.KindOf(exits.Events) == AnswerKind.Suppressed;
        }

        var fit = CloglogFit.Of(total, table, design);
        var degrees = fit is null ? 0 : (fit.Used.Count * (table.Groups - 1)) - design.Terms.Count;
        isHidden |= degrees < rules.LeastDegreesOfFreedom;
        var rows = new List<ResultRow>();
        for (var term = 0; term < design.Terms.Count; term++)
            rows.Add(isHidden ? ResultRow.Hidden(AnswerKind.Suppressed, Columns.Length, design.Terms[term]) : Row(design.Terms[term], fit, term, table, noise, z));
        return new MethodResult([new ResultTable("coefficients", Columns, rows), new ResultTable("fit", ["n", "n.event", "intervals", "df.residual", "logLik", "converged"], [isHidden
            ? ResultRow.Hidden(AnswerKind.Suppressed, 6)
            : ResultRow.Of(rules.Round(persons), rules.Round(events), fit?.Used.Count ?? 0, degrees, fit is { HasConverged: true } ? fit.LogLikelihood() : ResultCell.Undefined,
                fit is { HasConverged: true } ? "yes" : "no: a group without events, or too little data for its noise")])]);
    }

    private static ResultRow Row(string term, CloglogFit? fit, int index, ExitTable table, NoiseModel noise, double z)
    {
        if (fit is not { HasConverged: true })
            return ResultRow.Of([term, .. Enumerable.Repeat(ResultCell.Undefined, Columns.Length - 1)]);
        var variance = fit.Covariance[index, index];
        if (!noise.IsExact)
        {
            for (var g = 0; g < table.Groups; g++)
                variance += noise.VarianceOf(g * table.Stride, fit.Gradient(index, g, table.Times.Count));
        }

        return ResultRow.Ratio([term], fit.Coefficients[index], variance, z);
    }
}
