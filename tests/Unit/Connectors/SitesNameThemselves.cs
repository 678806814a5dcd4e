using Consilience.Analyses.Schema;
using Consilience.Connectors.Mapping;
using Consilience.Connectors.Rows;

namespace Consilience.Connectors.Tests;

/// <summary>The variable by which a study tells sites apart: each site's own name in every row, in CSV and Parquet alike, and nothing that a file or a mapping could say otherwise.</summary>
public sealed class SitesNameThemselves
{
    private const string ByBoth = """{"by": ["hospital", "stage"]}""";

    private static readonly StudySchema Schema = new([Wilms.Category("stage", "1", "2"), Wilms.Category("hospital", "aster", "birch") with { IsSite = true }]);

    [Fact]
    public void In_every_row()
    {
        using var folder = new TemporaryFolder();
        var csv = folder.Write("rows.csv", "stage,hospital\n1,aster\n1,aster\n2,aster\n");
        foreach (var file in new[] { csv, folder.Parquet("rows.parquet", $"SELECT * FROM read_csv('{csv}')") })
        {
            using var data = SiteData.Open(DataMapping.Direct(file, Schema).At("birch", Schema), Schema);
            Assert.Equal([0, 0, 2, 1], Asked.Encode(data, Asked.Plan("count", ByBoth, Schema)));
            Assert.Equal((0, 3), (data.CountPersons(Asked.Cohort("hospital = 'aster'", Schema)), data.CountPersons(Asked.Cohort("hospital != 'aster' and stage is known", Schema))));
        }
    }

    /// <summary>A word that stands for a missing value in a site's files may be its name.</summary>
    [Fact]
    public void Whatever_stands_for_a_missing_value()
    {
        using var folder = new TemporaryFolder();
        using var data = SiteData.Open((DataMapping.Direct(folder.Write("rows.csv", "stage\n1\nbirch\n"), Schema) with { MissingTokens = ["birch"] }).At("birch", Schema), Schema);
        Assert.Equal([0, 0, 1, 0], Asked.Encode(data, Asked.Plan("count", ByBoth, Schema)));
    }

    /// <summary>Another site, another digest: what one answered is not taken for the other's.</summary>
    [Fact]
    public void In_the_snapshot()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("rows.csv", "stage\n1\n");
        using var aster = SiteData.Open(DataMapping.Direct(file, Schema).At("aster", Schema), Schema);
        using var birch = SiteData.Open(DataMapping.Direct(file, Schema).At("birch", Schema), Schema);
        Assert.NotEqual(aster.Snapshot, birch.Snapshot);
    }

    [Theory]
    [InlineData("consilience_site")]
    [InlineData("Consilience_Site")]
    public void Not_from_a_column_of_that_name(string column)
    {
        using var folder = new TemporaryFolder();
        var csv = folder.Write("rows.csv", $"stage,{column}\n1,aster\n");
        foreach (var file in new[] { csv, folder.Parquet("rows.parquet", $"SELECT * FROM read_csv('{csv}')") })
            Assert.Contains("rename the column", Assert.Throws<SiteDataException>(() => SiteData.Open(DataMapping.Direct(file, Schema).At("birch", Schema), Schema)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Not_by_the_mapping()
    {
        using var folder = new TemporaryFolder();
        folder.Write("rows.csv", "stage,where\n1,aster\n");
        var fault = Assert.Single(Assert.Throws<FaultyInputException>(() => MappingReader.Read("files: [rows.csv]\nformat: csv\nvariables: {stage: {column: stage}, hospital: {column: where}}\n", folder.Path(""), Schema)).Faults);
        Assert.Equal(("document.variables.hospital", "no column"), (fault.Subject, fault.Expected));
    }
}
