namespace Consilience.Analyses.Schema;

/// <summary>
/// A panel of variants of which persons' genotypes are known at every site: the same variants in the same order, each counted by the same allele.
/// </summary>
/// <param name="Name">As requests and mappings name it.</param>
/// <param name="Label">Words shown for it.</param>
/// <param name="Variants">How many there are.</param>
/// <param name="Digest">Of the list of them, in hexadecimal digits: <see cref="Genotypes.VariantList.Digest"/>.</param>
public sealed record Panel(string Name, string Label, int Variants, string Digest);
