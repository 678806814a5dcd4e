using Consilience.Analyses.Association;
using Consilience.Analyses.Completeness;
using Consilience.Analyses.AssociationScan;
using Consilience.Analyses.Correlation;
using Consilience.Analyses.Count;
using Consilience.Analyses.Cox;
using Consilience.Analyses.CumulativeIncidence;
using Consilience.Analyses.Distribution;
using Consilience.Analyses.Glm;
using Consilience.Analyses.GroupedHazards;
using Consilience.Analyses.Histogram;
using Consilience.Analyses.Incidence;
using Consilience.Analyses.KaplanMeier;
using Consilience.Analyses.LogRank;
using Consilience.Analyses.MannWhitney;
using Consilience.Analyses.MetaAnalysis;
using Consilience.Analyses.Moments;
using Consilience.Analyses.NelsonAalen;
using Consilience.Analyses.NetSurvival;
using Consilience.Analyses.Risk;
using Consilience.Analyses.Rmst;
using Consilience.Analyses.Trend;

namespace Consilience.Analyses;

/// <summary>Every method the product knows. Adding one is a line here.</summary>
public static class MethodList
{
    public static IReadOnlyList<Method> All { get; } =
    [
        new CountMethod(), new CompletenessMethod(), new HistogramMethod(), new DistributionMethod(), new MomentsMethod(), new CorrelationMethod(), new PrincipalComponentsMethod(),
        new AssociationMethod(), new RiskMethod(), new TTestMethod(), new MannWhitneyMethod(), new IncidenceMethod(), new TrendMethod(),
        new KaplanMeierMethod(), new NelsonAalenMethod(), new LogRankMethod(), new CumulativeIncidenceMethod(), new RmstMethod(), new GroupedHazardsMethod(),
        new NetSurvivalMethod(),
        new GlmMethod(), new CoxMethod(), new MetaAnalysisMethod(), new AssociationScanMethod(),
    ];

    public static Method? Find(string name) => All.FirstOrDefault(m => m.Name == name);
}
