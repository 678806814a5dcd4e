using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Statistics;
using Consilience.Analyses.Sums;
using Consilience.Analyses.Survival;

namespace Consilience.Analyses.Rmst;

/// <summary>Each group's restricted mean, and its difference to the first group's. Under disclosure presets it is read from the curve as rules let it be shown.</summary>
internal static class RmstFinish
{
    internal static MethodResult From(ReadOnlySpan<long> total, ExitTable table, decimal horizon, double z, NoiseModel noise, DisclosureRules rules)
    {
        var variables = table.Grouping.Axes.Select(a => a.Variable).ToList();
        var (rows, differences) = (new List<ResultRow>(), new List<ResultRow>());
        RestrictedMean? first = null;
        foreach (var key in table.Grouping.Keys())
        {
            var group = rows.Count;
            ResultCell[] names = [.. variables.Select(v => (ResultCell)key[v])];
            var cells = table.CellsOf(total, group);
            var shaped = ShapedExits.Of(cells, table.Times, rules);
            var mean = Mean(shaped, horizon) is { } m ? m with { Variance = m.Variance + RestrictedMean.NoiseVariance(noise, group * table.Stride, cells, table.Times, horizon) } : null;
            rows.Add(mean is { } shown ? Row(names, shown, new Exits(shaped.Cells), z) : ResultRow.Hidden(AnswerKind.Suppressed, names.Length + 6, names));
            if (group > 0)
                differences.Add(mean is { } of && first is { } reference ? Difference(names, of, reference, z) : ResultRow.Hidden(AnswerKind.Suppressed, names.Length + 6, names));
            else
                first = mean;
        }

        var means = new ResultTable("means", [.. variables, "n", "n.event", "estimate", "std.error", "conf.low", "conf.high"], rows);
        return differences.Count == 0
            ? new MethodResult([means])
            : new MethodResult([means, new ResultTable("differences", [.. variables, "estimate", "std.error", "statistic", "p.value", "conf.low", "conf.high"], differences)]);
    }

    /// <summary>Null where nobody is in the group, or where rules do not show the curve up to the horizon.</summary>
    private static RestrictedMean? Mean(ShapedExits shaped, decimal horizon) =>
        shaped.Times.Count == 0 || shaped.Times[^1] < horizon || new Exits(shaped.Cells).Persons == 0 ? null : RestrictedMean.Of(shaped.Cells, shaped.Times, horizon);

    private static ResultRow Row(ResultCell[] names, RestrictedMean mean, Exits exits, double z)
    {
        var error = Math.Sqrt(mean.Variance);
        return ResultRow.Of([.. names, exits.Persons, exits.Events, mean.Mean, error, mean.Mean - (z * error), mean.Mean + (z * error)]);
    }

    private static ResultRow Difference(ResultCell[] names, RestrictedMean mean, RestrictedMean reference, double z)
    {
        var (difference, error) = (mean.Mean - reference.Mean, Math.Sqrt(mean.Variance + reference.Variance));
        var statistic = difference / error;
        return ResultRow.Of([.. names, difference, error, statistic, Distributions.NormalTails(statistic), difference - (z * error), difference + (z * error)]);
    }
}
