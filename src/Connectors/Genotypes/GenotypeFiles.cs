using Consilience.Analyses.Schema;

namespace Consilience.Connectors.Genotypes;

/// <summary>Where a site has the genotypes of a panel: PLINK 1 files, whose persons are named as in the person column of the table.</summary>
/// <param name="Panel">Of the schema.</param>
/// <param name="Prefix">Absolute path without <c>.bed</c>, <c>.bim</c> and <c>.fam</c>.</param>
/// <param name="List">The study's own list of the panel, to find the first variant that differs with; null where the site has not been given it.</param>
public sealed record GenotypeFiles(Panel Panel, string Prefix, string? List)
{
    internal string Bed => Prefix + ".bed";

    internal string Bim => Prefix + ".bim";

    internal string Fam => Prefix + ".fam";
}
