using System.Text.Json;
using Consilience.Analyses.Schema;

namespace Consilience.Analyses.Tests;

/// <summary>Each method's parameters are checked completely: what does not fit is named, and no plan is made of it; nothing written makes one throw.</summary>
public sealed class ParametersOfMethods
{
    private static readonly StudySchema Schema = new(
    [
        new("arm", VariableType.Category, "arm", null, [new("a", "a"), new("b", "b"), new("c", "c")], null, null), new("age", VariableType.Integer, "age", "years", [], 0, 120),
        new("months", VariableType.Integer, "months", null, [], 0, 100), new("dose", VariableType.Real, "dose", null, [], 0, 100), new("died", VariableType.Boolean, "died", null, [], null, null),
        new("diagnosed", VariableType.Date, "diagnosed", null, [], null, null),
    ],
    [new AgreedLifeTable("people", new string('0', 64), ["arm"])],
    [new("array", "array", 1000, new string('0', 64)), new("large", "large", 2_000_000, new string('1', 64))]);

    private const string Relative = """ "time":"months","event":"died","age":"age","diagnosed":"diagnosed" """;

    private static List<Fault> Faults(string method, string parameters)
    {
        var faults = new List<Fault>();
        var plan = MethodList.Find(method)!.Plan(JsonDocument.Parse(parameters).RootElement, Schema, faults);
        Assert.Equal(plan is null, faults.Count > 0);
        return faults;
    }

    [Theory]
    [InlineData("distribution", """{"variable":"dose"}""", "distribution.variable")]
    [InlineData("distribution", """{"variable":"age","quantiles":[0.5,2]}""", "distribution.quantiles")]
    [InlineData("completeness", """{"variables":[]}""", "completeness.variables")]
    [InlineData("completeness", """{"variables":["sex"]}""", "completeness.variables[0]")]
    [InlineData("completeness", """{"variables":["age","age"]}""", "completeness.variables[1]")]
    [InlineData("completeness", """{"variables":["arm"],"by":["arm"]}""", "completeness.variables[0]")]
    [InlineData("histogram", """{"variable":"arm","grid":{"edges":[1,2]}}""", "histogram.variable")]
    [InlineData("histogram", """{"variable":"age","grid":{"edges":[1]}}""", "histogram.grid")]
    [InlineData("histogram", """{"variable":"age"}""", "histogram.grid")]
    [InlineData("histogram", """{"variable":"age","grid":{"edges":[1,2]},"quantiles":[2]}""", "histogram.quantiles")]
    [InlineData("histogram", """{"variable":"age","grid":{"edges":[1,2]},"by":[{"variable":"age","edges":[5]}]}""", "histogram.by")]
    [InlineData("mann-whitney", """{"variable":"dose","by":["died"]}""", "mann-whitney.variable")]
    [InlineData("mann-whitney", """{"variable":"age","by":["arm"]}""", "mann-whitney.by")]
    [InlineData("mann-whitney", """{"variable":"age","by":["died"],"grid":{"edges":[2,1]}}""", "mann-whitney.grid")]
    [InlineData("association", """{"rows":"arm","columns":"arm"}""", "association.columns")]
    [InlineData("association", """{"rows":"arm"}""", "association.columns")]
    [InlineData("risk", """{"outcome":"arm","exposure":"died"}""", "risk.event")]
    [InlineData("risk", """{"outcome":"died","exposure":"arm","reference":"z"}""", "risk.reference")]
    [InlineData("risk", """{"outcome":"died","exposure":"died"}""", "risk.exposure")]
    [InlineData("risk", """{"outcome":"died","exposure":"arm","strata":["arm"]}""", "risk.strata")]
    [InlineData("incidence", """{"age":{"variable":"age","edges":[4,9]},"population":[1,2]}""", "incidence.population[0]")]
    [InlineData("incidence", """{"age":{"variable":"age","edges":[4,9]},"by":["arm"],"population":[[1,2,3]]}""", "incidence.population")]
    [InlineData("incidence", """{"age":{"variable":"age","edges":[4,10]},"population":[1,2,3],"standard":"segi"}""", "incidence.standard")]
    [InlineData("incidence", """{"age":{"variable":"age","edges":[4,9]},"population":[1,2,3],"per":0}""", "incidence.per")]
    [InlineData("incidence", """{"age":{"variable":"age","edges":[4,9]}}""", "incidence.population")]
    [InlineData("incidence", """{"age":{"variable":"age","edges":[4,9]},"population":[1,2,3],"limits":"exact"}""", "incidence.limits")]
    [InlineData("incidence", """{"age":{"variable":"age","edges":[4,9]},"by":["arm"],"population":[[1,2,3],[1,2,3],[1,2,3]],"baseline":"z"}""", "incidence.baseline")]
    [InlineData("incidence", """{"age":{"variable":"age","edges":[4,9]},"population":[1,2,3],"baseline":"a"}""", "incidence.baseline")]
    [InlineData("incidence", """{"age":{"variable":"age","edges":[4,9]},"time":"months"}""", "incidence.event")]
    [InlineData("incidence", """{"age":{"variable":"age","edges":[4,9]},"time":"dose","event":"died"}""", "incidence.time")]
    [InlineData("incidence", """{"age":{"variable":"age","edges":[4,9]},"time":"age","event":"died"}""", "incidence.by")]
    [InlineData("incidence", """{"age":{"variable":"age","edges":[4,9]},"time":"months","event":"died","population":[1,2,3]}""", "incidence.population")]
    [InlineData("trend", """{"period":"died","age":"arm","population":[[1,1,1],[1,1,1]],"years":[1,2]}""", "trend.period")]
    [InlineData("trend", """{"period":"arm","age":"died","population":[[1,1],[1,1],[1,1]]}""", "trend.years")]
    [InlineData("trend", """{"period":"arm","age":"died","population":[[1,1],[1,1],[1,1]],"years":[1,2,2]}""", "trend.years")]
    [InlineData("trend", """{"period":"arm","age":"arm","population":[[1,1,1],[1,1,1],[1,1,1]],"years":[1,2,3]}""", "trend.age")]
    [InlineData("trend", """{"period":{"variable":"age","edges":[40,80]},"age":"died","population":[[1,1],[1,1]]}""", "trend.population")]
    [InlineData("trend", """{"period":{"variable":"age","edges":[40,200]},"age":"died","population":[[1,1],[1,1],[1,1]]}""", "trend.years")]
    [InlineData("log-rank", """{"time":"months","event":"died","grid":{"edges":[1]}}""", "log-rank.by")]
    [InlineData("log-rank", """{"time":"months","event":"died","by":["arm"],"rho":2,"grid":{"edges":[1]}}""", "log-rank.rho")]
    [InlineData("log-rank", """{"time":"months","event":"died","by":["died"],"grid":{"edges":[1]}}""", "log-rank.by")]
    [InlineData("restricted-mean", """{"time":"months","event":"died","grid":{"edges":[12,24]},"horizon":36}""", "restricted-mean.horizon")]
    [InlineData("restricted-mean", """{"time":"months","event":"died","grid":{"edges":[-1,24]},"horizon":12}""", "restricted-mean.grid")]
    [InlineData("grouped-hazards", """{"time":"months","event":"died","grid":{"edges":[12]}}""", "grouped-hazards.by")]
    [InlineData("grouped-hazards", """{"time":"months","event":"died","by":["arm"],"reference":{"arm":"z"},"grid":{"edges":[12]}}""", "grouped-hazards.reference.arm")]
    [InlineData("grouped-hazards", """{"time":"months","event":"died","by":["arm"],"reference":{"sex":"z"},"grid":{"edges":[12]}}""", "grouped-hazards.reference.sex")]
    [InlineData("risk", """{"outcome":"died","exposure":"arm","level":1}""", "risk.level")]
    [InlineData("glm", """{"formula":"died arm"}""", "glm.formula")]
    [InlineData("glm", """{"formula":"died ~ arm + sex"}""", "glm.formula")]
    [InlineData("glm", """{"formula":"died ~ arm + "}""", "glm.formula")]
    [InlineData("glm", """{"formula":"died ~ died"}""", "glm.formula")]
    [InlineData("glm", """{"formula":"died ~ score(dose)"}""", "glm.formula")]
    [InlineData("glm", """{"formula":"died ~ cut(arm, 1)"}""", "glm.formula")]
    [InlineData("glm", """{"formula":"died ~ cut(age, 2, 1)"}""", "glm.formula")]
    [InlineData("glm", """{"formula":"age ~ arm"}""", "glm.formula")]
    [InlineData("glm", """{"formula":"arm ~ age"}""", "glm.event")]
    [InlineData("glm", """{"formula":"dose ~ arm","family":"poisson"}""", "glm.formula")]
    [InlineData("glm", """{"formula":"died ~ arm","family":"gamma"}""", "glm.family")]
    [InlineData("glm", """{"formula":"died ~ arm","exposure":"months"}""", "glm.exposure")]
    [InlineData("glm", """{"formula":"died ~ arm","family":"poisson","per":0}""", "glm.per")]
    [InlineData("glm", """{"formula":"died ~ arm","reference":{"arm":"z"}}""", "glm.reference.arm")]
    [InlineData("glm", """{"formula":"died ~ arm","at":[1,2]}""", "glm.at")]
    [InlineData("cox", """{"formula":"died ~ arm"}""", "cox.formula")]
    [InlineData("cox", """{"formula":"Surv(dose, died) ~ arm"}""", "cox.formula")]
    [InlineData("cox", """{"formula":"Surv(months, arm) ~ age"}""", "cox.formula")]
    [InlineData("cox", """{"formula":"Surv(months, died) ~ months"}""", "cox.formula")]
    [InlineData("cox", """{"formula":"Surv(months, died) ~ arm","strata":["arm"]}""", "cox.formula")]
    [InlineData("cox", """{"formula":"Surv(months, died) ~ age","strata":[{"variable":"dose","edges":[1]}]}""", "cox.strata")]
    [InlineData("cox", """{"formula":"Surv(months, died) ~ age","ties":"exact"}""", "cox.ties")]
    [InlineData("cox", """{"formula":"Surv(months, died) ~ age","at":[40]}""", "cox.at")]
    [InlineData("glm", """{"formula":"died ~ arm","at":[1,2,31]}""", "glm.at")]
    [InlineData("glm", """{"formula":"dose ~ arm","family":"negative-binomial"}""", "glm.formula")]
    [InlineData("glm", """{"formula":"age ~ arm","family":"negative-binomial","at":[1,2,3]}""", "glm.at")]
    [InlineData("meta-analysis", """{"method":"glm"}""", "meta-analysis.model")]
    [InlineData("meta-analysis", """{"method":"risk","model":{"formula":"died ~ arm"}}""", "meta-analysis.method")]
    [InlineData("meta-analysis", """{"model":{"formula":"died ~ sex"}}""", "meta-analysis.model.formula")]
    [InlineData("meta-analysis", """{"model":{"formula":"died ~ arm","ties":"efron"}}""", "meta-analysis.model.ties")]
    [InlineData("meta-analysis", """{"method":"cox","model":{"formula":"died ~ arm"}}""", "meta-analysis.model.formula")]
    [InlineData("meta-analysis", """{"model":{"formula":"died ~ arm"},"at":[0]}""", "meta-analysis.at")]
    [InlineData("moments", """{"variable":"arm"}""", "moments.variable")]
    [InlineData("moments", """{"variable":"age","by":[{"variable":"dose","edges":[1]}]}""", "moments.by")]
    [InlineData("t-test", """{"variable":"age","by":["arm"]}""", "t-test.by")]
    [InlineData("t-test", """{"variable":"age"}""", "t-test.by")]
    [InlineData("correlation", """{"variables":["age"]}""", "correlation.variables")]
    [InlineData("correlation", """{"variables":["age","age"]}""", "correlation.variables[1]")]
    [InlineData("correlation", """{"variables":["age","arm"]}""", "correlation.variables[1]")]
    [InlineData("principal-components", """{"variables":["age","dose"],"of":"ranks"}""", "principal-components.of")]
    [InlineData("nelson-aalen", """{"time":"months","event":"died","grid":{"edges":[1]},"ties":"efron"}""", "nelson-aalen.ties")]
    [InlineData("cumulative-incidence", """{"time":"months","event":"died","grid":{"edges":[1]}}""", "cumulative-incidence.event")]
    [InlineData("cumulative-incidence", """{"time":"months","event":"arm","grid":{"edges":[1]}}""", "cumulative-incidence.censored")]
    [InlineData("cumulative-incidence", """{"time":"months","event":"arm","censored":"z","grid":{"edges":[1]}}""", "cumulative-incidence.censored")]
    [InlineData("cumulative-incidence", """{"time":"months","event":"arm","censored":"a","by":["arm"],"grid":{"edges":[1]}}""", "cumulative-incidence.by")]
    [InlineData("association-scan", """{"formula":"died ~ arm"}""", "association-scan.panel")]
    [InlineData("association-scan", """{"panel":"arry","formula":"died ~ arm"}""", "association-scan.panel")]
    [InlineData("association-scan", """{"panel":"large","formula":"died ~ arm"}""", "association-scan.panel")]
    [InlineData("association-scan", """{"panel":"array","formula":"died ~ arm","family":"poisson"}""", "association-scan.family")]
    [InlineData("association-scan", """{"panel":"array","formula":"arm ~ age"}""", "association-scan.event")]
    [InlineData("association-scan", """{"panel":"array","formula":"died ~ arm","at":[1]}""", "association-scan.at")]
    [InlineData("log-rank", """{"time":"months","event":"died","by":["arm"],"sites":"each","grid":{"edges":[1]}}""", "log-rank.sites")]
    [InlineData("cox", """{"formula":"Surv(months, died) ~ age","sites":"pooled"}""", "cox.grid")]
    [InlineData("cox", """{"formula":"Surv(months, died) ~ age","grid":{"edges":[1]}}""", "cox.grid")]
    [InlineData("cox", """{"formula":"Surv(months, died) ~ age","sites":"pooled","strata":["arm"],"grid":{"edges":[1]}}""", "cox.strata")]
    [InlineData("cox", """{"formula":"Surv(months, died) ~ age","sites":"pooled","proportionality":"log","grid":{"edges":[0,1]}}""", "cox.grid")]
    [InlineData("cox", """{"formula":"Surv(months, died) ~ age","proportionality":"km"}""", "cox.sites")]
    [InlineData("net-survival", $$"""{ {{Relative}},"lifeTable":"peoples","grid":{"edges":[1]} }""", "net-survival.lifeTable")]
    [InlineData("net-survival", $$"""{ {{Relative}},"lifeTable":"people","grid":{"edges":[0,1]} }""", "net-survival.grid")]
    [InlineData("net-survival", $$"""{ {{Relative}},"lifeTable":"people","grid":{"edges":[1.5]} }""", "net-survival.grid")]
    [InlineData("net-survival", $$"""{ {{Relative}},"lifeTable":"people","by":[{"variable":"dose","edges":[1]}],"grid":{"edges":[1]} }""", "net-survival.by")]
    [InlineData("net-survival", $$"""{ {{Relative}},"lifeTable":"people","largestWeight":0.5,"grid":{"edges":[1]} }""", "net-survival.largestWeight")]
    [InlineData("net-survival", $$"""{ {{Relative}},"lifeTable":"people","period":{"from":"2020-02-30","to":"2021-01-01"},"grid":{"edges":[1]} }""", "net-survival.period.from")]
    [InlineData("net-survival", $$"""{ {{Relative}},"lifeTable":"people","period":{"from":"2022-01-01","to":"2021-01-01"},"grid":{"edges":[1]} }""", "net-survival.period.to")]
    [InlineData("net-survival", """{"time":"months","event":"died","age":"age","diagnosed":"age","lifeTable":"people","grid":{"edges":[1]}}""", "net-survival.diagnosed")]
    [InlineData("kaplan-meier", """{"time":"months","event":"died","grid":{"persons":99,"landmarks":[12]}}""", "kaplan-meier.grid.persons")]
    [InlineData("kaplan-meier", """{"time":"months","event":"died","grid":{"persons":500,"epsilon":0.1,"landmarks":[12]}}""", "kaplan-meier.grid.persons")]
    [InlineData("kaplan-meier", """{"time":"months","event":"died","grid":{"persons":200,"landmarks":[12,24,36]}}""", "kaplan-meier.grid.landmarks")]
    [InlineData("kaplan-meier", """{"time":"months","event":"died","grid":{"persons":200,"landmarks":[12],"to":6}}""", "kaplan-meier.grid.landmarks")]
    [InlineData("kaplan-meier", """{"time":"months","event":"died","grid":{"persons":200,"epsilon":0,"landmarks":[12]}}""", "kaplan-meier.grid.epsilon")]
    public void A_fault_is_named(string method, string parameters, string place) => Assert.Contains(Faults(method, parameters), f => f.ToString().StartsWith(place, StringComparison.Ordinal));

    public static TheoryData<string> Methods => [.. MethodList.All.Select(m => m.Name)];

    [Theory]
    [MemberData(nameof(Methods))]
    public void Whatever_is_written_is_answered_with_faults(string method)
    {
        string[] values = ["null", "1", "-1e300", "\"arm\"", "[]", "{}", "[[]]", "[null]", "true", """[{"variable":"age","edges":[1,1]}]""", """{"variable":"age","edges":[]}""", "\"NaN\""];
        string[] keys = ["time", "event", "by", "grid", "strata", "rows", "columns", "outcome", "exposure", "variable", "quantiles", "age", "population", "standard", "reference", "per", "level", "horizon", "rho", "formula", "family", "per", "at", "variables", "of", "ties", "censored", "confidence", "panel", "sites", "proportionality", "diagnosed", "lifeTable", "period", "limits", "baseline", "years", "model", "largestWeight"];
        foreach (var key in keys)
        {
            foreach (var value in values)
                Faults(method, $$"""{"{{key}}":{{value}} }""");
        }

        Assert.NotEmpty(Faults(method, "[]"));
    }
}
