using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Sums;
using Consilience.Analyses.Survival;

namespace Consilience.Analyses.Rmst;

/// <summary>Each group's restricted mean, and its difference to the first group's. Under disclosure presets it is read from the curve as rules let it be shown.</summary>
internal static class RmstFinish
{
    internal static MethodResult From(ReadOnlySpan<long> total, ExitTable table, decimal horizon, double z, NoiseModel noise, DisclosureRules rules)
    {
        var (rows, differences) = (new List<ResultRow>(), new List<ResultRow>());
        RestrictedMean? first = null;
        foreach (var names in table.Grouping.Names())
        {
            var group = rows.Count;
            var cells = table.CellsOf(total, group);
            var shaped = ShapedExits.Of(cells, table.Times, rules);
            var mean = Mean(shaped, horizon) is { } m ? m with { Variance = m.Variance + RestrictedMean.NoiseVariance(noise, group * table.Stride, cells, table.Times, horizon) } : null;
            rows.Add(mean is { } shown ? Row(names, shown, new Exits(shaped.Cells), z) : ResultRow.Hidden(AnswerKind.Suppressed, names.Length + 6, names));
            if (group > 0)
                differences.Add(mean is { } of && first is { } reference ? ResultRow.Estimate(names, of.Mean - reference.Mean, of.Variance + reference.Variance, z) : ResultRow.Hidden(AnswerKind.Suppressed, names.Length + 6, names));
            else
                first = mean;
        }

        var means = new ResultTable("means", [.. table.Grouping.Variables, "n", "n.event", "estimate", "std.error", "conf.low", "conf.high"], rows);
        return differences.Count == 0
            ? new MethodResult([means])
            : new MethodResult([means, new ResultTable("differences", [.. table.Grouping.Variables, .. ResultTable.EstimateColumns], differences)]);
    }

    /// <summary>Null where nobody is in the group, or where rules do not show the curve up to the horizon.</summary>
    private static RestrictedMean? Mean(ShapedExits shaped, decimal horizon) =>
        shaped.Times.Count == 0 || shaped.Times[^1] < horizon || new Exits(shaped.Cells).Persons == 0 ? null : RestrictedMean.Of(shaped.Cells, shaped.Times, horizon);

    private static ResultRow Row(ResultCell[] names, RestrictedMean mean, Exits exits, double z)
    {
        var error = Math.Sqrt(mean.Variance);
        return ResultRow.Of([.. names, exits.Persons, exits.Events, mean.Mean, error, mean.Mean - (z * error), mean.Mean + (z * error)]);
    }
}
