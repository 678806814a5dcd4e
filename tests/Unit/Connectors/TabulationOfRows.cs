using Consilience.Analyses;
using Consilience.Analyses.Cohorts;
using Consilience.Analyses.Schema;
using Consilience.Connectors.Mapping;
using Consilience.Connectors.Rows;
using Consilience.Protocol.Analyse;
using CsCheck;

namespace Consilience.Connectors.Tests;

public sealed class TabulationOfRows
{
    [Fact]
    public void The_cross_tabulation_of_stage_and_histology_is_the_published_one()
    {
        using var data = Wilms.Open();
        var result = Asked.Ask(data, "count", """{"by": ["stage", "histol"]}""");
        Assert.Equal([1446, 126, 931, 121, 802, 142, 390, 70], result.Groups.Select(g => g.Count!.Value));
    }

    [Fact]
    public void The_published_table_of_three_variables_over_sites_of_which_one_has_nobody()
    {
        using var folder = new TemporaryFolder();
        using var sites = new SplitSites(folder, Wilms.File, Wilms.Schema, row => row * 7919 % 101 % 4, 5);
        Assert.Equal(
            [1354, 92, 812, 119, 699, 103, 327, 63, 101, 25, 74, 47, 70, 72, 20, 50],
            sites.Ask("count", """{"by": ["histol", "stage", "rel"]}""").Groups.Select(g => g.Count!.Value));
    }

    [Theory]
    [InlineData("stage = 4", 460)]
    [InlineData("not (stage in (1, 2, 3))", 460)]
    [InlineData("stage = 4 and histol = 2", 70)]
    [InlineData("rel = true", 571)]
    [InlineData("rel != false and histol = 1", 377)]
    [InlineData("age is missing", 0)]
    [InlineData("age between 0 and 300", 4028)]
    [InlineData("stage not in (1, 2, 3, 4)", 0)]
    public void A_cohort_selects_the_persons_it_says(string cohort, long persons)
    {
        using var data = Wilms.Open();
        Assert.Equal(persons, data.CountPersons(Asked.Cohort(cohort, Wilms.Schema)));
    }

    [Fact]
    public void Evenly_and_unevenly_spaced_edges_agree()
    {
        using var data = Wilms.Open();
        var even = Asked.Ask(data, "count", """{"by": [{"variable": "age", "edges": [12, 24, 36, 48]}]}""").Groups;
        var uneven = Asked.Ask(data, "count", """{"by": [{"variable": "age", "edges": [12, 24, 36, 48, 5000]}]}""").Groups;
        Assert.Equal(even.Select(g => g.Count), uneven.Take(5).Select(g => g.Count));
        Assert.Equal(0, uneven[5].Count);
    }

    [Fact]
    public void Tabulation_equals_counting_one_by_one()
    {
        var row = Gen.Select(Gen.Int[0, 3], Gen.Int[0, 2], Gen.Int[-5, 30], Gen.Bool);
        Gen.Select(row.Array[0, 60], Gen.Int[1, 4], Gen.Int[-3, 5]).Sample(
            input =>
            {
                var (rows, step, first) = input;
                using var folder = new TemporaryFolder();
                var file = folder.Write("rows.csv", "stage,rel,edrel\n" + string.Concat(rows.Select(r => $"{Cell(r.Item1)},{Cell(r.Item2)},{(r.Item4 ? r.Item3 : "")}\n")));
                var schema = new StudySchema([Wilms.Category("stage", "1", "2", "3"), Wilms.Category("rel", "1", "2"), new("edrel", VariableType.Integer, "", null, [], null, null)]);
                using var data = SiteData.Open(DataMapping.Direct(file, schema), schema);
                decimal[] edges = [first, first + step, first + (2 * step)];
                var cells = new long[3 * 4];
                data.Select(Asked.Cohort("rel = 1", schema)).Tabulate([new CodeAxis("stage", ["1", "2", "3"]), new EdgeAxis("edrel", edges)], cells);
                var expected = new long[3 * 4];
                foreach (var (stage, rel, time, known) in rows)
                {
                    if (stage > 0 && rel == 1 && known)
                        expected[((stage - 1) * 4) + edges.Count(e => e < time)]++;
                }

                Assert.Equal(expected, cells);
            },
            iter: 40,
            threads: 1);
    }

    [Fact]
    public void A_cell_that_does_not_fit_stops_questions_about_its_variable_and_no_others()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("rows.csv", "stage,edrel\n1,10\n2,ten\n9,12\n");
        var schema = new StudySchema([Wilms.Category("stage", "1", "2", "9"), new("edrel", VariableType.Integer, "", null, [], null, null)]);
        using var data = SiteData.Open(DataMapping.Direct(file, schema), schema);
        Assert.Equal(1, data.CountPersons(Asked.Cohort("stage = 9", schema)));
        var refused = Assert.Throws<SiteDataException>(() => data.CountPersons(Asked.Cohort("edrel > 3", schema)));
        Assert.Equal(RefusalCode.DataUnreadable, refused.Code);
        Assert.Contains("row 2", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("ten", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_person_with_two_rows_is_refused()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("rows.csv", "id,stage\na,1\nb,1\na,2\n");
        var schema = new StudySchema([Wilms.Category("stage", "1", "2")]);
        using var data = SiteData.Open(DataMapping.Direct(file, schema) with { PersonColumn = "id" }, schema);
        Assert.Equal(RefusalCode.NotOneRowPerPerson, Assert.Throws<SiteDataException>(() => data.CountPersons(Asked.Cohort("stage = 1", schema))).Code);
    }

    [Fact]
    public void A_changed_file_is_read_again_and_has_another_snapshot()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("rows.csv", "stage\n1\n");
        var schema = new StudySchema([Wilms.Category("stage", "1", "2")]);
        using var data = SiteData.Open(DataMapping.Direct(file, schema), schema);
        Assert.Equal(1, data.CountPersons(CohortExpression.Everyone));
        var before = data.Snapshot;
        folder.Write("rows.csv", "stage\n1\n2\n2\n");
        Assert.Equal(3, data.CountPersons(CohortExpression.Everyone));
        Assert.NotEqual(before, data.Snapshot);
    }

    [Theory]
    [InlineData("stage,stage\n1,1\n", "twice")]
    [InlineData("stage;edrel\n1;1\n", "stage")]
    [InlineData("", "header")]
    [InlineData("other\n1\n", "stage")]
    public void A_header_that_does_not_say_which_column_is_which_is_refused(string text, string says)
    {
        using var folder = new TemporaryFolder();
        var schema = new StudySchema([Wilms.Category("stage", "1", "2")]);
        var file = folder.Write("rows.csv", text);
        var refused = Assert.Throws<SiteDataException>(() => SiteData.Open(DataMapping.Direct(file, schema), schema));
        Assert.Contains(says, refused.Message, StringComparison.OrdinalIgnoreCase);
    }

    private static string Cell(int value) => value == 0 ? "" : $"{value}";
}
