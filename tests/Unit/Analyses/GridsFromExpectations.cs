using System.Text.Json;
using Consilience.Analyses.Schema;

namespace Consilience.Analyses.Tests;

/// <summary>Grids that are made of how many persons are expected: the edges that the rule gives, always with the landmarks, and the same question as those edges written out.</summary>
public sealed class GridsFromExpectations
{
    private static readonly StudySchema Schema = new([new("days", VariableType.Integer, "days", null, [], 0, 5000), new("died", VariableType.Boolean, "died", null, [], null, null)]);

    private static string Canonical(string grid)
    {
        var faults = new List<Fault>();
        var plan = MethodList.Find("kaplan-meier")!.Plan(JsonDocument.Parse($$"""{"time":"days","event":"died","grid":{{grid}} }""").RootElement, Schema, faults);
        Assert.Empty(faults);
        return plan!.Sums.Canonical;
    }

    [Theory]
    [InlineData("""{"persons":400,"landmarks":[365,730,1825]}""", "[365,730,1095,1460,1825]")]
    [InlineData("""{"persons":100,"landmarks":[1825]}""", "[1825]")]
    [InlineData("""{"persons":800,"epsilon":0.5,"landmarks":[365,730],"to":1825}""", "[365,730,1095,1460,1825]")]
    [InlineData("""{"persons":250,"landmarks":[100]}""", "[33.333,66.667,100]")]
    [InlineData("""{"persons":1000000,"landmarks":[0.1]}""", "[0.01,0.02,0.03,0.04,0.05,0.06,0.07,0.08,0.09,0.1]")]
    public void Are_those_of_the_rule(string expected, string edges) => Assert.Equal(Canonical($$"""{"edges":{{edges}} }"""), Canonical(expected));

    /// <summary>Fewer persons or a smaller ε make it coarser, never finer, and it ends where it should.</summary>
    [Fact]
    public void Have_about_one_interval_for_eighty_persons()
    {
        for (var persons = 240; persons < 200_000; persons += 997)
        {
            var edges = JsonDocument.Parse(Canonical($$"""{"persons":{{persons}},"landmarks":[365,1095,1825]}""")).RootElement.GetProperty("grid").EnumerateArray().Select(e => e.GetDecimal()).ToList();
            Assert.Equal(Math.Min(1000, persons / 80), edges.Count);
            Assert.Equal(edges.Order(), edges);
            Assert.Empty(new decimal[] { 365, 1095, 1825 }.Except(edges));
            Assert.Equal(1825, edges[^1]);
        }
    }
}
