using Consilience.Client.Analyse;
using Consilience.Client.Publish;
using Consilience.Protocol.Agreements;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;

namespace Consilience.Client.Train;

/// <summary>A receipt that verifies, and answers one question and no other.</summary>
/// <param name="Receipt">Its bytes.</param>
/// <param name="Result">Computed again.</param>
/// <param name="Total">The opened counters.</param>
internal sealed record AnsweringReceipt(byte[] Receipt, AnalysisResult Result, ReadOnlyMemory<long> Total)
{
    /// <summary>The answer, or why it is none.</summary>
    internal static (AnsweringReceipt? Answer, string? Objection) Of(ReceiptFile file, Question wanted, Course course, Digest agreement, ConsortiumFile consortia)
    {
        var receipt = file.Read();
        var verification = Verification.OfReceipt(receipt, consortia, file.Folder);
        if (verification.Steps.FirstOrDefault(s => !s.Holds) is { } failed)
            return (null, $"its receipt does not verify: {failed.What}: {failed.Detail}");
        var result = verification.Recomputed!;
        if (result.Agreement != agreement || result.Method != wanted.Method)
            return (null, "its receipt is of another agreement or method");
        var evidence = Signed<ReceiptStatement>.PeekUnverified(receipt)!;
        Agreement.TryOpen(evidence.Agreement, consortia, out var signed, out _);
        var (plan, _) = RunPlan.Decide(signed!, evidence.Request, Signed<RequestStatement>.PeekUnverified(evidence.Request)!.IssuedAt);
        // Equal sums have equal text, and it names the weights by their digest.
        if (plan!.Method.Sums.Canonical != course.PlanOf(wanted).Sums.Canonical)
            return (null, "it was not asked with the model, the settings and the weights that the plan and the rounds before give");
        var asked = plan.Request.Statement;
        return asked.Cohort == course.CohortOf(wanted) && asked.Precision == wanted.Precision && asked.Rho == wanted.Rho && asked.Epsilon is null && (asked.Sites ?? []).SequenceEqual(wanted.Sites ?? [])
            ? (new(receipt, result, verification.Total), null)
            : (null, "it was asked of another cohort or other sites, or at another precision or price");
    }
}
