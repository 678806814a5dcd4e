using Consilience.Analyses;
using Consilience.Analyses.Schema;
using Consilience.FederatedLearning.Heads;
using Consilience.FederatedLearning.Models;
using Consilience.FederatedLearning.Numerics;
using Consilience.FederatedLearning.Trees;

namespace Consilience.Client.Train;

/// <summary>
/// Persons who do not exist, drawn from a schema alone: every input even over what the schema allows, and an outcome that follows a random direction of the inputs, so that there is something to learn. No datum of anybody is in it.
/// </summary>
internal sealed class MockRows(IReadOnlyList<string> variables, IReadOnlyList<double[]> rows) : IRows
{
    /// <summary>Of the logit, or of the scaled number, over persons: how plain the outcome is to see.</summary>
    private const double Signal = 2.5;

    internal IReadOnlyList<double[]> Rows => rows;

    /// <summary>Whether outcomes of this kind are drawn here.</summary>
    internal static bool Knows(HeadKind head) => head is HeadKind.Logistic or HeadKind.Linear;

    public void Tabulate(IReadOnlyList<Axis> axes, Span<long> cells) => throw new NotSupportedException("mock persons are trained on, not counted");

    public void Read(IReadOnlyList<string> asked, Func<RowReader> begin)
    {
        var take = begin();
        int[] places = [.. asked.Select(a => variables.ToList().IndexOf(a))];
        foreach (var row in rows)
            take([.. places.Select(p => row[p])]);
    }

    /// <summary>Nobody's value is missing.</summary>
    public void ReadWithMissing(IReadOnlyList<string> known, IReadOnlyList<string> others, Func<RowReader> begin) => Read([.. known, .. others], begin);

    /// <param name="model">With a head that is known here.</param>
    /// <param name="persons">How many.</param>
    /// <param name="seed">Of the direction.</param>
    /// <param name="draw">Of the persons.</param>
    internal static MockRows Draw(DeclaredModel model, int persons, long seed, long draw)
    {
        var truth = SeededStream.For(seed, StreamPurpose.InitialWeights, 1);
        IReadOnlyList<InputColumn> columns = model is TreeModel trees ? [.. trees.Inputs.Select(Column)] : ((ModelDeclaration)model).Inputs;
        var width = columns.Sum(i => i.Width);
        double[] direction = [.. Enumerable.Range(0, width).Select(_ => (2 * truth.Uniform()) - 1.0)];
        var norm = Math.Sqrt(direction.Sum(d => d * d));
        var stream = SeededStream.For(seed, StreamPurpose.OrderOfRows, draw + 2);
        var inputs = new float[width];
        return new MockRows(model.Variables, [.. Enumerable.Range(0, persons).Select(_ =>
        {
            double[] values = [.. columns.Select(column => Value(column, stream.Uniform()))];
            var at = 0;
            foreach (var (column, value) in columns.Zip(values))
            {
                column.Write(value, inputs.AsSpan(at, column.Width));
                at += column.Width;
            }

            var score = Signal * direction.Zip(inputs, (d, x) => d * x).Sum() / norm;
            return (double[])[.. values, Outcome(model.Outcome, score, stream.Uniform())];
        })]);
    }

    /// <summary>A number is drawn somewhat beyond its edges on either side, so that every bin has somebody.</summary>
    private static InputColumn Column(TreeInput input)
    {
        if (input.Edges is not [var first, ..] edges)
            return new CodeColumn(input.Variable, input.Bins);
        var (last, gap) = (edges[^1], edges.Length > 1 ? (edges[^1] - first) / (edges.Length - 1) : 1);
        return new NumberColumn(input.Variable, first - gap, last + gap, (first + last) / 2, ((last - first) / 2) + gap);
    }

    private static double Value(InputColumn column, double uniform) =>
        column is NumberColumn ? column.Least + (uniform * (column.Most - column.Least)) : Math.Floor(uniform * (column.Most + 1));

    private static double Outcome(Outcome outcome, double score, double uniform)
    {
        if (outcome.Kind == HeadKind.Linear)
            return outcome.Centre + (outcome.Half * Math.Clamp((score / (2 * Signal)) + ((uniform - 0.5) / 4), -1, 1));
        var codes = outcome.Variable.Type == VariableType.Boolean ? 2 : outcome.Variable.Codes.Count;
        var occurs = uniform < Elementary.Sigmoid(score);
        return Enumerable.Range(0, codes).First(c => outcome.Events.Contains(c) == occurs);
    }
}
