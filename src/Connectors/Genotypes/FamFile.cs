using Consilience.Connectors.Rows;
using Consilience.Protocol.Analyse;

namespace Consilience.Connectors.Genotypes;

/// <summary>The persons of a PLINK <c>.fam</c> file in its order, by their individual name (the second field). Messages give lines, never names.</summary>
internal sealed class FamFile
{
    private const int Fields = 6;

    private readonly Dictionary<string, int> places = new(StringComparer.Ordinal);

    /// <exception cref="SiteDataException">A line is no person, or a name is not one person's.</exception>
    internal FamFile(TextReader text, string file)
    {
        Span<Range> ranges = stackalloc Range[Fields + 1];
        while (text.ReadLine() is { } line)
        {
            if (line.AsSpan().SplitAny(ranges, " \t", StringSplitOptions.RemoveEmptyEntries) != Fields)
                throw Unreadable(file, places.Count, "not a person (expected six fields: family, person, father, mother, sex, phenotype); mend the line");
            if (!places.TryAdd(line[ranges[1]], places.Count))
                throw Unreadable(file, places.Count, "a person named before (expected each individual name once, whatever the family); rename one of the two here and in the table");
        }
    }

    internal int Count => places.Count;

    /// <summary>−1 for whoever is not in the file.</summary>
    internal int PlaceOf(string person) => places.GetValueOrDefault(person, -1);

    private static SiteDataException Unreadable(string file, int lines, string problem) => new(RefusalCode.DataUnreadable, $"{file}, line {lines + 1}: {problem}");
}
