using Consilience.Analyses;

namespace Consilience.Connectors.Tests;

/// <summary>R's survival::survfit on the pooled file at every distinct day, to ten digits; vectors/kaplan-meier/compute.R makes the figures.</summary>
public sealed class CurvesEqualTheReference
{
    [Fact]
    public void Overall_at_every_day()
    {
        using var data = Wilms.Open();
        var curve = Asked.Ask(data, "kaplan-meier", """{"time": "edrel", "event": "rel", "grid": {"from": 1, "to": 6300, "step": 1}}""").Groups.Single().Curve!;
        var compared = Compare("nwtco-overall.csv", _ => curve);
        Assert.True(compared > 2_000, $"{compared} days");
    }

    [Fact]
    public void By_histology_at_every_day()
    {
        using var data = Wilms.Open();
        var groups = Asked.Ask(data, "kaplan-meier", """{"time": "edrel", "event": "rel", "by": ["histol"], "grid": {"from": 1, "to": 6300, "step": 1}}""").Groups;
        var compared = Compare("nwtco-histology.csv", group => groups.Single(g => g.Key["histol"] == group).Curve!);
        Assert.True(compared > 2_000, $"{compared} days");
    }

    private static int Compare(string file, Func<string, IReadOnlyList<CurvePoint>> curveOf)
    {
        var compared = 0;
        foreach (var line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "vectors", "kaplan-meier", file)).Skip(1))
        {
            var fields = line.Split(',');
            var point = curveOf(fields[0])[int.Parse(fields[1]) - 1];
            Assert.Equal(string.Join(",", fields[1..5]), string.Join(",", $"{point.Time}", $"{point.AtRisk}", $"{point.Events}", $"{point.Censored}"));
            AssertTenDigits(fields[5], point.Survival);
            AssertTenDigits(fields[6], point.StandardError);
            AssertTenDigits(fields[7], point.Lower);
            AssertTenDigits(fields[8], point.Upper);
            compared++;
        }

        return compared;
    }

    private static void AssertTenDigits(string reference, double? value)
    {
        if (reference is "NA" or "NaN")
        {
            Assert.Null(value);
            return;
        }

        var expected = double.Parse(reference);
        Assert.InRange(value!.Value, expected - (Math.Abs(expected) * 5e-11), expected + (Math.Abs(expected) * 5e-11));
    }
}
