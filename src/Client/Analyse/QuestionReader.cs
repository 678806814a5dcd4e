using System.Text.Json;
using System.Text.Json.Nodes;
using Consilience.Analyses.Schema;
using Consilience.DifferentialPrivacy.Accounting;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Yaml;

namespace Consilience.Client.Analyse;

/// <summary>
/// Reads a request file: one question, or a list of them under <c>requests</c>; an entry with <c>each</c> stands for many (<see cref="RequestTemplate"/>). The published form is <c>docs/schemas/request.schema.json</c>.
/// </summary>
public static class QuestionReader
{
    /// <exception cref="FaultyInputException">The document has faults; all are listed.</exception>
    public static IReadOnlyList<Question> Read(string text, string? file = null)
    {
        var document = YamlDocument.Parse(text, file);
        var questions = new List<Question>();
        if (document.Faults.Count == 0)
        {
            var root = document.Root;
            if (root.Has("requests"))
            {
                var shared = root.Object("values", "words with their values", required: false) is { } words ? RequestTemplate.Words(words) : [];
                foreach (var entry in root.Objects("requests", "a list of requests"))
                    Add(questions, entry, shared);
                root.Finish();
            }
            else
            {
                Add(questions, root, []);
            }

            if (questions.Count == 0 && document.Faults.Count == 0)
                root.Add("requests", "at least one request", "none", "add a request");
        }

        return document.Faults.Count == 0 ? questions : throw new FaultyInputException("request", [.. document.Faults]);
    }

    private static void Add(List<Question> questions, YamlObject entry, IReadOnlyList<TemplateWord> shared)
    {
        var template = RequestTemplate.Of(entry, shared);
        var method = entry.Text("method", "a method such as count or kaplan-meier");
        var name = entry.OptionalText("name", "a name for the result") ?? method;
        var parameters = entry.Json("parameters", "the method's parameters", required: false) ?? JsonSerializer.SerializeToElement(new Dictionary<string, string>());
        var cohort = entry.OptionalText("cohort", "a cohort expression") ?? "";
        var precision = entry.Value("precision", "noised or exact", s => s is "noised" or "exact" ? s : null, required: false) ?? "noised";
        var epsilon = entry.Value("epsilon", "a number above 0 and at most 100, such as 1 or 1/2", s => Epsilon.TryParse(s, out _) ? s : null, required: false);
        var rho = entry.Value("rho", "a number above 0, such as 0.5", s => NanoRho.TryParseRho(s, out var r) && r.Amount > 0 ? s : null, required: false);
        var again = entry.Value("again", "true or false", s => s is "true" or "false" ? s : null, required: false) == "true";
        entry.Finish();
        if (method is null)
            return;
        var names = questions.Select(q => q.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var values in template.Combinations())
        {
            var filled = template.Fill("name", name!, values);
            if (!names.Add(filled))
            {
                entry.Add("name", "each name once", $"'{filled}' again", values.Count == 0 ? "name the requests apart" : "name every word of 'each' in it");
                return;
            }

            questions.Add(new Question(filled, method, Filled(template, parameters, values), template.Fill("cohort", cohort, values), precision == "exact" ? Precision.Exact : Precision.Noised, epsilon, rho, again));
        }
    }

    private static JsonElement Filled(RequestTemplate template, JsonElement parameters, IReadOnlyDictionary<string, (string Name, JsonNode Value)> values) =>
        values.Count == 0 ? parameters : JsonSerializer.SerializeToElement(template.Fill("parameters", JsonNode.Parse(parameters.GetRawText()), values));
}
