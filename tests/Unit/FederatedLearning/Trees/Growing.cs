using Consilience.Analyses.Schema;
using Consilience.FederatedLearning.Trees;

namespace Consilience.FederatedLearning.Tests.Trees;

/// <summary>Trees grown over sites in one process: each encodes, the sums are added as they are opened, and the next level is made of them.</summary>
internal sealed record Growing(StudySchema Schema, object Model, int Count, int Depth, GrowthSettings Settings)
{
    /// <summary>Adds up what sites answer; a broken twin may do something else.</summary>
    internal Func<Analyses.MethodPlan, IReadOnlyList<RowsInMemory>, long[]> Open { get; init; } = Written.Total;

    internal Ensemble Grow(IReadOnlyList<RowsInMemory> sites, Action<Analyses.MethodPlan, long[]>? see = null)
    {
        var ensemble = new Ensemble(0, []);
        while (ensemble.Trees.Count < Count)
        {
            var tree = Tree.Root;
            for (var level = 1; tree.OpenNodes > 0; level++)
            {
                var plan = Written.Plan("tree-histograms", Schema, new { model = Model, ensemble = Raw(ensemble.ToString()), tree = Raw(tree.ToString()) });
                var total = Open(plan, sites);
                see?.Invoke(plan, total);
                tree = GrowTree.Take(plan, total, Settings, isLast: level == Depth).Tree!;
            }

            ensemble = ensemble.With(tree);
        }

        return ensemble;
    }

    internal static System.Text.Json.JsonElement Raw(string json) => System.Text.Json.JsonDocument.Parse(json).RootElement;
}
