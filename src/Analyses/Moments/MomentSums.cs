using System.Text.Json;
using Consilience.Analyses.Sums;
using Consilience.DifferentialPrivacy.Mechanisms;

namespace Consilience.Analyses.Moments;

/// <summary>For each group persons, and the sums of the first four powers of a scaled variable.</summary>
internal sealed class MomentSums(Scaled variable, Grouping grouping) : SiteSums
{
    internal const int Powers = 4;

    /// <summary>Cells of a group.</summary>
    internal const int Stride = 1 + (2 * Powers);

    internal Scaled Variable => variable;

    internal Grouping Grouping => grouping;

    public override int VectorLength => (int)grouping.Count * Stride;

    /// <summary>Shares of a row are finer than any noise drawn for whole numbers: methods that read these sums refuse noised precision.</summary>
    public override ContributionBound Bound => throw new NotSupportedException("sums of powers have no bound for noise");

    public override long LargestCounter => FixedPoint.Largest;

    public override int Equations => Powers;

    public override string Canonical => CanonicalOf(writer =>
    {
        writer.WriteString("moments", variable.Name);
        writer.WriteString("scale", JsonSerializer.Serialize(new[] { variable.Centre, variable.Half }));
        grouping.WriteCanonical(writer);
    });

    public override void Encode(IRows rows, Span<long> vector)
    {
        var cells = new long[vector.Length];
        rows.Read([.. grouping.Variables, variable.Name], () =>
        {
            Array.Clear(cells);
            var sums = new FixedPoint(cells);
            return values => Add(values, cells, sums);
        });
        cells.CopyTo(vector);
    }

    private void Add(ReadOnlySpan<double> values, long[] cells, FixedPoint sums)
    {
        var group = 0;
        for (var i = 0; i < grouping.Axes.Count; i++)
            group = (group * grouping.Axes[i].Length) + (int)values[i];
        var cell = group * Stride;
        cells[cell++]++;
        var (scaled, power) = (variable.Of(values[^1]), 1.0);
        for (var k = 0; k < Powers; k++, cell += 2)
            sums.AddFine(cell, power *= scaled);
    }

    /// <summary>Reads <c>variable</c> and <c>by</c>, variables with codes; null with faults added where they do not fit.</summary>
    internal static MomentSums? Read(ParameterReader reader)
    {
        var variable = Scaled.Of(reader.Variable("variable", Schema.VariableType.Integer, Schema.VariableType.Real), reader, "variable");
        var by = Grouping.ReadCoded(reader, "by");
        if (variable is not null && by.Variables.Contains(variable.Name))
            reader.Add("by", "variables other than the one described", $"'{variable.Name}'", "remove it");
        if (by.Count * Stride > LargestVector)
            reader.Add("by", $"at most {LargestVector / Stride} groups", $"{by.Count}", "group by fewer variables");
        return variable is null ? null : new MomentSums(variable, by);
    }
}
