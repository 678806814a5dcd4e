namespace Consilience.Client.Train;

/// <summary>
/// How well the loss tells who was trained on. Whoever guesses that persons with a loss below a threshold were trained on has an advantage: the share of those trained on who are guessed right less the share of others who are guessed wrong
/// (Yeom et al. 2018, <i>Privacy risk in machine learning</i>); shown is the best threshold's. 0 is none, 1 is certainty.
/// </summary>
/// <param name="Advantage">Of the best threshold among the classes of loss.</param>
/// <param name="Lower">Of what holds 19 times in 20, whatever the threshold (Dvoretzky, Kiefer and Wolfowitz, with Massart's constant, for both samples).</param>
/// <param name="Upper">Of the same.</param>
/// <param name="Members">Persons trained on.</param>
/// <param name="Others">Persons held out.</param>
public sealed record MembershipAttack(double Advantage, double Lower, double Upper, long Members, long Others)
{
    private const double Risk = 0.05;

    /// <summary>Null where either has nobody.</summary>
    /// <param name="members">Persons trained on in each class of loss, from the smallest loss on.</param>
    /// <param name="others">Persons held out, in the same classes.</param>
    public static MembershipAttack? Of(IReadOnlyList<long> members, IReadOnlyList<long> others)
    {
        ArgumentNullException.ThrowIfNull(members);
        ArgumentNullException.ThrowIfNull(others);
        // Noise may have made a counter negative; no class has fewer than nobody.
        var (all, rest) = (members.Sum(m => Math.Max(0, m)), others.Sum(o => Math.Max(0, o)));
        if (all == 0 || rest == 0)
            return null;
        double advantage = 0, right = 0, wrong = 0;
        foreach (var (member, other) in members.Zip(others))
        {
            (right, wrong) = (right + (double)Math.Max(0, member) / all, wrong + (double)Math.Max(0, other) / rest);
            advantage = Math.Max(advantage, right - wrong);
        }

        var reach = Reach(all) + Reach(rest);
        return new(advantage, Math.Max(0, advantage - reach), Math.Min(1, advantage + reach), all, rest);
    }

    /// <summary>
    /// Persons by class of loss from tables of a logistic model's scores: first those without the event by class of score, then those with it. Of a person with the event the loss falls with the score, of others it rises.
    /// </summary>
    public static IReadOnlyList<long> ByLoss(ReadOnlySpan<long> scores)
    {
        var bins = scores.Length / 2;
        var byLoss = new long[bins];
        for (var bin = 0; bin < bins; bin++)
            byLoss[bin] = scores[bin] + scores[scores.Length - 1 - bin];
        return byLoss;
    }

    private static double Reach(long persons) => Math.Sqrt(Math.Log(4 / Risk) / (2 * persons));
}
