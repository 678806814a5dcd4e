using System.Text.Json;
using System.Text.Json.Nodes;

namespace Consilience.Client.Train;

/// <summary>What a plan says of layers that every site has to itself, in the questions whose answers need them fitted.</summary>
internal static class PersonalPart
{
    /// <summary>Of a round: fitted on everybody trained on.</summary>
    internal static JsonObject? OfRound(TrainingPlan plan, int seed)
    {
        var personal = Of(plan.Personal, seed);
        personal?.Remove("fittedOn");
        return personal;
    }

    /// <summary>Of an evaluation: fitted on those trained on, so that the question is about them too.</summary>
    /// <param name="plan">Of the training.</param>
    /// <param name="settings">How to fit; nothing where null.</param>
    /// <param name="cohort">To evaluate.</param>
    /// <param name="parameters">Of the question, added to.</param>
    /// <returns>Whom the question is about.</returns>
    internal static string Evaluate(TrainingPlan plan, JsonElement? settings, string cohort, JsonObject parameters)
    {
        if (Of(settings, plan.Seed) is not { } personal)
            return cohort;
        parameters["personal"] = personal;
        return plan.Cohort.Length == 0 || cohort.Length == 0 ? "" : $"({plan.Cohort}) or ({cohort})";
    }

    /// <summary>Settings to tune all layers by.</summary>
    internal static JsonElement? OfAll(JsonElement? settings)
    {
        if (settings is not { } written)
            return null;
        var all = JsonNode.Parse(written.GetRawText())!.AsObject();
        all.TryAdd("layers", new JsonArray("all"));
        return JsonSerializer.SerializeToElement(all);
    }

    private static JsonObject? Of(JsonElement? settings, int seed)
    {
        if (settings is not { } written)
            return null;
        var personal = JsonNode.Parse(written.GetRawText())!.AsObject();
        personal.TryAdd("seed", JsonValue.Create(seed));
        return personal;
    }
}
