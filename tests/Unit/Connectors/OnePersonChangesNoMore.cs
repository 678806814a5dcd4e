using Consilience.Analyses.Schema;
using Consilience.DifferentialPrivacy.Mechanisms;

namespace Consilience.Connectors.Tests;

/// <summary>Whoever comes to a site changes its sums by no more than the bound that noise is made for: in cells, in each, in all, and in squares.</summary>
public sealed class OnePersonChangesNoMore
{
    private const string Completeness = """{"variables": ["rel", "edrel", "age"], "by": ["stage"]}""";
    private const string FollowUp = """{"age": {"variable": "age", "edges": [20, 40]}, "by": ["stage"], "event": "rel", "time": "edrel"}""";

    private static readonly StudySchema Schema = new(
    [
        Wilms.Category("stage", "1", "2"), new("rel", VariableType.Boolean, "rel", null, [], null, null), new("edrel", VariableType.Integer, "days", null, [], 5, 90), new("age", VariableType.Integer, "age", null, [], 0, 60),
    ]);

    [Theory]
    [InlineData("completeness", Completeness)]
    [InlineData("histogram", """{"variable": "age", "grid": {"edges": [0, 20, 40]}, "by": ["stage"]}""")]
    [InlineData("incidence", FollowUp)]
    [InlineData("trend", """{"period": {"variable": "age", "edges": [20, 40]}, "age": "stage", "population": [[1, 1], [1, 1], [1, 1]]}""")]
    public void Than_the_bound_says(string method, string parameters) => Assert.All(Changes(method, parameters), c => Assert.True(Holds(c, Asked.Plan(method, parameters, Schema).Sums.Bound)));

    /// <summary>The broken twins: one cell by one, for whoever is in a cell of each variable, or brings follow-up. And no bound is wider than somebody needs.</summary>
    [Theory]
    [InlineData("completeness", Completeness)]
    [InlineData("incidence", FollowUp)]
    public void A_bound_that_is_too_small_is_noticed(string method, string parameters)
    {
        var bound = Asked.Plan(method, parameters, Schema).Sums.Bound;
        Assert.Contains(Changes(method, parameters), c => !Holds(c, ContributionBound.OneCell));
        Assert.Equal(bound.Total, Changes(method, parameters).Max(c => c.Sum(Math.Abs)));
    }

    private static bool Holds(long[] change, ContributionBound bound) =>
        change.Count(c => c != 0) <= bound.Cells && change.Max(Math.Abs) <= bound.PerCell && change.Sum(Math.Abs) <= bound.Total && change.Sum(c => c * c) <= bound.Squares;

    /// <summary>What each of some persons changes, the one with the longest follow-up and an event among them.</summary>
    private static List<long[]> Changes(string method, string parameters)
    {
        var plan = Asked.Plan(method, parameters, Schema);
        using var folder = new TemporaryFolder();
        long[] Sums(string rows)
        {
            using var data = Asked.Open(folder.Write("rows.csv", $"stage,rel,edrel,age\n1,true,30,10\n2,false,40,50\n{rows}"), Schema);
            return Asked.Encode(data, plan);
        }

        var without = Sums("");
        return [.. new[] { "1,true,90,60", "2,false,5,0", "1,,90,", "2,true,,33", ",true,90,60", "1,true,90,21" }.Select(row => Sums(row + "\n").Zip(without, (a, b) => a - b).ToArray())];
    }
}
