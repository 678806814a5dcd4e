using System.Text.Json;
using System.Text.Json.Nodes;
using Consilience.Analyses;
using Consilience.Analyses.Parameters;
using Consilience.Analyses.Schema;
using Consilience.Cli.Examples;
using Consilience.Cli.Output;
using Consilience.FederatedLearning;
using Consilience.Protocol.Agreements;

namespace Consilience.Cli.Tests.Schemas;

/// <summary>
/// What methods state of their parameters is what their readers read: the published schemas are made of it, take every example, and take and refuse what readers do when a value is left out, added or replaced.
/// </summary>
public sealed class MethodSchemasAndReadersAgree
{
    /// <summary>Parameters that examples leave out, so that these are spoilt too.</summary>
    private static readonly Dictionary<string, string[]> More = new(StringComparer.Ordinal)
    {
        ["risk"] = ["""{"event":"true","strata":["stage",{"variable":"age","edges":[12]}],"level":0.9}"""],
        ["kaplan-meier"] = [
            """{"grid":{"from":1,"to":100,"step":1}}""",
            """{"grid":{"persons":500,"landmarks":[365,730],"to":1826,"epsilon":0.5}}""",
        ],
        ["nelson-aalen"] = ["""{"ties":"fleming-harrington","level":0.9}"""],
        ["log-rank"] = ["""{"rho":1,"sites":"strata"}"""],
        ["restricted-mean"] = ["""{"level":0.9}"""],
        ["cumulative-incidence"] = ["""{"confidence":{"level":0.9,"type":"log"}}"""],
        ["principal-components"] = ["""{"of":"covariances"}"""],
        ["glm"] = [
            """{"family":"poisson","exposure":"edrel","per":365.25,"reference":{"stage":"2"},"level":0.9,"at":[0,0,0,0,0,0]}""",
            """{"family":"negative-binomial","exposure":"edrel","per":365.25}""",
        ],
        ["cox"] = [
            """{"strata":["histol"],"formula":"Surv(edrel, rel) ~ stage","sites":"strata","proportionality":"log","reference":{"stage":"2"},"level":0.9,"at":[0,0,0]}""",
            """{"sites":"pooled","grid":{"from":30,"to":900,"step":30},"proportionality":"km"}""",
        ],
        ["incidence"] = [
            """{"reference":[1,2,3,4],"level":0.9}""",
            """{"population":null,"time":"edrel","event":"rel","limits":"tiwari","baseline":"1"}""",
        ],
        ["completeness"] = ["""{"level":0.9}"""],
        ["histogram"] = ["""{"grid":{"edges":[0,12,24]},"level":0.9}"""],
        ["mann-whitney"] = ["""{"grid":{"from":12,"to":120,"step":12}}"""],
        ["trend"] = ["""{"years":[1,3,5,8],"level":0.9}"""],
        ["net-survival"] = ["""{"period":{"from":"2012-01-01","to":"2016-12-31"},"largestWeight":50,"level":0.9}"""],
        ["meta-analysis"] = ["""{"method":"glm","model":{"formula":"rel ~ stage","family":"binomial"},"level":0.9,"at":[0,0,0]}"""],
        ["association-scan"] = ["""{"formula":"relapse ~ sex","event":"true","reference":{"sex":"m"},"at":[0,0]}"""],
        ["training-round"] = [
            """{"model":{"inputs":["stage",{"variable":"histol","embedding":2},{"variable":"age","centre":40,"scale":30}],"layers":[{"dense":4},"relu",{"residual":[{"dense":4},"tanh"]},{"dropout":0.5}],"head":"logistic","outcome":"rel"},"weights":{"sha256":"0000000000000000000000000000000000000000000000000000000000000000"},"local":{"steps":10,"batch":8,"optimiser":"sgd","rate":0.1,"momentum":0.9,"proximal":0.1,"clip":2,"seed":7},"bits":8,"weighting":"patients","patients":500,"control":"attached"}""",
            """{"local":null,"bits":10,"patients":600}""",
            """{"local":{"unit":"person","steps":3,"batch":4,"rate":0.1,"rows":16},"bits":10,"patients":600,"counted":4}""",
        ],
        ["model-evaluation"] = [
            """{"model":{"inputs":["age"],"head":"cox","outcome":"rel","time":"edrel"},"weights":"AACAPw==","edges":[365,730],"level":0.9}""",
            """{"model":{"kind":"trees","inputs":[{"variable":"age","edges":[12,48]},"histol"],"head":"logistic","outcome":"rel"},"weights":{"base":0,"trees":[[[0,1,0],-0.5,[1,0,1],0.25,1]]}}""",
        ],
        ["tree-histograms"] = [
            """{"model":{"kind":"trees","inputs":[{"variable":"age","grid":{"from":12,"to":96,"step":12}},{"variable":"stage","order":"schema"},"histol"],"head":"linear","outcome":"edrel"},"ensemble":{"base":0.5,"trees":[[0.25]]},"tree":[[1,2,1],0.5,[]],"features":["age","histol"],"bits":20}""",
            """{"ensemble":{"sha256":"0000000000000000000000000000000000000000000000000000000000000000","size":100}}""",
        ],
    };

    /// <summary>What the schema cannot tell: lengths that follow from other parameters, formulas, bytes.</summary>
    private static readonly string[] Meanings = [".at", ".formula", ".weights", ".ensemble", ".tree", ".control", ".standard", "incidence.reference"];

    /// <summary>Required beside what others say.</summary>
    private static readonly string[] Beside = ["risk.event", "glm.event", "incidence.event", "cox.grid", "model-evaluation.edges", "model-evaluation.model.time", "model-evaluation.model.inputs[0].edges", "tree-histograms.model.inputs[0].edges"];

    /// <summary>Known only beside others.</summary>
    private static readonly string[] Alone =
    [
        "glm.exposure", "glm.per", "cox.grid", "incidence.event", "incidence.population", "training-round.control", "model-evaluation.edges", "model-evaluation.model.time",
    ];

    public static TheoryData<string> Methods => [.. KnownMethods.All.Select(m => m.Name)];

    [Fact]
    public void Every_method_states_its_parameters() => Assert.Empty(KnownMethods.All.Where(m => m.Parameters.Count == 0).Select(m => $"{m.Name}: override Parameters, then run eng/method-pages.sh {m.Name}"));

    [Fact]
    public void The_published_schemas_are_made_of_them()
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "schemas", "methods");
        Assert.Equal(KnownMethods.All.Select(m => $"{m.Name}.schema.json").Order(StringComparer.Ordinal), Directory.EnumerateFiles(folder).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal));
        Assert.All(KnownMethods.All, m => Assert.Equal(Json.Of((object)MethodSchema.Of(m)) + "\n", File.ReadAllText(Path.Combine(folder, $"{m.Name}.schema.json"))));
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void They_take_and_refuse_what_readers_do(string name)
    {
        var method = KnownMethods.Find(name)!;
        var schema = new PlainSchema(MethodSchema.Of(method));
        foreach (var document in Documents(method))
        {
            Assert.True(schema.Accepts(document), $"{document}");
            Assert.Equal([], Faults(method, document));
            Assert.Equal([], Disagreements(method, schema, document));
        }
    }

    /// <summary>The broken twins: a schema that lets anything be added, and one that wants one parameter more.</summary>
    [Theory]
    [MemberData(nameof(Methods))]
    public void A_schema_that_says_something_else_is_noticed(string name)
    {
        var method = KnownMethods.Find(name)!;
        var document = Documents(method)[^1];
        var (open, narrow) = (MethodSchema.Of(method), MethodSchema.Of(method));
        open["additionalProperties"] = true;
        narrow["required"]!.AsArray().Add("surplus");
        Assert.NotEmpty(Disagreements(method, new PlainSchema(open), document));
        Assert.False(new PlainSchema(narrow).Accepts(document));
    }

    /// <summary>Types and choices are tried one by one: a variable of each type, and each word.</summary>
    [Theory]
    [MemberData(nameof(Methods))]
    public void Types_and_choices_are_those_that_are_taken(string name)
    {
        var method = KnownMethods.Find(name)!;
        foreach (var parameter in method.Parameters)
        {
            foreach (var type in parameter.Types.Count == 0 ? [] : Enum.GetValues<VariableType>().Where(t => t is not VariableType.Unspecified))
            {
                var isTaken = !Replaced(method, parameter.Name, $"a-{type}").SelectMany(d => Faults(method, d)).Any(f => f.Subject == $"{name}.{parameter.Name}" && f.Got.Contains("of type", StringComparison.Ordinal));
                Assert.True(isTaken == parameter.Types.Contains(type), $"{name}.{parameter.Name}: {type}");
            }

            Assert.All(parameter.Choices, c => Assert.Contains(Replaced(method, parameter.Name, c), d => !Faults(method, d).Any(f => f.Subject == $"{name}.{parameter.Name}")));
        }
    }

    private static IEnumerable<JsonObject> Replaced(Method method, string parameter, string value) => Documents(method).Select(document =>
    {
        document[parameter] = value;
        return document;
    });

    /// <summary>The example, and it with each of <see cref="More"/>, where null takes a parameter away.</summary>
    private static List<JsonObject> Documents(Method method) => [WorkedExamples.ParametersOf(method), .. More.GetValueOrDefault(method.Name, []).Select(more =>
    {
        var parameters = WorkedExamples.ParametersOf(method);
        foreach (var (key, value) in JsonNode.Parse(more)!.AsObject())
        {
            if (value is null)
                parameters.Remove(key);
            else
                parameters[key] = value.DeepClone();
        }

        return parameters;
    })];

    private static List<string> Disagreements(Method method, PlainSchema schema, JsonObject document)
    {
        var found = new List<string>();
        foreach (var (what, changed) in Spoil.Every(document))
        {
            var (accepted, faults) = (schema.Accepts(changed), Faults(method, changed));

            // What the reader takes the schema has to take. The schema may take more where only a study's variables and their codes, or one parameter beside another, tell; other faults follow from such a one.
            if (accepted != (faults.Count == 0) && !(accepted && faults.Exists(IsAboutMeaning)))
                found.Add($"{what}: schema {(accepted ? "takes" : "refuses")}, reader says {string.Join("; ", faults)}");
        }

        return found;
    }

    private static bool IsAboutMeaning(Fault fault) =>
        fault.Got is "'%%'" or "'surplus'" || fault.Expected.StartsWith("one of ", StringComparison.Ordinal) || Meanings.Any(m => fault.Subject.EndsWith(m, StringComparison.Ordinal))
        || (fault.Got == "nothing" && Beside.Contains(fault.Subject)) || (fault.Expected == "a known parameter" && (Alone.Contains(fault.Subject) || fault.Subject.EndsWith(".reference.surplus", StringComparison.Ordinal)))
        || fault.Subject.Split('[')[0] is "incidence.population" or "trend.population" or "trend.years" || fault.Subject is "restricted-mean.horizon" or "net-survival.lifeTable" or "training-round.local.epochs" or "training-round.local.rows";

    private static List<Fault> Faults(Method method, JsonNode parameters)
    {
        var faults = new List<Fault>();
        method.Plan(JsonSerializer.SerializeToElement(parameters), SchemaOf(method), faults);
        return faults;
    }

    /// <summary>The sample's, with a variable of each type besides.</summary>
    private static StudySchema SchemaOf(Method method)
    {
        var sample = StudyReader.Read(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "samples", method.Sample, "study.yaml")), null).Schema;
        return new StudySchema([.. sample.Variables, .. Enum.GetValues<VariableType>().Where(t => t is not VariableType.Unspecified).Select(t => new Variable(
            $"a-{t}", t, "", null, t == VariableType.Category ? [new("0", "0"), new("1", "1")] : [], t is VariableType.Integer or VariableType.Real ? 0 : null, t is VariableType.Integer or VariableType.Real ? 9 : null))], sample.LifeTables, sample.Panels);
    }
}
