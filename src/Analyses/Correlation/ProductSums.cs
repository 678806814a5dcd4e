using System.Text.Json;
using Consilience.Analyses.Schema;
using Consilience.Analyses.Sums;
using Consilience.DifferentialPrivacy.Mechanisms;
using MathNet.Numerics.LinearAlgebra;

namespace Consilience.Analyses.Correlation;

/// <summary>Persons of whom every variable is known, sums of the scaled variables, and sums of their products two by two.</summary>
internal sealed class ProductSums(IReadOnlyList<Scaled> variables) : SiteSums
{
    /// <summary>Correlations of more would be a vector nobody could read.</summary>
    private const int MostVariables = 200;

    internal IReadOnlyList<Scaled> Variables => variables;

    public override int VectorLength => 1 + (2 * variables.Count) + (variables.Count * (variables.Count + 1));

    /// <summary>Shares of a row are finer than any noise drawn for whole numbers: methods that read these sums refuse noised precision.</summary>
    public override ContributionBound Bound => throw new NotSupportedException("sums of products have no bound for noise");

    public override long LargestCounter => FixedPoint.Largest;

    /// <summary>Its own sum, and its products with each variable.</summary>
    public override int Equations => variables.Count + 1;

    public override string Canonical => JsonSerializer.Serialize(new { products = variables.Select(v => new { v.Name, v.Centre, v.Half }) });

    public override void Encode(IRows rows, Span<long> vector)
    {
        var cells = new long[vector.Length];
        rows.Read([.. variables.Select(v => v.Name)], () =>
        {
            Array.Clear(cells);
            var (sums, scaled) = (new FixedPoint(cells), new double[variables.Count]);
            return values => Add(values, cells, sums, scaled);
        });
        cells.CopyTo(vector);
    }

    private void Add(ReadOnlySpan<double> values, long[] cells, FixedPoint sums, double[] scaled)
    {
        cells[0]++;
        var cell = 1 + (2 * scaled.Length);
        for (var i = 0; i < scaled.Length; i++)
        {
            scaled[i] = variables[i].Of(values[i]);
            sums.AddFine(1 + (2 * i), scaled[i]);
            for (var j = 0; j <= i; j++, cell += 2)
                sums.AddFine(cell, scaled[i] * scaled[j]);
        }
    }

    /// <summary>Means of the scaled variables, and the covariances of them, over n − 1.</summary>
    internal (Vector<double> Means, Matrix<double> Covariance) Read(ReadOnlySpan<long> total)
    {
        var (count, n) = (variables.Count, total[0]);
        var (means, covariance) = (Vector<double>.Build.Dense(count), Matrix<double>.Build.Dense(count, count));
        var cell = 1 + (2 * count);
        for (var i = 0; i < count; i++)
        {
            means[i] = FixedPoint.Fine(total, 1 + (2 * i)) / n;
            for (var j = 0; j <= i; j++, cell += 2)
                covariance[i, j] = covariance[j, i] = (FixedPoint.Fine(total, cell) - (n * means[i] * means[j])) / (n - 1.0);
        }

        return (means, covariance);
    }

    /// <summary>Pearson's correlations; not a number of a variable that does not vary.</summary>
    internal static Matrix<double> Correlations(Matrix<double> covariance)
    {
        var deviations = covariance.Diagonal().Map(v => v > 1e-14 ? Math.Sqrt(v) : double.NaN);
        return Matrix<double>.Build.Dense(covariance.RowCount, covariance.RowCount, (i, j) => i == j ? 1 : Math.Clamp(covariance[i, j] / (deviations[i] * deviations[j]), -1, 1));
    }

    /// <summary>Reads <c>variables</c>; null with faults added where they do not fit.</summary>
    internal static ProductSums? Read(ParameterReader reader)
    {
        const string Expected = "two numeric variables or more";
        var list = reader.List("variables", Expected, required: true);
        var scaled = new List<Scaled>();
        for (var i = 0; i < list.Count; i++)
        {
            if (Scaled.Of(reader.Variable($"variables[{i}]", list[i], "a variable of type integer or real", VariableType.Integer, VariableType.Real), reader, $"variables[{i}]") is not { } variable)
                return null;
            if (scaled.Exists(v => v.Name == variable.Name))
                reader.Add($"variables[{i}]", "each variable once", $"'{variable.Name}' again", "remove it");
            scaled.Add(variable);
        }

        if (scaled.Count is >= 2 and <= MostVariables)
            return new ProductSums(scaled);
        reader.Add("variables", $"{Expected}, at most {MostVariables}", $"{scaled.Count}", "write a list such as [age, dose]");
        return null;
    }
}
