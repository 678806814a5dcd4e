using System.Text.Json;
using System.Text.Json.Nodes;
using Consilience.Client.Publish;
using Consilience.Protocol.Agreements;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;

namespace Consilience.Client.Analyse;

/// <summary>
/// Answers a folder holds already, for going on with a programme that was interrupted. Only a receipt that verifies from its signatures alone, under the same agreement, and that answers the very question counts; of
/// whatever else lies there nothing is believed.
/// </summary>
public static class EarlierAnswers
{
    /// <summary>For each question that a receipt answers, that result and the receipt's file.</summary>
    /// <param name="receipts">Files that may be receipts.</param>
    /// <param name="agreement">Under which to go on.</param>
    /// <param name="consortia">Whose signatures count.</param>
    /// <param name="questions">Checked, with names of their own.</param>
    public static IReadOnlyDictionary<Question, (AnalysisResult Result, string File)> In(IEnumerable<string> receipts, Agreement agreement, ConsortiumFile consortia, IReadOnlyList<Question> questions)
    {
        ArgumentNullException.ThrowIfNull(receipts);
        ArgumentNullException.ThrowIfNull(agreement);
        ArgumentNullException.ThrowIfNull(questions);
        var found = new Dictionary<Question, (AnalysisResult, string)>();
        foreach (var file in receipts)
        {
            var kept = new ReceiptFile(file);
            if (Signed<ReceiptStatement>.PeekUnverified(kept.Read()) is not { } receipt || questions.FirstOrDefault(q => IsAnswer(receipt, q, agreement)) is not { } question || question.Again)
                continue;
            if (kept.Verify(consortia) is { Holds: true, Recomputed: { } result })
                found[question] = (result, file);
        }

        return found;
    }

    private static bool IsAnswer(ReceiptStatement receipt, Question question, Agreement agreement)
    {
        var result = receipt.Result;
        if (result.Name != question.Name || result.Method != question.Method || result.Agreement != agreement.Digest || !JsonElement.DeepEquals(Asked(result.Parameters, question.Parameters), question.Parameters))
            return false;
        var faults = new List<Consilience.Analyses.Schema.Fault>();
        var cohort = question.Plan(agreement.Study.Schema, faults).Cohort;
        var price = question.Precision == Precision.Noised ? question.ReadPrice(faults) : null;
        return faults.Count == 0 && Signed<RequestStatement>.PeekUnverified(receipt.Request) is { } request && request.Precision == question.Precision && request.Cohort == cohort!.Canonical
            && request.Epsilon == price?.Epsilon?.ToString() && request.Rho == price?.Rho?.ToString();
    }

    /// <summary>A fit's last round says where it was taken, which its question did not.</summary>
    private static JsonElement Asked(JsonElement answered, JsonElement asked)
    {
        if (answered.ValueKind != JsonValueKind.Object || asked.ValueKind != JsonValueKind.Object || asked.TryGetProperty("at", out _))
            return answered;
        var parameters = JsonSerializer.SerializeToNode(answered)!.AsObject();
        parameters.Remove("at");
        return JsonSerializer.SerializeToElement<JsonNode>(parameters);
    }
}
