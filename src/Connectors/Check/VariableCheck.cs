namespace Consilience.Connectors.Check;

/// <summary>How one variable fits.</summary>
/// <param name="Name">In the study's schema.</param>
/// <param name="Type">As in the study's schema.</param>
/// <param name="Column">The local column.</param>
/// <param name="Missing">Persons without a value; small counts hidden.</param>
/// <param name="Unfit">Cells that are neither missing nor fitting; exact, because they have to be found and mended here.</param>
/// <param name="OutOfBounds">Those of them that are of the right type, and below the schema's minimum or above its maximum.</param>
/// <param name="Expected">What a cell should be, in words.</param>
/// <param name="FirstUnfitFile">File of the first unfit cell; null when there is none.</param>
/// <param name="FirstUnfitRow">Its row, counted from 1 below the header; 0 when there is none.</param>
/// <param name="UnknownCodes">Local texts that are no code of the study, with their counts: those that as many persons share as the threshold says, at most twenty.</param>
/// <param name="Least">A value that at least threshold persons are at or below; null for codes, and where persons are too few. The smallest value itself belongs to one person.</param>
/// <param name="Most">A value that at least threshold persons are at or above.</param>
/// <param name="Codes">Persons for each code; small counts hidden.</param>
public sealed record VariableCheck(
    string Name,
    string Type,
    string Column,
    string Missing,
    long Unfit,
    long OutOfBounds,
    string Expected,
    string? FirstUnfitFile,
    long FirstUnfitRow,
    IReadOnlyDictionary<string, long> UnknownCodes,
    string? Least,
    string? Most,
    IReadOnlyDictionary<string, string> Codes);

/// <summary>How the genotypes of one panel fit.</summary>
/// <param name="Name">In the study's schema.</param>
/// <param name="Problem">Why they cannot be used; null when they can.</param>
/// <param name="Genotyped">Persons of the table who stand in the genotype files; small counts hidden.</param>
public sealed record PanelCheck(string Name, string? Problem, string Genotyped);

/// <summary>How a site's data fit a study's schema, before any study asks. For the site's own eyes; small counts are hidden all the same, because reports are passed on.</summary>
public sealed record SiteCheckReport(bool Fits, string Persons, long PersonsWithSeveralRows, long RowsWithoutPerson, int Threshold, IReadOnlyList<VariableCheck> Variables, IReadOnlyList<PanelCheck> Panels)
{
    /// <summary>What is wrong with life tables: one that is mapped and is not the agreed one does not fit; one that is not mapped only keeps net-survival from being answered.</summary>
    public IReadOnlyList<string> LifeTables { get; init; } = [];
}
