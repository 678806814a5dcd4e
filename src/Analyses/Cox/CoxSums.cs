using Consilience.Analyses.Models;
using Consilience.Analyses.Sums;
using Consilience.DifferentialPrivacy.Mechanisms;

namespace Consilience.Analyses.Cox;

/// <summary>
/// One Newton step of Cox's partial likelihood, each site (and within it each stratum) with a baseline hazard of its own: likelihood, score and information add over sites, so no risk set leaves one.
/// Each event's share is rounded by itself.
/// </summary>
/// <param name="matrix">Without an intercept. Reads the covariates, then time, event and strata.</param>
/// <param name="time">Position of the time among the variables read.</param>
/// <param name="occurred">Position of the event.</param>
/// <param name="strata">Positions of the strata's variables.</param>
/// <param name="isEfron">Efron's handling of ties; Breslow's otherwise.</param>
/// <param name="at">Scaled coefficients.</param>
/// <param name="timeScale">What a time counts as in the test of proportional hazards, within −1 to 1; null without it.</param>
/// <param name="canonical">The sums in canonical form.</param>
internal sealed class CoxSums(
    ModelMatrix matrix, int time, int occurred, IReadOnlyList<int> strata, bool isEfron, IReadOnlyList<double> at, Func<double, double>? timeScale, string canonical) : SiteSums
{
    /// <summary>Persons, shares beyond the range, events, log-likelihood, and that of coefficients 0; then score and information, the same at coefficients 0, and for the test of proportional hazards those of g(t)·x.</summary>
    private const int Heads = 5;

    private int Pairs => matrix.Count * (matrix.Count + 1) / 2;

    private int OfNothing => Heads + matrix.Count + Pairs;

    private int Timed => OfNothing + matrix.Count + Pairs;

    public override int VectorLength => Timed + (timeScale is null ? 0 : matrix.Count + (2 * Pairs));

    /// <summary>What one person can change is not bounded closely enough to hide it: methods that read these sums refuse noised precision.</summary>
    public override ContributionBound Bound => throw new NotSupportedException("sums of a fit have no bound for noise");

    public override long LargestCounter => FixedPoint.Largest;

    public override int Equations => 2 * (matrix.Count + 1);

    public override string Canonical => canonical;

    internal CoxTotals Read(ReadOnlySpan<long> total)
    {
        var (score, information) = FixedPoint.ScoreAndInformation(total[Heads..], matrix.Count);
        var (scoreOfNothing, informationOfNothing) = FixedPoint.ScoreAndInformation(total[OfNothing..], matrix.Count);
        return new CoxTotals(matrix.Count)
        {
            Persons = total[0], Beyond = total[1], Events = total[2], LogLikelihood = total[3] / FixedPoint.Unit, OfNothing = total[4] / FixedPoint.Unit, Score = score, Information = information,
            ScoreOfNothing = scoreOfNothing, InformationOfNothing = informationOfNothing, Timed = timeScale is null ? null : TimedScore.Of(total[Timed..], matrix.Count),
        };
    }

    public override void Encode(IRows rows, Span<long> vector)
    {
        List<Person> persons = [];
        rows.Read(matrix.Variables, () =>
        {
            persons = [];
            return values => persons.Add(PersonOf(values));
        });
        var cells = new long[vector.Length];
        cells[0] = persons.Count;
        foreach (var stratum in persons.GroupBy(p => p.Stratum, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal))
            Add([.. stratum.OrderByDescending(p => p.Time)], cells);
        cells.CopyTo(vector);
    }

    private Person PersonOf(ReadOnlySpan<double> values)
    {
        var row = new double[matrix.Count];
        matrix.Fill(values, row);
        double eta = 0;
        for (var c = 0; c < row.Length; c++)
            eta += at[c] * row[c];
        var stratum = "";
        foreach (var s in strata)
            stratum += $"{values[s]}/";
        return new Person(stratum, values[time], values[occurred] > 0, row, eta);
    }

    /// <summary>From the last exit to the first, so that each risk set is the one before and those who leave at its time.</summary>
    private void Add(Person[] persons, long[] cells)
    {
        var sums = new FixedPoint(cells);
        var (at, nothing) = (new AtRisk(new(matrix.Count), new(matrix.Count)), new AtRisk(new(matrix.Count), new(matrix.Count)));
        var (moments, shift) = (new RiskMoments(matrix.Count), persons.Max(p => p.Eta));
        for (int first = 0, next; first < persons.Length; first = next)
        {
            at.Dying!.Clear();
            nothing.Dying!.Clear();
            for (next = first; next < persons.Length && persons[next].Time == persons[first].Time; next++)
            {
                at.Add(persons[next].Row, Math.Exp(persons[next].Eta - shift), persons[next].IsEvent);
                nothing.Add(persons[next].Row, 1, persons[next].IsEvent);
            }

            var tie = 0;
            foreach (var person in persons.AsSpan(first, next - first))
            {
                if (!person.IsEvent)
                    continue;
                var share = isEfron ? tie++ / nothing.Dying.Weight : 0;
                cells[2]++;
                moments.Take(nothing.All, nothing.Dying, share);
                sums.Add(4, -Math.Log(moments.Weight));
                AddScore(sums, OfNothing, person.Row, moments, 1);
                AddInformation(sums, OfNothing + matrix.Count, moments, 1);
                moments.Take(at.All, at.Dying, share);
                sums.Add(3, person.Eta - shift - Math.Log(moments.Weight));
                AddEvent(sums, person, moments);
                if (sums.EndRow())
                    cells[1]++;
            }
        }
    }

    private void AddEvent(FixedPoint sums, Person person, RiskMoments moments)
    {
        AddScore(sums, Heads, person.Row, moments, 1);
        AddInformation(sums, Heads + matrix.Count, moments, 1);
        if (timeScale?.Invoke(person.Time) is not { } g)
            return;
        AddScore(sums, Timed, person.Row, moments, g);
        AddInformation(sums, Timed + matrix.Count, moments, g);
        AddInformation(sums, Timed + matrix.Count + Pairs, moments, g * g);
    }

    private static void AddScore(FixedPoint sums, int cell, double[] row, RiskMoments moments, double factor)
    {
        for (var c = 0; c < row.Length; c++)
            sums.Add(cell + c, factor * (row[c] - moments.Mean[c]));
    }

    private void AddInformation(FixedPoint sums, int cell, RiskMoments moments, double factor)
    {
        for (var c = 0; c < matrix.Count; c++)
        {
            for (var d = 0; d <= c; d++)
                sums.Add(cell++, factor * moments.Spread[c, d]);
        }
    }

    private sealed record Person(string Stratum, double Time, bool IsEvent, double[] Row, double Eta);
}
