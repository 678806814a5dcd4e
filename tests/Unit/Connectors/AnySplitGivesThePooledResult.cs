using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Consilience.Analyses;
using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Schema;
using Consilience.Arithmetic;
using Consilience.SecureAggregation;
using Consilience.SecureAggregation.Masking;
using Consilience.SecureAggregation.Sealing;
using Consilience.Tests.World;
using CsCheck;

namespace Consilience.Connectors.Tests;

/// <summary>
/// Whatever the rows, however they are split over sites and in whatever order they stand, the sealed sum opens to the pooled vector bit for bit, and the result is the pooled
/// result, character for character. Not so meta-analysis, whose figures are of sites' own fits.
/// </summary>
public sealed class AnySplitGivesThePooledResult
{
    private const string LifeTable = """
        stage,from,age_from_days,hazard_per_day
        1,2000-01-01,0,0.001
        1,2000-01-01,30.5,0.002
        2,2000-01-01,0,0.003
        2,2000-01-01,30.5,0.0001
        3,2000-01-01,0,0
        3,2000-01-01,30.5,0.01
        """;

    private static readonly StudySchema Schema = new(
    [
        Wilms.Category("stage", "1", "2", "3"),
        new Variable("rel", VariableType.Boolean, "relapse", null, [], null, null),
        new Variable("edrel", VariableType.Integer, "days", "days", [], 0, 400),
        new Variable("dose", VariableType.Real, "dose", "Gy", [], 0, 60),
        new Variable("diag", VariableType.Date, "diagnosed", null, [], null, null),
    ],
    [new AgreedLifeTable("life", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(LifeTable))), ["stage"])]);

    private static readonly (string Method, string Parameters, string Cohort)[] Questions =
    [
        ("count", """{"by": ["stage", "rel"]}""", ""),
        ("count", """{"by": [{"variable": "dose", "edges": [0.5, 1.25, 20, 59.75]}]}""", "stage in (1, 3) or dose is missing"),
        ("kaplan-meier", """{"time": "edrel", "event": "rel", "grid": {"from": 1, "to": 400, "step": 1}}""", ""),
        ("kaplan-meier", """{"time": "edrel", "event": "rel", "by": ["stage"], "grid": {"edges": [30, 90, 200, 365]}, "confidence": {"type": "log"}}""", "dose < 30"),
        ("kaplan-meier", """{"time": "dose", "event": "rel", "grid": {"from": 0.25, "to": 60, "step": 0.25}}""", "edrel > 5"),
        ("distribution", """{"variable": "edrel", "by": ["stage"]}""", "dose < 30"),
        ("completeness", """{"variables": ["rel", "edrel", "dose"], "by": ["stage"]}""", ""),
        ("histogram", """{"variable": "dose", "grid": {"edges": [0, 0.25, 20, 59.75]}, "by": ["rel"]}""", "edrel > 5"),
        ("mann-whitney", """{"variable": "dose", "by": ["rel"], "grid": {"from": 0, "to": 60, "step": 0.25}}""", ""),
        ("mann-whitney", """{"variable": "edrel", "by": ["rel"]}""", "stage in (1, 3)"),
        ("association", """{"rows": "stage", "columns": {"variable": "dose", "edges": [20, 40]}}""", ""),
        ("risk", """{"outcome": "rel", "exposure": "stage", "reference": "2", "strata": [{"variable": "dose", "edges": [30]}]}""", "edrel > 5"),
        ("incidence", """{"age": {"variable": "dose", "edges": [20, 40]}, "by": ["stage"], "event": "rel", "time": "edrel", "standard": [3, 2, 1], "baseline": "2"}""", ""),
        ("trend", """{"period": "stage", "age": {"variable": "dose", "edges": [30]}, "population": [[100, 50], [110, 60], [120, 70]], "standard": [2, 1]}""", "edrel > 5"),
        ("log-rank", """{"time": "edrel", "event": "rel", "by": ["stage"], "strata": [{"variable": "dose", "edges": [30]}], "grid": {"from": 1, "to": 400, "step": 1}}""", ""),
        ("restricted-mean", """{"time": "edrel", "event": "rel", "by": ["stage"], "grid": {"from": 1, "to": 400, "step": 1}, "horizon": 365}""", ""),
        ("grouped-hazards", """{"time": "edrel", "event": "rel", "by": ["stage"], "grid": {"from": 50, "to": 400, "step": 50}}""", ""),
        ("moments", """{"variable": "dose", "by": ["stage", "rel"]}""", "edrel > 5"),
        ("t-test", """{"variable": "edrel", "by": ["rel"]}""", ""),
        ("correlation", """{"variables": ["edrel", "dose"]}""", ""),
        ("principal-components", """{"variables": ["edrel", "dose"], "of": "covariances"}""", "dose < 50"),
        ("nelson-aalen", """{"time": "edrel", "event": "rel", "by": ["stage"], "grid": {"from": 1, "to": 400, "step": 1}, "ties": "fleming-harrington"}""", ""),
        ("cumulative-incidence", """{"time": "edrel", "event": "stage", "censored": "2", "by": ["rel"], "grid": {"from": 20, "to": 400, "step": 20}}""", ""),
        ("net-survival", """{"time": "edrel", "event": "rel", "age": "dose", "diagnosed": "diag", "lifeTable": "life", "by": ["stage"], "grid": {"edges": [1, 2, 30, 100, 365]}, "largestWeight": 2}""", "dose < 59"),
        ("glm", """{"formula": "rel ~ stage*dose + edrel"}""", ""),
        ("glm", """{"formula": "rel ~ cut(dose, 20, 40)", "family": "poisson", "exposure": "edrel", "per": 365.25, "at": [-1.5, 0.25, -0.125]}""", "dose < 50"),
        ("glm", """{"formula": "edrel ~ stage", "family": "negative-binomial", "at": [4, 0.25, -0.125, 0.5]}""", ""),
        ("training-round", """{"model": {"inputs": ["stage", "edrel", "dose"], "head": "logistic", "outcome": "rel"}, "weights": "AAAAPwAAoL8AAEA/AAAAQM3MzL0=", "clip": 0.5}""", "dose < 50"),
        ("model-evaluation", """{"model": {"inputs": ["stage", "edrel", "dose"], "head": "logistic", "outcome": "rel"}, "weights": "AAAAPwAAoL8AAEA/AAAAQM3MzL0=", "by": ["stage"]}""", ""),
        ("model-evaluation", """{"model": {"kind": "trees", "inputs": ["stage", {"variable": "dose", "edges": [20, 40]}], "head": "logistic", "outcome": "rel"}, "weights": {"base": 0, "trees": [[[1, 0, 1], -0.5, [0, 2, 0], 0.25, 1]]}}""", ""),
        ("tree-histograms", """{"model": {"kind": "trees", "inputs": ["stage", {"variable": "dose", "edges": [0.25, 20, 40]}, {"variable": "edrel", "grid": {"from": 50, "to": 350, "step": 100}}], "head": "logistic", "outcome": "rel"}, "ensemble": {"base": 0.25, "trees": [[[1, 0, 1], -0.5, [0, 2, 0], 0.25, 1]]}, "tree": [[2, 1, 0], [], []]}""", ""),
        ("tree-histograms", """{"model": {"kind": "trees", "inputs": ["stage", "rel"], "head": "linear", "outcome": "dose"}, "bits": 12}""", "edrel > 5"),
    ];

    /// <summary>Empty cells are missing values; a quarter of the doses has a quarter in it.</summary>
    private static readonly Gen<string> Row = Gen.Select(
        Gen.OneOf("1", "2", "3", ""), Gen.OneOf("true", "false", "0", "1", ""), Gen.OneOf(Gen.Int[0, 400].Select(d => $"{d}"), Gen.Const("")),
        Gen.OneOf(Gen.Int[0, 240].Select(d => $"{d / 4m}"), Gen.Const("")),
        Gen.Int[-20, 900].Select(d => new DateOnly(2000, 1, 1).AddDays(d).ToString("yyyy-MM-dd")), (stage, rel, days, dose, diagnosed) => $"{stage},{rel},{days},{dose},{diagnosed}");

    [Fact]
    public void For_random_rows_splits_and_orders()
    {
        using var holders = new KeyHolders();
        Gen.Select(Gen.Select(Row, Gen.Int[0, 3]).Array[1, 80], Gen.Shuffle(Enumerable.Range(0, 80).ToArray())).Sample(
            input =>
            {
                var (rows, order) = input;
                using var folder = new TemporaryFolder();
                folder.Write("life.csv", LifeTable);
                var shuffled = order.Where(i => i < rows.Length).Select(i => rows[i]).ToList();
                var pooled = Write(folder, "pooled.csv", rows.Select(r => r.Item1));
                var parts = Enumerable.Range(0, 4).Select(site => Write(folder, $"site{site}.csv", shuffled.Where(r => r.Item2 == site).Select(r => r.Item1))).ToList();
                foreach (var (method, parameters, cohort) in Questions)
                {
                    var plan = Asked.Plan(method, parameters, Schema);
                    var expected = Encode(pooled, plan, cohort);
                    var opened = holders.SumOf([.. parts.Select(p => Encode(p, plan, cohort))]);
                    Assert.Equal(expected, opened);
                    Assert.Equal(Text(plan.Finish(expected, NoiseModel.None, DisclosureRules.None)), Text(plan.Finish(opened, NoiseModel.None, DisclosureRules.None)));
                }
            },
            iter: 20,
            threads: 1);
    }

    /// <summary>The broken twin leaves one site's last row out, and is noticed.</summary>
    [Fact]
    public void A_row_that_is_lost_on_the_way_is_noticed()
    {
        using var holders = new KeyHolders();
        using var folder = new TemporaryFolder();
        var plan = Asked.Plan("count", Questions[0].Parameters, Schema);
        var pooled = Write(folder, "pooled.csv", ["1,true,3,1,2001-01-01", "2,false,4,2,2001-01-01", "3,true,5,3,2001-01-01"]);
        var parts = new[] { Write(folder, "a.csv", ["1,true,3,1,2001-01-01"]), Write(folder, "b.csv", ["2,false,4,2,2001-01-01"]) };
        Assert.NotEqual(Encode(pooled, plan, ""), holders.SumOf([.. parts.Select(p => Encode(p, plan, ""))]));
    }

    private static string Text(MethodResult result) => JsonSerializer.Serialize(result);

    private static string Write(TemporaryFolder folder, string name, IEnumerable<string> rows) => folder.Write(name, "stage,rel,edrel,dose,diag\n" + string.Concat(rows.Select(r => $"{r}\n")));

    private static long[] Encode(string file, MethodPlan plan, string cohort)
    {
        using var data = Asked.Open(file, Schema);
        return Asked.Encode(data, plan, cohort);
    }

    /// <summary>Two key holders; sums are sealed to them, masked, added and opened as in a run.</summary>
    private sealed class KeyHolders : IDisposable
    {
        private static readonly string[] Names = ["aster", "birch"];
        private readonly SealingPrivateKey[] keys = [.. Names.Select(_ => SealingPrivateKey.Generate(RandomBytes.OperatingSystem))];

        internal long[] SumOf(IReadOnlyList<long[]> parts)
        {
            var masked = new byte[Ring.Bits64.SizeOf(parts[0].Length)];
            var seeds = Names.Select(_ => new List<(MaskContext, MaskSeed)>()).ToList();
            for (var site = 0; site < parts.Count; site++)
            {
                MaskContext Context(string holder) => new(new byte[16], 0, $"site{site}", holder, new byte[32], parts[0].Length, Ring.Bits64);
                var made = WholeVectors.Seal([.. parts[site]], Context(Names[0]), [.. Names.Select((n, k) => new KeyHolderKey(n, keys[k].PublicKey))]);
                Ring.Bits64.Add(masked, made.Masked);
                for (var k = 0; k < Names.Length; k++)
                    seeds[k].Add((Context(Names[k]), MaskSeed.Open(keys[k], Context(Names[k]), made.Envelopes[k])!));
            }

            var shares = seeds.Select(s => WholeVectors.OpenShare(s, Ring.Bits64, new long[parts[0].Length])).ToList();
            seeds.ForEach(s => s.ForEach(pair => pair.Item2.Dispose()));
            return WholeVectors.Unseal(Ring.Bits64, masked, shares);
        }

        public void Dispose()
        {
            foreach (var key in keys)
                key.Dispose();
        }
    }
}
