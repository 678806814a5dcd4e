using System.Text.Json;
using Consilience.Analyses;
using Consilience.Analyses.Schema;
using Consilience.FederatedLearning.Models;

namespace Consilience.FederatedLearning.Tests;

/// <summary>Declarations and plans as they are written.</summary>
internal static class Written
{
    internal static Variable Number(string name, decimal least, decimal most) => new(name, VariableType.Real, name, null, [], least, most);

    internal static Variable Flag(string name) => new(name, VariableType.Boolean, name, null, [], null, null);

    internal static Variable Category(string name, params string[] codes) => new(name, VariableType.Category, name, null, [.. codes.Select(c => new CategoryCode(c, c))], null, null);

    internal static ModelDeclaration Model(StudySchema schema, object written)
    {
        var faults = new List<Fault>();
        var model = ModelDeclaration.Read(Json(written), schema, faults);
        Assert.Empty(faults);
        return model!;
    }

    internal static MethodPlan Plan(string method, StudySchema schema, object parameters)
    {
        var faults = new List<Fault>();
        var plan = KnownMethods.Find(method)!.Plan(Json(parameters), schema, faults);
        Assert.Empty(faults);
        return plan!;
    }

    internal static string Base64(ModelWeights weights) => Convert.ToBase64String(weights.Bytes.Span);

    /// <summary>The sum of what sites answer, as it is opened at exact precision.</summary>
    internal static long[] Total(MethodPlan plan, params IReadOnlyList<IRows> sites)
    {
        var total = new long[plan.Sums.VectorLength];
        foreach (var site in sites)
        {
            var vector = new long[total.Length];
            plan.Sums.Encode(site, vector);
            for (var i = 0; i < total.Length; i++)
                total[i] += vector[i];
        }

        return total;
    }

    private static JsonElement Json(object written) => written is string text ? JsonDocument.Parse(text).RootElement : JsonSerializer.SerializeToElement(written);
}
