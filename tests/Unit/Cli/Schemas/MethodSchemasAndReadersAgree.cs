using System.Text.Json;
using System.Text.Json.Nodes;
using Consilience.Analyses;
using Consilience.Analyses.Parameters;
using Consilience.Analyses.Schema;
using Consilience.Cli.Examples;
using Consilience.Cli.Output;
using Consilience.Protocol.Agreements;

namespace Consilience.Cli.Tests.Schemas;

/// <summary>
/// What methods state of their parameters is what their readers read: the published schemas are made of it, take every example, and take and refuse what readers do when a value is left out, added or replaced.
/// </summary>
public sealed class MethodSchemasAndReadersAgree
{
    /// <summary>Parameters that examples leave out, so that these are spoilt too.</summary>
    private static readonly Dictionary<string, string> More = new(StringComparer.Ordinal)
    {
        ["risk"] = """{"event":"true","strata":["stage",{"variable":"age","edges":[12]}],"level":0.9}""",
        ["kaplan-meier"] = """{"grid":{"from":1,"to":100,"step":1}}""",
        ["nelson-aalen"] = """{"ties":"fleming-harrington","level":0.9}""",
        ["log-rank"] = """{"rho":1}""",
        ["restricted-mean"] = """{"level":0.9}""",
        ["cumulative-incidence"] = """{"confidence":{"level":0.9,"type":"log"}}""",
        ["principal-components"] = """{"of":"covariances"}""",
        ["glm"] = """{"family":"poisson","exposure":"edrel","per":365.25,"reference":{"stage":"2"},"level":0.9,"at":[0,0,0,0,0,0]}""",
        ["cox"] = """{"strata":["histol"],"formula":"Surv(edrel, rel) ~ stage","reference":{"stage":"2"},"level":0.9,"at":[0,0,0]}""",
        ["incidence"] = """{"reference":[1,2,3,4],"level":0.9}""",
    };

    private static IEnumerable<Method> Stated => MethodList.All.Where(m => m.Parameters.Count > 0);

    public static TheoryData<string> Methods => [.. Stated.Select(m => m.Name)];

    [Fact]
    public void Every_method_states_its_parameters() => Assert.Empty(MethodList.All.Except(Stated).Select(m => $"{m.Name}: override Parameters, then run eng/method-pages.sh {m.Name}"));

    [Fact]
    public void The_published_schemas_are_made_of_them()
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "schemas", "methods");
        Assert.Equal(Stated.Select(m => $"{m.Name}.schema.json").Order(StringComparer.Ordinal), Directory.EnumerateFiles(folder).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal));
        Assert.All(Stated, m => Assert.Equal(Json.Of((object)MethodSchema.Of(m)) + "\n", File.ReadAllText(Path.Combine(folder, $"{m.Name}.schema.json"))));
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void They_take_and_refuse_what_readers_do(string name)
    {
        var method = MethodList.Find(name)!;
        var schema = new PlainSchema(MethodSchema.Of(method));
        foreach (var document in new[] { WorkedExamples.ParametersOf(method), With(method) })
        {
            Assert.True(schema.Accepts(document), $"{document}");
            Assert.Empty(Faults(method, document));
            Assert.Empty(Disagreements(method, schema, document));
        }
    }

    /// <summary>The broken twins: a schema that lets anything be added, and one that wants one parameter more.</summary>
    [Theory]
    [MemberData(nameof(Methods))]
    public void A_schema_that_says_something_else_is_noticed(string name)
    {
        var method = MethodList.Find(name)!;
        var document = With(method);
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
        var method = MethodList.Find(name)!;
        foreach (var parameter in method.Parameters)
        {
            foreach (var type in parameter.Types.Count == 0 ? [] : Enum.GetValues<VariableType>().Where(t => t is not VariableType.Unspecified))
            {
                var isTaken = !Faults(method, Replaced(method, parameter.Name, $"a-{type}")).Any(f => f.Subject == $"{name}.{parameter.Name}" && f.Got.Contains("of type", StringComparison.Ordinal));
                Assert.True(isTaken == parameter.Types.Contains(type), $"{name}.{parameter.Name}: {type}");
            }

            Assert.All(parameter.Choices, c => Assert.DoesNotContain(Faults(method, Replaced(method, parameter.Name, c)), f => f.Subject == $"{name}.{parameter.Name}"));
        }
    }

    private static JsonObject Replaced(Method method, string parameter, string value)
    {
        var parameters = With(method);
        parameters[parameter] = value;
        return parameters;
    }

    private static JsonObject With(Method method)
    {
        var parameters = WorkedExamples.ParametersOf(method);
        foreach (var (key, value) in JsonNode.Parse(More.GetValueOrDefault(method.Name, "{}"))!.AsObject())
            parameters[key] = value?.DeepClone();
        return parameters;
    }

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
        fault.Got is "'%%'" or "'surplus'" || fault.Expected.StartsWith("one of ", StringComparison.Ordinal) || fault is { Got: "nothing", Subject: "risk.event" or "glm.event" }
        || (fault.Subject is "glm.exposure" or "glm.per" && fault.Expected == "a known parameter") || fault.Subject.EndsWith(".at", StringComparison.Ordinal) || fault.Subject.Split('[')[0] is "incidence.population" or "incidence.standard" or "incidence.reference"
        || fault.Subject is "restricted-mean.horizon" or "glm.formula" or "cox.formula" || (fault.Subject.EndsWith(".reference.surplus", StringComparison.Ordinal) && fault.Expected == "a known parameter");

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
            $"a-{t}", t, "", null, t == VariableType.Category ? [new("0", "0"), new("1", "1")] : [], t is VariableType.Integer or VariableType.Real ? 0 : null, t is VariableType.Integer or VariableType.Real ? 9 : null))]);
    }
}
