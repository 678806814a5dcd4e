using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Glm;
using Consilience.Analyses.Models;
using Consilience.Analyses.Sums;
using MathNet.Numerics.LinearAlgebra;

namespace Consilience.Analyses.AssociationScan;

/// <summary>
/// Each variant's score U = Σ g(y − μ) with variance φV, V = Σ wg² − (Σ wgx)′I⁻¹(Σ wgx), at the maximum of the model without it (Rao 1948): estimate U/V of one Newton step, error √(φ/V), statistic U/√(φV). A genotype that is
/// not known counts as the mean of those known at all sites together, so that sums over sites suffice.
/// </summary>
internal sealed class AssociationScanFinish(ScanModel model)
{
    internal const string Variants = "variants";

    private static readonly string[] ModelColumns = ["n", "beyond", "df.residual", "dispersion", "lambda", "converged"];
    private static readonly string[] VariantColumns = ["variant", "n", "allele.frequency", "estimate", "std.error", "statistic", "p.value"];

    /// <summary>The median of χ² with one degree of freedom.</summary>
    private const double MedianChiSquare = 0.45493642311957283;

    /// <summary>Of V to Σ wg²: what lies below is no more than rounding, and the variant is determined by the covariates.</summary>
    private const double LeastShare = 1e-8;

    private readonly ScanLayout layout = new(model.Matrix.Count, model.Panel.Variants);

    internal MethodResult From(ReadOnlySpan<long> total, DisclosureRules rules)
    {
        var (persons, degrees) = (total[0], total[0] - layout.Columns);
        if (IsHidden(persons, (long)Math.Round(total[2] / FixedPoint.Unit), degrees, rules))
        {
            return new MethodResult([
                new ResultTable("model", ModelColumns, [ResultRow.Hidden(AnswerKind.Suppressed, ModelColumns.Length)]),
                new ResultTable(Variants, VariantColumns, [.. Enumerable.Range(1, layout.Variants).Select(v => ResultRow.Hidden(AnswerKind.Suppressed, VariantColumns.Length, (double)v))]),
            ]);
        }

        var (score, information) = FixedPoint.ScoreAndInformation(total[ScanLayout.Heads..], layout.Columns);
        var newton = degrees > 0 ? NewtonStep.Of(score, information) : null;
        var isMaximum = newton is { IsSmall: true };
        var dispersion = model.Family == Family.Gaussian ? total[3] / FixedPoint.Unit / degrees : 1;
        var rows = new ResultRow[layout.Variants];
        var squares = new List<double>(rows.Length);
        for (var v = 0; v < rows.Length; v++)
        {
            rows[v] = Row(v, total.Slice(layout.FirstVariant + (v * layout.OfVariant), layout.OfVariant), isMaximum ? newton!.Covariance : null, dispersion, persons, rules);
            if (rows[v].Cells[5].Number is { } statistic)
                squares.Add(statistic * statistic);
        }

        return new MethodResult([
            new ResultTable("model", ModelColumns, [ResultRow.Of(
                rules.Round(persons), total[1], (double)degrees, dispersion * model.Outcome.Half * model.Outcome.Half, Inflation(squares),
                isMaximum ? "yes" : newton is null ? "no: covariates determine each other, or too few persons tell them apart" : "no: not at the coefficients of the model without variants")]),
            new ResultTable(Variants, VariantColumns, rows),
        ]);
    }

    private bool IsHidden(long persons, long events, long degrees, DisclosureRules rules)
    {
        bool IsSmall(long count) => rules.KindOf(count) == AnswerKind.Suppressed;
        return IsSmall(persons) || degrees < rules.LeastDegreesOfFreedom || (model.Family == Family.Binomial && (IsSmall(events) || IsSmall(persons - events)));
    }

    private ResultRow Row(int variant, ReadOnlySpan<long> cells, Matrix<double>? covariance, double dispersion, long persons, DisclosureRules rules)
    {
        var (known, alleles, both) = (cells[ScanLayout.Known], cells[ScanLayout.Alleles], cells[ScanLayout.Both]);
        var carriers = Math.Min(alleles - both, known - both);
        if (rules.KindOf(known) == AnswerKind.Suppressed || rules.KindOf(carriers) == AnswerKind.Suppressed)
            return ResultRow.Hidden(AnswerKind.Suppressed, VariantColumns.Length, variant + 1.0);
        var n = rules.Round(known);

        // The few of whom a variant is not known are a count too, and so would be n beside all persons.
        ResultCell shown = persons > known && rules.KindOf(persons - known) == AnswerKind.Suppressed ? ResultCell.Undefined : n;
        ResultCell frequency = n > 0 ? rules.Round(alleles) / (2.0 * n) : ResultCell.Undefined;
        var (score, variance) = covariance is null || carriers == 0 ? (0, 0) : ScoreAndVariance(cells, covariance);
        if (!(variance > 0))
            return ResultRow.Of(variant + 1.0, shown, frequency, ResultCell.Undefined, ResultCell.Undefined, ResultCell.Undefined, ResultCell.Undefined);
        var half = model.Outcome.Half;
        return ResultRow.Of([.. ResultRow.Estimate([variant + 1.0, shown, frequency], half * score / variance, half * half * dispersion / variance, 0).Cells.Take(VariantColumns.Length)]);
    }

    /// <summary>U and V, with genotypes that are not known at their mean; V = 0 where covariates determine the variant.</summary>
    private (double Score, double Variance) ScoreAndVariance(ReadOnlySpan<long> cells, Matrix<double> covariance)
    {
        var mean = (double)cells[ScanLayout.Alleles] / cells[ScanLayout.Known];
        var score = (cells[ScanLayout.Score] + (mean * cells[layout.MissingScore])) / (FixedPoint.Unit * ScanLayout.Finer);
        var squares = (cells[ScanLayout.Squares] + (mean * mean * cells[layout.MissingWeights])) / FixedPoint.Unit;
        var products = new double[layout.Columns];
        for (var c = 0; c < products.Length; c++)
            products[c] = (cells[ScanLayout.Products + c] + (mean * cells[layout.MissingWeights + c])) / FixedPoint.Unit;
        var explained = 0.0;
        for (var c = 0; c < products.Length; c++)
        {
            for (var d = 0; d < products.Length; d++)
                explained += products[c] * covariance[c, d] * products[d];
        }

        var variance = squares - explained;
        return (score, variance > LeastShare * squares ? variance : 0);
    }

    /// <summary>λ of genomic control (Devlin and Roeder 1999): the median statistic over the one expected without any association.</summary>
    private static double? Inflation(List<double> squares)
    {
        if (squares.Count == 0)
            return null;
        squares.Sort();
        return (squares[(squares.Count - 1) / 2] + squares[squares.Count / 2]) / 2 / MedianChiSquare;
    }
}
