namespace Consilience.Analyses.CumulativeIncidence;

/// <summary>
/// The probability of having had one cause by each time: F(t) = Σ S(u−)·d/n, with S the probability of no event of any cause (Aalen and Johansen 1978). Its variance is the sum of the squared influences of
/// all persons (infinitesimal jackknife), which R's <c>survfit</c> gives for several causes. An influence of somebody who has left at s is a + b·F(t) from then on, so three running sums hold them all.
/// </summary>
internal sealed class AalenJohansen(int cause)
{
    private double survival = 1;
    private double onSurvival;
    private double onIncidence;
    private double squares;
    private double products;
    private double slopes;

    internal double Incidence { get; private set; }

    internal double Variance { get; private set; }

    /// <summary>Goes on over the next interval.</summary>
    internal void Next(CauseInterval interval)
    {
        if (interval.AtRisk == 0)
            return;
        double n = interval.AtRisk;
        var (all, own) = (interval.AllEvents / n, interval.Events[cause] / n);
        // A change of one person's weight moves survival and incidence of everybody at risk alike, and by 1/n of the step where the person has the event.
        var (commonSurvival, commonIncidence) = ((onSurvival * (1 - all)) + (survival * all / n), onIncidence + (onSurvival * own) - (survival * own / n));
        Incidence += survival * own;
        var jump = survival / n;
        survival *= 1 - all;
        Leave(interval.AllEvents - interval.Events[cause], commonSurvival - jump, commonIncidence);
        Leave(interval.Events[cause], commonSurvival - jump, commonIncidence + jump);
        Leave(interval.Censored, commonSurvival, commonIncidence);
        (onSurvival, onIncidence) = (commonSurvival, commonIncidence);
        var left = interval.AtRisk - interval.AllEvents - interval.Censored;
        Variance = squares + (2 * Incidence * products) + (Incidence * Incidence * slopes) + (left * onIncidence * onIncidence);
    }

    private void Leave(long persons, double influenceOnSurvival, double influenceOnIncidence)
    {
        // Where nobody is left without an event, incidence changes no more.
        var slope = survival > 0 ? influenceOnSurvival / survival : 0;
        var level = influenceOnIncidence - (slope * Incidence);
        squares += persons * level * level;
        products += persons * level * slope;
        slopes += persons * slope * slope;
    }
}
