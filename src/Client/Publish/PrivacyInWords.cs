using System.Globalization;
using Consilience.DifferentialPrivacy.Mechanisms;
using Consilience.Protocol.Analyse;

namespace Consilience.Client.Publish;

/// <summary>The protection of a result in sentences a reader without the mathematics can weigh.</summary>
internal static class PrivacyInWords
{
    internal static string Of(RunPlan plan)
    {
        var rules = plan.Agreement.Study.Disclosure;
        return Precision(plan) + (rules.Presets.Count == 0 ? "" : $" Shown under {string.Join(", ", rules.Names)}: what they suppress can still be computed from the receipt, so keep the receipt as closely as the table.");
    }

    private static string Precision(RunPlan plan)
    {
        if (plan.Noise is not { } noise)
            return $"Exact: no noise was added. No party but the recipients saw the sum{Parts(plan)}; it is the sum of at least {plan.MinimumSites} sites.";
        return string.Create(CultureInfo.InvariantCulture, $"Noised: {Promise(noise)} for {plan.Agreement.Study.Unit}, {Drawn(noise)} from each of {noise.Trust.KeyHolders} key holders. {Collusion(noise.Trust)}");
    }

    private static string Parts(RunPlan plan) =>
        plan.Agreement.Study.Schema.Site is { } site ? $", in which sites stand apart wherever '{site.Name}' does, as its agreement permits" : ", and nobody a single site's part";

    private static string Promise(NoiseTerms noise)
    {
        if (noise.Epsilon is not { } epsilon)
            return $"zero-concentrated differential privacy with ρ = {noise.Charge}";
        var odds = 100 * Math.Exp(epsilon.Value.ToDouble()) / (1 + Math.Exp(epsilon.Value.ToDouble()));
        return string.Create(CultureInfo.InvariantCulture, $"differential privacy with ε = {epsilon} (an observer at 50:50 odds about one ends at most at {odds:0}:{100 - odds:0})");
    }

    private static string Drawn(NoiseTerms noise) =>
        (noise.Mechanism is DiscreteLaplace ? $"discrete Laplace noise of scale {noise.Mechanism.Parameter}" : $"discrete Gaussian noise of variance {noise.Mechanism.Parameter}")
        + (noise.Factorisation is null ? "" : $" on factorised running sums, which are counted in units of 1/{PrefixFactorisation.Unit} person");

    private static string Collusion(KeyHolderTrust trust) => trust switch
    {
        { KeyHolders: 1 } => "It holds unless the key holder works with the observer.",
        { Honest: 1 } => "It holds even if all key holders but one work together.",
        { Colluding: 0 } => "It holds unless any key holder works with the observer.",
        _ => $"It holds even if {trust.Colluding} of the key holders work together.",
    };
}
