using System.Text.Json.Nodes;
using Consilience.Analyses.Schema;
using Consilience.Client.Analyse;
using Consilience.Client.Train;
using Consilience.Connectors.Mapping;
using Consilience.Protocol.Agreements;
using Consilience.Protocol.Policy;
using Consilience.Protocol.Yaml;

namespace Consilience.Cli.Tests.Schemas;

/// <summary>
/// The published schemas and the program's own readers take the same documents: the samples, and refuse the same: the samples with any key left out, any key added, or any
/// value replaced by one of another shape.
/// </summary>
public sealed class SchemasAndReadersAgree
{
    private static readonly string Samples = Path.Combine(AppContext.BaseDirectory, "samples", "wilms");

    /// <summary>What stands under these is a method's own affair.</summary>
    private static readonly string[] Open = ["parameters", "model", "local", "inputs", "personal", "fineTune"];

    public static TheoryData<string, string> Documents => new() { { "study", "study.yaml" }, { "study", "../images/study.yaml" }, { "policy", "policy.yaml" }, { "mapping", "mapping.yaml" }, { "request", "requests.yaml" }, { "request", "programme.yaml" }, { "training", "../heart/fedadam.yaml" }, { "training", "../heart/trees.yaml" }, { "training", "../plan.yaml" } };

    [Theory]
    [MemberData(nameof(Documents))]
    public void On_the_sample_and_on_every_way_to_spoil_it(string kind, string sample)
    {
        var schema = PlainSchema.Of(Path.Combine(AppContext.BaseDirectory, "schemas", $"{kind}.schema.json"));
        var document = Json(File.ReadAllText(Path.Combine(Samples, sample)));
        Assert.True(schema.Accepts(document));
        Assert.Null(Fault(kind, document));
        var disagreements = new List<string>();
        var spoilt = Spoil.Every(document, Open).ToList();
        foreach (var (what, changed) in spoilt)
        {
            var (accepted, fault) = (schema.Accepts(changed), Fault(kind, changed));

            // What the reader takes the schema has to take. The schema may take more: it cannot see whether one part of a document fits another.
            if (accepted != (fault is null) && !(accepted && IsAboutMeaning(fault!)))
                disagreements.Add($"{what}: schema {(accepted ? "takes" : "refuses")}, reader says {fault ?? "nothing"}");
        }

        Assert.True(spoilt.Count > 30, $"{spoilt.Count} ways");
        Assert.True(disagreements.Count == 0, string.Join("\n", disagreements));
    }

    /// <summary>The broken twin: a schema that lost one rule is noticed.</summary>
    [Theory]
    [MemberData(nameof(Documents))]
    public void A_schema_without_one_of_its_rules_is_noticed(string kind, string sample)
    {
        var text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "schemas", $"{kind}.schema.json"));
        var twin = new PlainSchema(JsonNode.Parse(text.Replace("\"additionalProperties\": false", "\"additionalProperties\": true", StringComparison.Ordinal))!.AsObject());
        var document = Json(File.ReadAllText(Path.Combine(Samples, sample)));
        Assert.Contains(Spoil.Every(document, Open), s => twin.Accepts(s.Changed) && Fault(kind, s.Changed) is { } fault && !IsAboutMeaning(fault));
    }

    /// <summary>Faults that only a reader can find, because they lie between parts of the document or between it and another.</summary>
    private static bool IsAboutMeaning(string fault) =>
        new[] { "which does not", "a word of 'each'", "words of the file's 'values'", "in a text", "each name once", "expected a column, got nothing", "a code of " }.Any(m => fault.Contains(m, StringComparison.Ordinal));

    private static string? Fault(string kind, JsonNode document)
    {
        var text = document.ToJsonString();
        try
        {
            _ = kind switch
            {
                "study" => (object)StudyReader.Read(text, null),
                "policy" => SitePolicy.Read(text),
                "request" => QuestionReader.Read(text),
                "training" => TrainingPlanReader.Read(text),
                _ => MappingReader.Read(text.Replace("data.csv", "nwtco.csv", StringComparison.Ordinal), Samples, StudyReader.Read(File.ReadAllText(Path.Combine(Samples, "study.yaml")), null).Schema),
            };
            return null;
        }
        catch (FaultyInputException e)
        {
            return e.Message;
        }
    }

    private static JsonObject Json(string yaml)
    {
        var root = YamlDocument.Parse(yaml).Root;
        return new JsonObject(root.Keys.ToList().Select(k => KeyValuePair.Create<string, JsonNode?>(k, JsonNode.Parse(root.Json(k, "anything", required: true)!.Value.GetRawText()))));
    }
}
