using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Consilience.Analyses.Schema;

namespace Consilience.Analyses.Genotypes;

/// <summary>A place in the genome where persons differ.</summary>
/// <param name="Id">A name for people, such as an rs number; sites may use different ones.</param>
/// <param name="Chromosome">As written: <c>1</c> and <c>chr1</c> are not the same.</param>
/// <param name="Position">In base pairs.</param>
/// <param name="Effect">The allele that is counted; PLINK's first.</param>
/// <param name="Other">The other allele.</param>
public sealed record Variant(string Id, string Chromosome, long Position, string Effect, string Other)
{
    /// <summary>Whether genotypes of the two mean the same.</summary>
    public bool Means(Variant other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return (Chromosome, Position, Effect, Other) == (other.Chromosome, other.Position, other.Effect, other.Other);
    }

    public override string ToString() => $"{Chromosome}:{Position} {Effect}/{Other}";
}

/// <summary>The variants of a panel in their order, as a PLINK <c>.bim</c> file lists them. Public: it holds nothing of any person.</summary>
public sealed class VariantList
{
    private const int Fields = 6;

    private VariantList(IReadOnlyList<Variant> variants, string digest) => (Variants, Digest) = (variants, digest);

    public IReadOnlyList<Variant> Variants { get; }

    /// <summary>SHA-256, in hexadecimal digits, over a line of chromosome, position, effect allele and other allele for each variant, with tabulators between and a line feed behind. Names are not in it.</summary>
    public string Digest { get; }

    /// <summary>Reads a list: chromosome, name, centimorgans, position, effect allele, other allele on every line.</summary>
    /// <param name="text">The file.</param>
    /// <param name="file">Its name in messages.</param>
    /// <exception cref="FaultyInputException">A line is no variant; says which.</exception>
    public static VariantList Read(TextReader text, string file)
    {
        ArgumentNullException.ThrowIfNull(text);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var variants = new List<Variant>();
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        Span<Range> ranges = stackalloc Range[Fields + 1];
        while (text.ReadLine() is { } line)
        {
            var fields = line.AsSpan().SplitAny(ranges, " \t", StringSplitOptions.RemoveEmptyEntries);
            if (fields != Fields)
                throw Faulty(file, variants.Count, "six fields: chromosome, name, centimorgans, position, effect allele, other allele", $"{(fields > Fields ? "more" : $"{fields}")}");
            if (!long.TryParse(line.AsSpan(ranges[3]), NumberStyles.None, CultureInfo.InvariantCulture, out var position))
                throw Faulty(file, variants.Count, "a position in base pairs as fourth field", "another text");
            var variant = new Variant(line[ranges[1]], One(names, line[ranges[0]]), position, One(names, line[ranges[4]]), One(names, line[ranges[5]]));
            if (variant.Effect == variant.Other || variant.Effect == "0" || variant.Other == "0")
                throw Faulty(file, variants.Count, "two alleles, both known", $"{variant.Effect} and {variant.Other}");
            variants.Add(variant);
            hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{variant.Chromosome}\t{variant.Position}\t{variant.Effect}\t{variant.Other}\n")));
        }

        return new VariantList(variants, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    /// <summary>The number, from 0, of the first variant that does not mean what it means in <paramref name="other"/>, or that only one of the two has; null where both mean the same.</summary>
    public int? FirstDifference(VariantList other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var common = Math.Min(Variants.Count, other.Variants.Count);
        for (var i = 0; i < common; i++)
        {
            if (!Variants[i].Means(other.Variants[i]))
                return i;
        }

        return Variants.Count == other.Variants.Count ? null : common;
    }

    /// <summary>Few different alleles and chromosomes are held once.</summary>
    private static string One(Dictionary<string, string> names, string text)
    {
        names.TryAdd(text, text);
        return names[text];
    }

    private static FaultyInputException Faulty(string file, int variants, string expected, string got) =>
        new("variants", [new Fault($"{file}, line {variants + 1}", expected, got, "mend the line, or write the files again with 'plink --make-bed'")]);
}
