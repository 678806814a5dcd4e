using Consilience.Protocol.Analyse;

namespace Consilience.Client.Publish;

/// <summary>The protection of a result in sentences a reader without the mathematics can weigh.</summary>
internal static class PrivacyInWords
{
    internal static string Of(RunPlan plan)
    {
        var keyHolders = plan.Agreement.Study.KeyHolders.Count;
        if (plan.Noise is null)
            return $"Exact: no noise was added. No party but the recipients saw the sum, and nobody a single site's part; it is the sum of at least {plan.MinimumSites} sites.";
        var epsilon = plan.Noise.Epsilon.Value.ToDouble();
        var odds = 100 * Math.Exp(epsilon) / (1 + Math.Exp(epsilon));
        return $"Noised: differential privacy with ε = {plan.Noise.Epsilon} for one person at one site, discrete Laplace noise of scale {plan.Noise.Mechanism.Scale} "
            + $"from each of {keyHolders} key holders. An observer at 50:50 odds about one person ends at most at {odds:0}:{100 - odds:0}, "
            + (keyHolders > 1 ? "even if all key holders but one work together." : "unless the key holder works with the observer.");
    }
}
