namespace Consilience.DifferentialPrivacy.Accounting;

/// <summary>
/// What a mechanism loses on a Poisson sample of the data, from what it loses on all of them. With the person the answer follows (1−q)·Q + q·P, without Q; where that ratio crosses e^ε is
/// where P/Q crosses a number of its own (Li, Qardaji and Su 2012; Zhu, Dong and Wang 2022).
/// </summary>
internal static class PoissonSample
{
    /// <param name="with">δ of P against Q: the person's world is the one with the person in it.</param>
    /// <param name="without">δ of Q against P. The same function for noise that is symmetric.</param>
    /// <param name="rate">q, above 0 and at most 1.</param>
    /// <param name="isRemoved">Whether the person's world is the one with the person in it; otherwise the one without.</param>
    internal static double Delta(Func<double, double> with, Func<double, double> without, double rate, double epsilon, bool isRemoved)
    {
        if (Checked.Positive(rate) >= 1)
            return isRemoved ? with(epsilon) : without(epsilon);
        if (isRemoved)
        {
            var ratio = (Logarithm.ExpMinusOne(epsilon) + rate) / rate;
            return ratio <= 0 ? -Logarithm.ExpMinusOne(epsilon) : rate * with(Math.Log(ratio));
        }

        var kept = 1 - (Math.Exp(epsilon) * (1 - rate));
        return kept <= 0 ? 0 : kept * without(epsilon + Math.Log(rate) - Math.Log(kept));
    }
}
