using System.Text.Json;
using Consilience.Analyses;
using Consilience.Analyses.Cohorts;
using Consilience.Analyses.Schema;
using Consilience.DifferentialPrivacy.Accounting;
using Consilience.DifferentialPrivacy.Mechanisms;
using Consilience.FederatedLearning;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;

namespace Consilience.Client.Analyse;

/// <summary>What a researcher wants to know.</summary>
/// <param name="Name">Its name in results.</param>
/// <param name="Method">For example <c>kaplan-meier</c>.</param>
/// <param name="Parameters">As the method wants them.</param>
/// <param name="Cohort">A cohort expression as written; empty for everyone.</param>
/// <param name="Precision">Noised unless asked otherwise.</param>
/// <param name="Epsilon">Pure ε offered at noised precision.</param>
/// <param name="Rho">ρ offered at noised precision, in place of ε.</param>
/// <param name="Again">Whether to pay for new noise where the question was answered before.</param>
public sealed record Question(string Name, string Method, JsonElement Parameters, string Cohort, Precision Precision, string? Epsilon, string? Rho = null, bool Again = false)
{
    /// <summary>The bytes that go to every site beside the request, where the parameters name any.</summary>
    public ReadOnlyMemory<byte> Attached { get; init; }

    /// <summary>The sites that are asked, in the study's order; null for all of them.</summary>
    public IReadOnlyList<OrganisationId>? Sites { get; init; }

    /// <summary>Whether these are the bytes that a request names.</summary>
    internal bool Attaches(AttachmentBinding? named) => named is null ? Attached.IsEmpty : Attached.Length == named.SizeInBytes && Digest.Of(Attached.Span) == named.Digest;

    /// <summary>Its method and cohort as checked against a schema, each null where it has faults, all of which are added.</summary>
    internal (MethodPlan? Method, CohortExpression? Cohort) Plan(StudySchema schema, ICollection<Fault> faults)
    {
        var method = KnownMethods.Find(Method);
        if (method is null)
            faults.Add(new Fault("method", "a known method", $"'{Method}'", Suggestion.For(Method, [.. KnownMethods.All.Select(m => m.Name)])));
        var plan = method?.Plan(Parameters, schema, faults);
        if (Precision == Precision.Noised && plan?.ObjectionToNoise is { } objection)
            faults.Add(new Fault("precision", "exact, for this method", "noised", objection));
        return (plan, CohortExpression.Parse(Cohort, schema, faults));
    }

    /// <summary>What the question offers for its answer; a fault and null when that is not exactly one of ε and ρ.</summary>
    internal PrivacyPrice? ReadPrice(ICollection<Fault> faults)
    {
        if (Epsilon is not null && Rho is not null)
            faults.Add(new Fault("rho", "either epsilon or rho", "both", "remove one of them"));
        else if (DifferentialPrivacy.Accounting.Epsilon.TryParse(Epsilon, out var epsilon))
            return PrivacyPrice.Pure(epsilon);
        else if (Epsilon is null && NanoRho.TryParseRho(Rho, out var rho) && rho.Amount > 0)
            return PrivacyPrice.Concentrated(rho);
        else if (Rho is not null)
            faults.Add(new Fault("rho", "a number above 0, such as 0.5, in steps of a billionth", $"'{Rho}'", "write 'rho: 0.5', or 'epsilon: 1'"));
        else
            faults.Add(new Fault("epsilon", "a number above 0 and at most 100, such as 1 or 0.5", Epsilon is null ? "nothing" : $"'{Epsilon}'", "add 'epsilon: 1', 'rho: 0.5', or ask for 'precision: exact'"));
        return null;
    }
}
