using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Parameters;
using Consilience.Analyses.Sums;

namespace Consilience.Analyses.LogRank;

/// <summary>
/// Whether survival differs between groups. Parameters: <c>time</c>, <c>event</c> and <c>grid</c> as in kaplan-meier, <c>by</c> the groups compared, <c>strata</c> within which
/// they are, <c>rho</c> (0: log-rank; 1: Peto and Peto's modification of the Wilcoxon test; as in R's <c>survdiff</c>), <c>sites</c> (pooled | strata: each site a stratum).
/// </summary>
internal sealed class LogRankMethod : Method
{
    public override string Name => "log-rank";

    public override string Summary => "Whether survival differs between groups: the log-rank test, weighted and stratified.";

    public override string Example => """
        time: edrel
        event: rel
        by: [histol]
        strata: [stage]
        grid: {from: 1, to: 6300, step: 1}
        """;

    public override IReadOnlyList<Parameter> Parameters { get; } =
    [
        Parameter.Time,
        Parameter.Event,
        Parameter.Axes("by", "Variables with codes, or {variable, edges}: the groups compared.", least: 1),
        Parameter.Strata,
        Parameter.Grid,
        Parameter.Number("rho", "Weight of early events: 0, the log-rank test, without; 1 for Peto and Peto's.", 0, 1),
        Parameter.Choice("sites", "Whether sites are pooled, or each is a stratum of its own; pooled without.", "pooled", "strata"),
    ];

    private protected override MethodPlan? Read(ParameterReader reader)
    {
        var (by, strata) = (Grouping.Read(reader), Grouping.Read(reader, "strata"));
        var exits = ExitTable.Read(reader, by.Then(strata, reader, "strata"), "by");
        var rho = reader.Number("rho", "a number from 0 to 1", required: false) ?? 0;
        if (by.Count < 2)
            reader.Add("by", "variables that make two groups or more", $"{by.Count} group", "name the groups to compare");
        if (rho is < 0 or > 1)
            reader.Add("rho", "a number from 0 to 1", $"{rho}", "write 0 for the log-rank test");
        var bySite = reader.Choice("sites", "pooled", "strata") == "strata";
        if (exits is null)
            return null;
        return bySite
            ? new SiteLogRankPlan(new SiteLogRankSums(exits, (int)by.Count, (int)strata.Count, (double)rho), by)
            : new LogRankPlan(exits, by, (int)strata.Count, (double)rho);
    }
}

/// <summary>Checked parameters of <see cref="LogRankMethod"/>. The table's groups: those compared, and within each the strata.</summary>
internal sealed class LogRankPlan(ExitTable exits, Grouping by, int strata, double rho) : MethodPlan(exits)
{
    public override string? ObjectionToNoise =>
        rho == 0 ? null : "its distribution is not known on noised counts when it is weighted; leave 'rho' out, or ask grouped-hazards";

    public override MethodResult Finish(ReadOnlySpan<long> total, NoiseModel noise, DisclosureRules rules)
    {
        var totals = new LogRankTotals((int)by.Count);
        for (var stratum = 0; stratum < strata; stratum++)
        {
            if (noise.IsExact)
                totals.Add(total, exits, stratum, strata, rho);
            else
                new NoisedStratum(exits, (int)by.Count, stratum, strata, noise).AddTo(totals, total);
        }

        return LogRankFinish.From(totals, by, rules);
    }
}

/// <summary>The same with each site a stratum.</summary>
internal sealed class SiteLogRankPlan(SiteLogRankSums sums, Grouping by) : MethodPlan(sums)
{
    public override string ObjectionToNoise => "a person changes the sums of a site by more than noise could hide; ask it with 'sites: pooled', or grouped-hazards";

    public override MethodResult Finish(ReadOnlySpan<long> total, NoiseModel noise, DisclosureRules rules) => LogRankFinish.From(sums.Read(total), by, rules);
}
