using System.Text.Json;
using System.Text.Json.Nodes;
using Consilience.Analyses.Schema;
using Consilience.FederatedLearning.Models;
using Consilience.Protocol.Agreements;
using Consilience.Protocol.Yaml;
using AgreedStudy = Consilience.Protocol.Agreements.Study;

namespace Consilience.Client.Train;

/// <summary>
/// <c>model.yaml</c>: a model's declaration, and of the study's schema the variables it reads, so that whoever holds the folder knows what goes in and what comes out.
/// </summary>
public sealed record ModelFile(DeclaredModel Model, StudySchema Schema)
{
    /// <summary>Variables in the schema's order, by which a declaration may name them.</summary>
    internal static string Write(Course course, AgreedStudy study)
    {
        var variables = YamlDocument.Parse(study.Text).Root.Object("schema", "variables")?.Object("variables", "variables") ?? throw new ArgumentException("study: has no schema", nameof(study));
        var names = course.Declared.Variables.ToHashSet(StringComparer.Ordinal);
        var declared = study.Schema.Variables.Where(v => names.Contains(v.Name)).Select(v => v.Series ?? v.Name).Distinct();
        var read = new JsonObject(declared.Select(v => KeyValuePair.Create(v, study.Schema.Find(v) is { IsSite: true } site ? Listed(site) : JsonNode.Parse(variables.Json(v, "a variable", required: true)!.Value.GetRawText()))));
        return PlainYaml.Of(JsonSerializer.SerializeToElement(new JsonObject
        {
            ["name"] = course.Plan.Name, ["model"] = JsonNode.Parse(course.Plan.Model.GetRawText()), ["schema"] = new JsonObject { ["variables"] = read },
        }));
    }

    /// <summary>The variable of sites, which a file has no study to take from, as a category of them.</summary>
    private static JsonNode? Listed(Variable site) =>
        JsonSerializer.SerializeToNode(new { type = "category", label = site.Label, codes = site.Codes.ToDictionary(c => c.Code, c => c.Label) });

    /// <exception cref="FaultyInputException">The document has faults; all are listed.</exception>
    public static ModelFile Read(string text, string? file = null)
    {
        var document = YamlDocument.Parse(text, file);
        var root = document.Root;
        ModelFile? read = null;
        if (document.Faults.Count == 0)
        {
            root.Text("name", "a name");
            var schema = SchemaReader.Read(root);
            if (root.Json("model", "a declaration", required: true) is { } written && schema is not null && DeclaredModel.ReadAny(written, schema, document.Faults) is { } model)
                read = new(model, schema);
            root.Finish();
        }

        return document.Faults.Count == 0 ? read! : throw new FaultyInputException("model", [.. document.Faults]);
    }
}
