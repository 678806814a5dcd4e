namespace Consilience.Analyses.AssociationScan;

/// <summary>
/// Where sums stand in the vector of a scan. First the model without variants: persons, rows beyond the range of sums, Σ outcome, Σ (y − μ)², its score, and the lower triangle of its information. Then each variant, g
/// counting the effect allele of whoever it is known of: persons, Σ g, persons with two effect alleles, Σ g(y − μ), Σ wg², Σ wgx for each column; and over the others Σ (y − μ) and Σ wx for each column.
/// </summary>
/// <param name="Columns">Of the model without variants, the intercept first.</param>
/// <param name="Variants">Of the panel.</param>
internal sealed record ScanLayout(int Columns, int Variants)
{
    /// <summary>Residuals of variants' scores are multiples of 2⁻³⁶, since scores of thousands of persons are differences near 0; all other shares of 2⁻³⁰.</summary>
    internal const double Finer = 64;

    /// <summary>Before the score.</summary>
    internal const int Heads = 4;

    internal const int Known = 0, Alleles = 1, Both = 2, Score = 3, Squares = 4, Products = 5;

    internal int MissingScore => Products + Columns;

    internal int MissingWeights => MissingScore + 1;

    internal int OfVariant => MissingWeights + Columns;

    internal int FirstVariant => Heads + Columns + (Columns * (Columns + 1) / 2);

    internal long Length => FirstVariant + ((long)OfVariant * Variants);
}
