using Consilience.Analyses;
using Consilience.FederatedLearning.Rounds;

namespace Consilience.FederatedLearning.Trees;

/// <summary>How trees grow from histograms. The letters are those of Chen and Guestrin 2016, <i>XGBoost</i>.</summary>
/// <param name="Rate">η, what each leaf's weight is multiplied by.</param>
/// <param name="Lambda">λ, added to the second derivatives of every node.</param>
/// <param name="Gamma">γ, the gain that a split must exceed.</param>
/// <param name="MinimumWeight">Second derivatives that each side of a split must have.</param>
/// <param name="MinimumPersons">Persons that each side must have.</param>
public sealed record GrowthSettings(decimal Rate, decimal Lambda, decimal Gamma, decimal MinimumWeight, int MinimumPersons);

/// <summary>
/// Grows a tree by a level from opened histograms: of all splits of all asked inputs the one with the largest gain G_L²/(H_L + λ) + G_R²/(H_R + λ) − G²/(H + λ), missing values on either side; a leaf weighs −ηG/(H + λ). Pure, of
/// additions, multiplications and divisions alone: the same on every machine. Of equal gains the first input's, of that the lowest bin's, with missing values left.
/// </summary>
public static class GrowTree
{
    /// <summary>Gains up to this are rounding.</summary>
    private const double LeastGain = 1e-6;

    /// <param name="plan">Of the level's question.</param>
    /// <param name="total">Its opened counters.</param>
    /// <param name="settings">Of the training.</param>
    /// <param name="isLast">Whether the ends of splits are leaves; otherwise they are open.</param>
    /// <returns>The grown tree, null where none grew; and figures, whose length of the update is that of the weights of new leaves.</returns>
    public static (Tree? Tree, TrainingRound Level) Take(MethodPlan plan, ReadOnlySpan<long> total, GrowthSettings settings, bool isLast)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var sums = plan is TreeHistogramsPlan level ? level.Level : throw new ArgumentException("plan: not of a level of trees", nameof(plan));
        var grown = new List<IReadOnlyList<TreeNode>>();
        for (var node = 0; node < sums.Layout.OpenNodes; node++)
            grown.Add(Grow(sums, total, node, settings, isLast));
        var (persons, skipped, loss) = TreeHistogramsFinish.LevelOf(sums, total);
        var leaves = grown.SelectMany(g => g).Where(n => n.Weight is not null).Select(n => (double)n.Weight!.Value);
        return (sums.Tree?.With(grown), new TrainingRound(persons, skipped, null, loss, Math.Sqrt(leaves.Sum(w => w * w))));
    }

    /// <summary>The best split of an open node; null where none is allowed.</summary>
    internal static FoundSplit? BestSplit(TreeSums sums, ReadOnlySpan<long> total, int node, GrowthSettings settings)
    {
        FoundSplit? best = null;
        for (var place = 0; place < sums.Layout.Inputs.Count; place++)
        {
            var input = sums.Model.Inputs[sums.Layout.Inputs[place]];
            var (whole, missing) = (sums.Layout.Whole(total, node, place), sums.Layout.Read(total, node, place, input.Missing));
            var below = default(BinSums);
            for (var split = 0; split < input.Splits; split++)
            {
                var bin = sums.Layout.Read(total, node, place, split);
                below += bin;
                var left = input.IsOrdered ? below : whole - missing - bin;
                foreach (var isMissingLeft in new[] { true, false })
                {
                    var side = isMissingLeft ? left + missing : left;
                    if (Gain(side, whole - side, whole, sums.Unit, settings) is { } gain && gain > (best?.Gain ?? Math.Max(LeastGain, (double)settings.Gamma)))
                        best = new(new(sums.Layout.Inputs[place], split, isMissingLeft, null), side, whole - side, gain);
                }
            }
        }

        return best;
    }

    private static IReadOnlyList<TreeNode> Grow(TreeSums sums, ReadOnlySpan<long> total, int node, GrowthSettings settings, bool isLast)
    {
        TreeNode Leaf(BinSums sum) => TreeNode.Leaf(WeightOf(sum, sums.Unit, settings));
        if (BestSplit(sums, total, node, settings) is not { } split)
            return [Leaf(sums.Layout.Whole(total, node, 0))];
        return isLast ? [split.Node, Leaf(split.Left), Leaf(split.Right)] : [split.Node, TreeNode.Open, TreeNode.Open];
    }

    /// <summary>Null where a side is too small.</summary>
    private static double? Gain(BinSums left, BinSums right, BinSums whole, double unit, GrowthSettings settings)
    {
        var (lambda, least) = ((double)settings.Lambda, (double)settings.MinimumWeight);
        if (left.Hessian / unit < least || right.Hessian / unit < least || left.Persons < settings.MinimumPersons || right.Persons < settings.MinimumPersons)
            return null;
        return Score(left, unit, lambda) + Score(right, unit, lambda) - Score(whole, unit, lambda);
    }

    /// <summary>G²/(H + λ); null where there is nothing to divide by.</summary>
    private static double? Score(BinSums sum, double unit, double lambda)
    {
        var (g, h) = (sum.Gradient / unit, (sum.Hessian / unit) + lambda);
        return h > 0 ? g * g / h : null;
    }

    private static float WeightOf(BinSums sum, double unit, GrowthSettings settings)
    {
        var (g, h) = (sum.Gradient / unit, (sum.Hessian / unit) + (double)settings.Lambda);
        // Not minus zero, which is written otherwise.
        return h > 0 && g != 0 ? (float)(-(double)settings.Rate * g / h) : 0;
    }
}

/// <summary>A split, what goes either way, and its gain.</summary>
internal sealed record FoundSplit(TreeNode Node, BinSums Left, BinSums Right, double Gain);
