using Consilience.Analyses;
using Consilience.Analyses.Schema;

namespace Consilience.Connectors.Tests;

/// <summary>Where a method reads missing values, rows are left out for what must be known and for nothing else; and what is kept of one reading is not taken for another's.</summary>
public sealed class RowsWithMissingValues
{
    private static readonly StudySchema Schema = new(
        [Wilms.Category("stage", "1", "2", "3"), new Variable("dose", VariableType.Real, "dose", "Gy", [], 0, 60), new Variable("rel", VariableType.Boolean, "relapse", null, [], null, null)]);

    private const string Rows = "stage,dose,rel\n1,0.5,true\n,2,false\n3,,true\n2,30,\n,,false\n";

    private static readonly string[] All = ["stage", "dose", "rel"];

    private static List<string> Read(IRows rows, string[] known, string[] others)
    {
        var read = new List<string>();
        rows.ReadWithMissing(known, others, () =>
        {
            read.Clear();
            return values => read.Add(string.Join(' ', values.ToArray().Select(v => double.IsNaN(v) ? "?" : FormattableString.Invariant($"{v}"))));
        });
        read.Sort(StringComparer.Ordinal);
        return read;
    }

    [Fact]
    public void Only_what_must_be_known_leaves_rows_out()
    {
        using var folder = new TemporaryFolder();
        using var data = Asked.Open(folder.Write("rows.csv", Rows), Schema);
        var rows = data.Select(Asked.Cohort("", Schema));
        for (var again = 0; again < 2; again++)
        {
            Assert.Equal(["0 ? 2", "0 ? ?", "1 0 0.5", "1 2 ?"], Read(rows, ["rel"], ["stage", "dose"]));
            Assert.Equal(["0 0.5 1", "1 30 ?"], Read(rows, All[..2], ["rel"]));
            Assert.Equal(["0 0.5 1"], Read(rows, All, []));
        }
    }
}
