using Consilience.Analyses.Schema;
using Consilience.Connectors.Check;
using Consilience.Connectors.Mapping;
using Consilience.Connectors.Rows;
using Consilience.Protocol.Analyse;

namespace Consilience.Connectors.Tests;

/// <summary>Genotype files that are not what the study means are refused in words for the operator, before a byte of them is summed; the network learns the kind of fault alone.</summary>
public sealed class GenotypesThatAreRefused
{
    private const string Parameters = """{"panel": "array", "formula": "relapse ~ age + sex"}""";

    [Fact]
    public void Files_as_written_are_taken()
    {
        using var folder = new TemporaryFolder();
        Assert.Null(Refusal(folder, _ => { }));
    }

    [Theory]
    [InlineData(0, 0x6d, "expected the first bytes 6c 1b")]
    [InlineData(1, 0, "expected the first bytes 6c 1b")]
    [InlineData(2, 0, "not written variant by variant")]
    public void A_header_that_is_not_plinks(int place, byte value, string says)
    {
        using var folder = new TemporaryFolder();
        Assert.Contains(says, Refusal(folder, prefix => Change(prefix + ".bed", b => b[place] = value)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    [InlineData(-5003)]
    [InlineData(-5001)]
    public void A_length_that_is_not_that_of_variants_and_persons(int more)
    {
        using var folder = new TemporaryFolder();
        var says = Refusal(folder, prefix =>
        {
            var bytes = File.ReadAllBytes(prefix + ".bed");
            Array.Resize(ref bytes, bytes.Length + more);
            File.WriteAllBytes(prefix + ".bed", bytes);
        });
        Assert.Contains(5003 + more < 3 ? "first bytes 6c 1b" : $"expected 5003 bytes, got {5003 + more}", says, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(".bed")]
    [InlineData(".bim")]
    [InlineData(".fam")]
    public void A_file_that_is_not_there(string ending)
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("not there", Refusal(folder, prefix => File.Delete(prefix + ending)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("F P001 0 0 1", "line 101: not a person (expected six fields")]
    [InlineData("G P101 0 0 1 -9", "line 101: a person named before")]
    public void A_person_who_is_none_or_two(string line, string says)
    {
        using var folder = new TemporaryFolder();
        var refusal = Refusal(folder, prefix => File.AppendAllText(prefix + ".fam", line + "\n"));
        Assert.Contains(says, refusal, StringComparison.Ordinal);
        Assert.DoesNotContain("P101", refusal, StringComparison.Ordinal);
    }

    /// <summary>Order, place, alleles and number of variants are the study's; names need not be.</summary>
    [Theory]
    [InlineData("1\trs1002\t0\t12750\tG\tT", "1\trs1002\t0\t12751\tG\tT", "line 2 is not the variant of panel array (expected 1:12750 G/T, got 1:12751 G/T; it is the first that differs)")]
    [InlineData("1\trs1002\t0\t12750\tG\tT", "1\trs1002\t0\t12750\tT\tG", "line 2 is not the variant of panel array (expected 1:12750 G/T, got 1:12750 T/G")]
    [InlineData("1\trs1002\t0\t12750\tG\tT\n", "", "line 2 is not the variant of panel array (expected 1:12750 G/T, got 1:14125 T/A")]
    [InlineData("X\trs1200\t0\t285000\tA\tC\n", "", "line 200 is not the variant of panel array (expected X:285000 A/C, got none")]
    [InlineData("1\trs1002\t0\t12750\tG\tT", "1\trs1002\t0\tx\tG\tT", "line 2: expected a position")]
    [InlineData("1\trs1002\t0\t12750\tG\tT", "1\trs1002\t0\t12750\tG", "line 2: expected six fields")]
    [InlineData("1\trs1002\t0\t12750\tG\tT", "1\trs1002\t0\t12750\t0\tT", "line 2: expected two alleles, both known, got 0 and T")]
    public void Variants_that_are_not_the_panels(string line, string other, string says)
    {
        using var folder = new TemporaryFolder();
        var (bim, list) = (File.ReadAllText(Path.Combine(ScanSites.Source, "panel.bim")), Path.Combine(ScanSites.Source, "panel.bim"));
        Assert.Contains(line, bim, StringComparison.Ordinal);
        Assert.Contains(says, Refusal(folder, prefix => File.WriteAllText(prefix + ".bim", bim.Replace(line, other, StringComparison.Ordinal)), list), StringComparison.Ordinal);
        Assert.Null(Refusal(folder, prefix => File.WriteAllText(prefix + ".bim", bim.Replace("rs1002", "another", StringComparison.Ordinal)), list));
    }

    [Fact]
    public void Without_the_studys_list_only_that_they_differ_is_known()
    {
        using var folder = new TemporaryFolder();
        static void Flip(string prefix) => File.WriteAllText(prefix + ".bim", File.ReadAllText(prefix + ".bim").Replace("12750\tG\tT", "12750\tT\tG", StringComparison.Ordinal));
        Assert.Contains("name the study's list under 'variants'", Refusal(folder, Flip), StringComparison.Ordinal);

        // A list that is not the study's either is no help.
        var list = folder.Write("list.bim", "1 a 0 5 A C\n");
        Assert.Contains("list.bim: not the study's list", Refusal(folder, Flip, list), StringComparison.Ordinal);
    }

    [Fact]
    public void A_panel_that_no_files_are_named_for()
    {
        using var data = SiteData.Open(DataMapping.Direct(Path.Combine(ScanSites.Source, "site1.csv"), ScanSites.Schema), ScanSites.Schema);
        Assert.Contains("no genotypes", Assert.Throws<SiteDataException>(() => Asked.Ask(data, "association-scan", Parameters)).Message, StringComparison.Ordinal);
        Assert.Contains("no genotypes", SiteCheck.Run(data, 10).Panels.Single().Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void The_site_check_says_whether_genotypes_fit_and_of_how_many()
    {
        using var folder = new TemporaryFolder();
        var table = Path.Combine(ScanSites.Source, "site3.csv");
        using (var data = SiteData.Open(ScanSites.MappingOf(table, Path.Combine(ScanSites.Source, "site3")), ScanSites.Schema))
            Assert.Equal((true, null, "118"), (SiteCheck.Run(data, 10).Fits, SiteCheck.Run(data, 10).Panels[0].Problem, SiteCheck.Run(data, 10).Panels[0].Genotyped));
        using (var data = SiteData.Open(ScanSites.MappingOf(table, Path.Combine(ScanSites.Source, "site2")), ScanSites.Schema))
            Assert.Contains("nobody of the table", SiteCheck.Run(data, 10).Panels[0].Problem, StringComparison.Ordinal);
    }

    /// <summary>Genotype files are data: when they change, the snapshot does, and what was answered before was about other data.</summary>
    [Fact]
    public void Files_that_change_are_other_data()
    {
        using var folder = new TemporaryFolder();
        var prefix = ScanSites.Write(folder, "site", [.. ScanSites.Genotyped().Take(100)]);
        using var data = SiteData.Open(ScanSites.MappingOf(Path.Combine(ScanSites.Source, "site1.csv"), prefix), ScanSites.Schema);
        var before = data.Snapshot;
        Change(prefix + ".bed", b => b[100] ^= 3);
        Assert.NotEqual(before, data.ReadSnapshot());
    }

    [Theory]
    [InlineData("genotypes: {array: {files: x}}\n", "genotypes: expected a 'person' column")]
    [InlineData("person: person\ngenotypes: {chip: {files: x}}\n", "genotypes.chip: expected a known key")]
    [InlineData("person: person\ngenotypes: {array: {}}\n", "genotypes.array.files: expected the path")]
    public void A_mapping_that_does_not_name_them_as_it_should(string lines, string says)
    {
        var text = $"""
            files: [site1.csv]
            format: csv
            variables: {"{"}age: {"{"}column: age{"}"}, sex: {"{"}column: sex{"}"}, relapse: {"{"}column: relapse{"}"}, marker: {"{"}column: marker{"}"}{"}"}
            {lines}
            """;
        Assert.Contains(says, Assert.Throws<FaultyInputException>(() => MappingReader.Read(text, ScanSites.Source, ScanSites.Schema)).Message, StringComparison.Ordinal);
    }

    /// <summary>Whatever bytes stand in the three files, they are summed or refused, and never anything else.</summary>
    [Fact]
    public void Any_byte_changed_anywhere_is_a_genotype_or_a_refusal()
    {
        using var folder = new TemporaryFolder();
        foreach (var ending in new[] { ".fam", ".bim", ".bed" })
        {
            for (var place = 0; place < 60; place += 4)
            {
                foreach (var value in new byte[] { 0, 9, 10, 0xff })
                    Refusal(folder, prefix => Change(prefix + ending, b => b[place] = value));
            }
        }
    }

    private static void Change(string file, Action<byte[]> change)
    {
        var bytes = File.ReadAllBytes(file);
        change(bytes);
        File.WriteAllBytes(file, bytes);
    }

    /// <summary>What a site's operator is told when it is asked for a scan of files that were changed; null where it answers.</summary>
    private static string? Refusal(TemporaryFolder folder, Action<string> change, string? list = null)
    {
        foreach (var ending in new[] { ".bed", ".bim", ".fam" })
            File.Copy(Path.Combine(ScanSites.Source, "site1" + ending), folder.Path("site" + ending), overwrite: true);
        change(folder.Path("site"));
        try
        {
            using var data = SiteData.Open(ScanSites.MappingOf(Path.Combine(ScanSites.Source, "site1.csv"), folder.Path("site"), list), ScanSites.Schema);
            Assert.Equal(Asked.Plan("association-scan", Parameters, ScanSites.Schema).Sums.VectorLength, Asked.Encode(data, Asked.Plan("association-scan", Parameters, ScanSites.Schema)).Length);
            return null;
        }
        catch (SiteDataException e)
        {
            Assert.Equal(RefusalCode.DataUnreadable, e.Code);
            return e.Message;
        }
    }
}
