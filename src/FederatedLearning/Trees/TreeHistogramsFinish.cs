using Consilience.Analyses;
using Consilience.Analyses.Disclosure;

namespace Consilience.FederatedLearning.Trees;

/// <summary>
/// Tables of a level: its figures, its open nodes, and their histograms where these are at most <see cref="MostBins"/> rows. Under disclosure presets all nodes are hidden where one has few persons, and all bins of an input in a node where one has:
/// the others would tell it.
/// </summary>
internal sealed class TreeHistogramsFinish(TreeSums sums, NoiseModel noise, DisclosureRules rules)
{
    /// <summary>The counters themselves are opened to the researcher whatever is shown; results are for reading.</summary>
    internal const int MostBins = 4096;

    private static readonly string[] Level = ["persons", "skipped", "loss", "nodes", "noise", "ensemble"];
    private static readonly string[] Nodes = ["node", "persons", "gradient", "hessian"];
    private static readonly string[] Bins = ["node", "input", "bin", "persons", "gradient", "hessian"];

    private readonly LevelLayout layout = sums.Layout;

    internal MethodResult From(ReadOnlySpan<long> total)
    {
        var level = LevelOf(sums, total);
        List<ResultTable> tables = [new("level", Level, [rules.KindOf(level.Persons) == AnswerKind.Suppressed ? ResultRow.Hidden(AnswerKind.Suppressed, Level.Length)
            : ResultRow.Of((double)rules.Round(level.Persons), (double)level.Skipped, level.Loss, layout.OpenNodes, Math.Sqrt(noise.Variance) / sums.Unit, sums.Digest)])];
        if (layout.OpenNodes > 0)
            tables.Add(new("nodes", Nodes, NodeRows(total)));
        if (layout.OpenNodes > 0 && layout.Length <= MostBins * LevelLayout.Cells)
            tables.Add(new("histograms", Bins, BinRows(total)));
        return new MethodResult(tables);
    }

    /// <summary>What is before the histograms.</summary>
    internal static (long Persons, long Skipped, double? Loss) LevelOf(TreeSums sums, ReadOnlySpan<long> total)
    {
        var persons = total[LevelLayout.Persons] / (double)sums.Person;
        return ((long)Math.Round(persons), (long)Math.Round(total[LevelLayout.Skipped] / (double)sums.Person), persons > 0 ? total[LevelLayout.Loss] / (double)sums.LossUnit / persons : null);
    }

    private List<ResultRow> NodeRows(ReadOnlySpan<long> total)
    {
        var nodes = new List<BinSums>();
        for (var node = 0; node < layout.OpenNodes; node++)
            nodes.Add(layout.Whole(total, node, 0));
        var isHidden = nodes.Exists(IsHidden);
        return [.. nodes.Select((sum, node) => Row([node], sum, isHidden))];
    }

    private List<ResultRow> BinRows(ReadOnlySpan<long> total)
    {
        var rows = new List<ResultRow>();
        for (var node = 0; node < layout.OpenNodes; node++)
        {
            for (var place = 0; place < layout.Inputs.Count; place++)
            {
                var input = sums.Model.Inputs[layout.Inputs[place]];
                var bins = new BinSums[input.Width];
                for (var bin = 0; bin < bins.Length; bin++)
                    bins[bin] = layout.Read(total, node, place, bin);
                var isHidden = Array.Exists(bins, IsHidden);
                rows.AddRange(bins.Select((sum, bin) => Row([node, input.Variable, input.Label(bin)], sum, isHidden)));
            }
        }

        return rows;
    }

    private bool IsHidden(BinSums sum) => rules.KindOf(sum.Persons) == AnswerKind.Suppressed;

    /// <summary>Persons are added up in units of gradients, of which noise is so many that it leaves nothing of their number.</summary>
    private ResultRow Row(ResultCell[] name, BinSums sum, bool isHidden) => isHidden
        ? ResultRow.Hidden(AnswerKind.Suppressed, name.Length + 3, name)
        : ResultRow.Of([.. name, noise.IsExact ? (double)rules.Round(sum.Persons) : ResultCell.Undefined, sum.Gradient / (double)sums.Unit, sum.Hessian / (double)sums.Unit]);
}
