using Consilience.Analyses;
using Consilience.Analyses.Genotypes;
using Consilience.Analyses.Schema;
using Consilience.Connectors.Rows;
using Consilience.Protocol.Analyse;

namespace Consilience.Connectors.Genotypes;

/// <summary>
/// Genotypes in PLINK 1 binary files, variant by variant. <b>Guarantees:</b> nothing is read of files whose variants are not the panel's, in its order and counted by its alleles, or whose size is not what variants and
/// persons make it. Format: PLINK 1.9 documentation, <c>.bed</c>, <c>.bim</c>, <c>.fam</c>.
/// </summary>
internal sealed class PlinkFiles
{
    /// <summary>Read at a time, at most: many variants share the work that is done for each person.</summary>
    private const int LargestBlock = 64 << 20;
    private const int MostVariants = 4096;
    private const int HeaderLength = 3;

    private readonly GenotypeFiles files;

    /// <exception cref="SiteDataException">The files cannot be read, or are of other variants than the panel.</exception>
    internal PlinkFiles(GenotypeFiles files)
    {
        this.files = files;
        Persons = Opened(files.Fam, text => new FamFile(text, Path.GetFileName(files.Fam)));
        RequirePanel(Opened(files.Bim, text => VariantList.Read(text, Path.GetFileName(files.Bim))));
        RequireSize();
    }

    internal FamFile Persons { get; }

    private string Name => Path.GetFileName(files.Bed);

    private int Stride => (Persons.Count + 3) / 4;

    /// <summary>Hands over every variant.</summary>
    /// <exception cref="SiteDataException">The file cannot be read.</exception>
    internal void Read(GenotypeReader reader)
    {
        var most = Math.Clamp(LargestBlock / Math.Max(1, Stride), 1, MostVariants);
        var block = new byte[Math.Min(most, files.Panel.Variants) * Stride];
        try
        {
            using var stream = OpenBed();
            stream.Position = HeaderLength;
            for (var first = 0; first < files.Panel.Variants; first += most)
            {
                var count = Math.Min(most, files.Panel.Variants - first);
                stream.ReadExactly(block, 0, count * Stride);
                reader.Variants(first, count, block.AsSpan(0, count * Stride));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(Name, "not readable to its end (expected the file that was there a moment ago); write it elsewhere and move it into place when it is whole", e);
        }
    }

    /// <summary>The first variant that differs is for the site's operator: it tells what stands in a public list.</summary>
    private void RequirePanel(VariantList variants)
    {
        if (variants.Digest == files.Panel.Digest)
            return;
        var bim = Path.GetFileName(files.Bim);
        const string Mend = "bring the files to the study's list with 'plink --extract' and '--a1-allele'";
        if (files.List is null)
        {
            throw Unreadable(
                bim, $"not the variants of panel {files.Panel.Name} (expected {files.Panel.Variants} with digest {files.Panel.Digest[..12]}, got {variants.Variants.Count} with {variants.Digest[..12]}); name the study's list under 'variants' in the mapping to be told the first that differs, and {Mend}");
        }

        var list = Opened(files.List, text => VariantList.Read(text, Path.GetFileName(files.List)));
        if (list.Digest != files.Panel.Digest)
            throw Unreadable(Path.GetFileName(files.List), $"not the study's list of panel {files.Panel.Name} (expected digest {files.Panel.Digest[..12]}, got {list.Digest[..12]}); ask the study for it");
        var first = list.FirstDifference(variants)!.Value;
        string At(VariantList from) => first < from.Variants.Count ? $"{from.Variants[first]}" : "none";
        throw Unreadable(bim, $"line {first + 1} is not the variant of panel {files.Panel.Name} (expected {At(list)}, got {At(variants)}; it is the first that differs); {Mend}");
    }

    private void RequireSize()
    {
        Span<byte> header = stackalloc byte[HeaderLength];
        long length;
        int read;
        try
        {
            using var stream = OpenBed();
            length = stream.Length;
            read = stream.ReadAtLeast(header, HeaderLength, throwOnEndOfStream: false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Absent(Name, e);
        }

        if (read < HeaderLength || header[0] != 0x6c || header[1] != 0x1b)
            throw Unreadable(Name, "not a PLINK 1 binary file (expected the first bytes 6c 1b); write it with 'plink --make-bed'");
        if (header[2] != 1)
            throw Unreadable(Name, "not written variant by variant (expected the third byte 01); write it again with 'plink --make-bed'");
        var expected = HeaderLength + ((long)files.Panel.Variants * Stride);
        if (length != expected)
            throw Unreadable(Name, $"not as long as {files.Panel.Variants} variants of {Persons.Count} persons (expected {expected} bytes, got {length}); take all three files from one run of 'plink --make-bed'");
    }

    private FileStream OpenBed() => new(files.Bed, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0, FileOptions.SequentialScan);

    private static T Opened<T>(string file, Func<TextReader, T> read)
    {
        try
        {
            using var text = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            return read(text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Absent(Path.GetFileName(file), e);
        }
        catch (FaultyInputException e)
        {
            throw new SiteDataException(RefusalCode.DataUnreadable, string.Join("; ", e.Faults), e);
        }
    }

    private static SiteDataException Absent(string file, Exception e) =>
        Unreadable(file, "not there, or may not be read by this program (expected .bed, .bim and .fam beside one another); check the path in the mapping file and the files' rights", e);

    private static SiteDataException Unreadable(string file, string problem, Exception? e = null) => new(RefusalCode.DataUnreadable, $"{file}: {problem}", e);
}
