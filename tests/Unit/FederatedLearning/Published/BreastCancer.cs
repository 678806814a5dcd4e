using Consilience.Analyses.Schema;
using Consilience.FederatedLearning.Models;

namespace Consilience.FederatedLearning.Tests.Published;

/// <summary>
/// Survival of breast cancer from 39 columns in six regions, as FLamby publishes it (du Terrail et al. 2022): its own split into training and test, a Cox model without hidden layers, Harrell's C the mean over regions of the test rows.
/// </summary>
public sealed class BreastCancer
{
    private static readonly string[] Columns = [.. Federation.Read("brca_sites.csv")[0].Keys.Except(["row", "center", "fold", "E", "T"], StringComparer.Ordinal)];
    private static readonly string[] Names = [.. Columns.Select((_, i) => $"x{i}"), "died", "days"];
    private static readonly StudySchema Schema = new([.. Columns.Select((_, i) => Written.Number($"x{i}", 0, i == 0 ? 120 : 1)), Written.Flag("died"), Written.Number("days", 0, 20_000)]);

    private static readonly object Model = new { inputs = new object[] { new { variable = "x0", centre = 60, scale = 13 }, new { from = "x1", to = "x38", centre = 0, scale = 1 } }, head = "cox", outcome = "died", time = "days" };

    private static RowsInMemory Rows(int region, string fold) => new(Names, [.. Federation.Read("brca_sites.csv").Where(r => r["center"] == $"{region}" && r["fold"] == fold)
        .Select(r => Columns.Append("E").Append("T").Select(c => double.Parse(r[c])).ToArray()).Where(r => r[^1] >= 0)]);

    /// <summary>By its definition: of pairs of which one is known to have died first, those in which its score is higher.</summary>
    private static double Concordance(ModelScorer scorer, RowsInMemory rows)
    {
        var persons = rows.Rows.Select(r => (Score: scorer.Predict(r.AsSpan(0, Columns.Length))![0], Died: r[^2] > 0, Days: r[^1])).ToList();
        var pairs = persons.Where(p => p.Died).SelectMany(p => persons.Where(q => q.Days > p.Days || (q.Days == p.Days && !q.Died)).Select(q => p.Score > q.Score ? 1 : p.Score == q.Score ? 0.5 : 0)).ToList();
        return pairs.Average();
    }

    internal static List<double> Found(int rounds, double rate, double server)
    {
        var (sites, tests) = (Enumerable.Range(0, 6).Select(r => Rows(r, "train")).ToList(), Enumerable.Range(0, 6).Select(r => Rows(r, "test")).ToList());
        return [.. Enumerable.Range(1, 5).Select(seed =>
        {
            var federation = new Federation(Schema, Model, sites);
            var weights = federation.Train(rounds, seed, (round, written, _) => new { model = Model, weights = written, clip = 1000, local = new { steps = 100, batch = 8, rate, seed = (seed * 1000) + round } },
                Federation.Adam(server, federation.Model.ParameterCount));
            var scorer = new ModelScorer(federation.Model, weights);
            return tests.Average(t => Concordance(scorer, t));
        })];
    }

    [Fact]
    public void Adam_at_the_server_reaches_the_published_concordance()
    {
        var found = Found(8, 0.03, 0.02);
        TestContext.Current.SendDiagnosticMessage($"FedAdam C {found.Average():0.000}: {string.Join(' ', found.Select(a => $"{a:0.000}"))}");
        Assert.InRange(found.Average(), 0.82, 0.90);
    }
}
