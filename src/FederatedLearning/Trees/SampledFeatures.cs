using Consilience.FederatedLearning.Numerics;

namespace Consilience.FederatedLearning.Trees;

/// <summary>Which inputs a tree is asked about: drawn from a public seed, so that everybody can repeat it.</summary>
public static class SampledFeatures
{
    /// <summary>So many different places of inputs, increasing; each set is as likely as any other.</summary>
    /// <param name="seed">Of the training.</param>
    /// <param name="tree">From 0 on.</param>
    /// <param name="inputs">To choose from.</param>
    /// <param name="count">At most <paramref name="inputs"/>.</param>
    public static IReadOnlyList<int> Of(long seed, int tree, int inputs, int count)
    {
        var stream = SeededStream.For(seed, StreamPurpose.Features, tree);
        int[] places = [.. Enumerable.Range(0, inputs)];
        for (var i = 0; i < count; i++)
        {
            var other = i + stream.Below(inputs - i);
            (places[i], places[other]) = (places[other], places[i]);
        }

        return [.. places.Take(count).Order()];
    }
}
