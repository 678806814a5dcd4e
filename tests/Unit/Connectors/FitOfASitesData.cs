using Consilience.Analyses.Schema;
using Consilience.Connectors.Check;
using Consilience.Connectors.Mapping;
using Consilience.Connectors.Rows;

namespace Consilience.Connectors.Tests;

/// <summary>What <c>site check</c> says of data, and what it hides.</summary>
public sealed class FitOfASitesData
{
    private static readonly StudySchema Schema = new(
        [Wilms.Category("stage", "1", "2"), new("age", VariableType.Integer, "age", "years", [], 0, 120), new("seen", VariableType.Date, "seen", null, [], null, null)]);

    [Fact]
    public void Data_that_fit_are_said_to_fit_with_codes_counted_and_extremes_shared()
    {
        using var folder = new TemporaryFolder();
        var rows = string.Concat(Enumerable.Range(0, 40).Select(i => $"{(i < 25 ? 1 : 2)},{i},2020-01-{(i % 28) + 1:00}\n"));
        using var data = Asked.Open(folder.Write("rows.csv", "stage,age,seen\n" + rows), Schema);
        var report = SiteCheck.Run(data, threshold: 10);
        Assert.True(report.Fits);
        Assert.Equal("40", report.Persons);
        Assert.Equal(["25", "15"], report.Variables[0].Codes.Values);

        // The tenth smallest and the tenth largest: the smallest itself is one person's.
        Assert.Equal(("9", "30"), (report.Variables[1].Least, report.Variables[1].Most));
        Assert.Equal("0", report.Variables[2].Missing);
    }

    [Fact]
    public void Each_cell_that_does_not_fit_is_counted_with_the_place_of_the_first()
    {
        using var folder = new TemporaryFolder();
        var unknown = string.Concat(Enumerable.Repeat("III,30,2020-01-01\n", 12));
        using var data = Asked.Open(folder.Write("rows.csv", $"stage,age,seen\n1,30,2020-01-01\nIV,130,01.02.2020\n{unknown}"), Schema);
        var report = SiteCheck.Run(data, threshold: 10);
        Assert.False(report.Fits);
        var (stage, age, seen) = (report.Variables[0], report.Variables[1], report.Variables[2]);
        Assert.Equal((13, 2L, "rows.csv"), (stage.Unfit, stage.FirstUnfitRow, stage.FirstUnfitFile));
        Assert.Equal(new Dictionary<string, long> { ["III"] = 12 }, stage.UnknownCodes);
        Assert.Equal((1, 1), (age.Unfit, age.OutOfBounds));
        Assert.Equal((1, 0), (seen.Unfit, seen.OutOfBounds));
    }

    [Theory]
    [InlineData(new long[] { 0, 3, 50 }, new[] { "0", "<10", "hidden" })]
    [InlineData(new long[] { 3, 50, 20 }, new[] { "<10", "50", "hidden" })]
    [InlineData(new long[] { 3, 9, 50 }, new[] { "<10", "<10", "50" })]
    [InlineData(new long[] { 3, 4, 50 }, new[] { "<10", "<10", "hidden" })]
    [InlineData(new long[] { 10, 50 }, new[] { "10", "50" })]
    [InlineData(new long[] { 4 }, new[] { "<10" })]
    [InlineData(new long[] { 0, 0 }, new[] { "0", "0" })]
    public void A_hidden_count_cannot_be_had_as_a_difference(long[] counts, string[] shown) => Assert.Equal(shown, HiddenCounts.Of(counts, 10));

    [Fact]
    public void A_mapping_of_codes_factors_and_dates_is_followed()
    {
        using var folder = new TemporaryFolder();
        folder.Write("local.csv", "Stadium;Monate;Gesehen\nI;24;3.1.2020\nII;30;31.12.2019\nunbekannt;-9;\n");
        var mapping = MappingReader.Read("""
            files: [local.csv]
            format: csv
            delimiter: ";"
            missing: ["-9"]
            variables:
              stage: {column: Stadium, codes: {I: "1", II: "2", unbekannt: missing}}
              age: {column: Monate, factor: 0.5}
              seen: {column: Gesehen, format: "%-d.%-m.%Y"}
            """, folder.Path("."), Schema);
        using var data = SiteData.Open(mapping, Schema);
        Assert.Equal(1, data.CountPersons(Asked.Cohort("stage = 1 and age = 12 and seen = '2020-01-03'", Schema)));
        Assert.Equal(1, data.CountPersons(Asked.Cohort("stage = 2 and age = 15 and seen = '2019-12-31'", Schema)));
        Assert.Equal(1, data.CountPersons(Asked.Cohort("stage is missing and age is missing and seen is missing", Schema)));
    }

    [Fact]
    public void Variables_declared_together_are_mapped_together()
    {
        using var folder = new TemporaryFolder();
        folder.Write("local.csv", "Grau1,Grau2,Grau3\n0,128,255\n64,-,0\n");
        var schema = new StudySchema([.. Enumerable.Range(1, 3).Select(i => new Variable($"pixel{i}", VariableType.Real, "grey", null, [], 0, 1) { Series = "pixel" })]);
        const string Text = "files: [local.csv]\nformat: csv\nmissing: [\"-\"]\nvariables: {pixel: {column: Grau, factor: 0.00390625}}\n";
        using var data = SiteData.Open(MappingReader.Read(Text, folder.Path("."), schema), schema);
        Assert.Equal(1, data.CountPersons(Asked.Cohort("pixel1 = 0 and pixel2 = 0.5 and pixel3 > 0.99", schema)));
        Assert.Equal(1, data.CountPersons(Asked.Cohort("pixel1 = 0.25 and pixel2 is missing and pixel3 = 0", schema)));
        Assert.Throws<FaultyInputException>(() => MappingReader.Read(Text.Replace("{pixel:", "{pixel1:", StringComparison.Ordinal), folder.Path("."), schema));
    }
}
