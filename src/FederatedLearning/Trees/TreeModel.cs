using System.Text.Json;
using Consilience.Analyses;
using Consilience.FederatedLearning.Heads;
using Consilience.FederatedLearning.Models;

namespace Consilience.FederatedLearning.Trees;

/// <summary>Boosted trees as declared: which public bins they read, and what they predict.</summary>
public sealed class TreeModel : DeclaredModel
{
    internal TreeModel(Outcome outcome, IReadOnlyList<TreeInput> inputs, string canonical)
        : base(outcome, [.. inputs.Select(i => i.Variable)], canonical) => Inputs = inputs;

    public override bool TakesMissing => true;

    internal IReadOnlyList<TreeInput> Inputs { get; }

    /// <summary>Of the gradient of one row's loss; one row's longer one counts as that. Of a logistic model the most there is; of a number its whole range.</summary>
    internal int MostGradient => Head == HeadKind.Logistic ? 1 : 2;

    /// <summary>Null, or a declaration that is not used, where there are faults.</summary>
    internal static TreeModel? Read(ParameterReader reader, JsonElement written)
    {
        var model = new TreeReader(reader).Read(written);
        reader.Finish();
        return model;
    }

    /// <summary>The bins of a row's inputs; false where a value is none that the schema allows.</summary>
    internal bool TryBin(ReadOnlySpan<double> values, Span<ushort> bins)
    {
        for (var i = 0; i < bins.Length; i++)
        {
            if (Inputs[i].BinOf(values[i]) is not (>= 0 and var bin))
                return false;
            bins[i] = (ushort)bin;
        }

        return true;
    }
}
