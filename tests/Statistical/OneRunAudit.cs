namespace Consilience.Statistical.Tests;

/// <summary>
/// A lower bound of ε from one run in which each of m canaries was put in or left out by a coin: of r guesses v were right (Steinke, Nasr and Jagielski 2023, appendix D). A claimed
/// ε below the bound is refuted at that level.
/// </summary>
internal static class OneRunAudit
{
    internal static double EpsilonLowerBound(int canaries, int guesses, int correct, double delta, double level)
    {
        double low = 0, high = 50;
        if (Probability(canaries, guesses, correct, 0, delta) > level)
            return 0;
        for (var i = 0; i < 60; i++)
        {
            var middle = (low + high) / 2;
            (low, high) = Probability(canaries, guesses, correct, middle, delta) <= level ? (middle, high) : (low, middle);
        }

        return low;
    }

    /// <summary>The probability of this many right guesses or more under ε: P(Bin ≥ v) + 2mδ·max P(v &gt; Bin ≥ v − i)/i, each guess right with probability 1/(1+e^−ε).</summary>
    internal static double Probability(int canaries, int guesses, int correct, double epsilon, double delta)
    {
        var q = 1 / (1 + Math.Exp(-epsilon));
        var mass = Enumerable.Range(0, guesses + 1).Select(k => Math.Exp(
            ChiSquare.LogGamma(guesses + 1.0) - ChiSquare.LogGamma(k + 1.0) - ChiSquare.LogGamma(guesses - k + 1.0) + (k * Math.Log(q)) + ((guesses - k) * Math.Log(1 - q)))).ToArray();
        double below = 0, most = 0;
        for (var i = 1; i <= correct; i++)
        {
            below += mass[correct - i];
            most = Math.Max(most, below / i);
        }

        return Math.Min(1, mass.Skip(correct).Sum() + (2 * canaries * delta * most));
    }
}
