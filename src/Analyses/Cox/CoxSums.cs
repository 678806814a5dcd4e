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
    /// <summary>Persons, shares beyond the range, events, log-likelihood, and that of coefficients 0; then score and information, and for the test of proportional hazards those of g(t)·x.</summary>
    private const int Heads = 5;

    private int Pairs => matrix.Count * (matrix.Count + 1) / 2;

    public override int VectorLength => Heads + matrix.Count + Pairs + (timeScale is null ? 0 : matrix.Count + (2 * Pairs));

    /// <summary>What one person can change is not bounded closely enough to hide it: methods that read these sums refuse noised precision.</summary>
    public override ContributionBound Bound => throw new NotSupportedException("sums of a fit have no bound for noise");

    public override long LargestCounter => FixedPoint.Largest;

    public override int Equations => matrix.Count + 1;

    public override string Canonical => canonical;

    internal CoxTotals Read(ReadOnlySpan<long> total)
    {
        var (score, information) = FixedPoint.ScoreAndInformation(total[Heads..], matrix.Count);
        return new CoxTotals(matrix.Count)
        {
            Persons = total[0], Beyond = total[1], Events = total[2], LogLikelihood = total[3] / FixedPoint.Unit, OfNothing = total[4] / FixedPoint.Unit, Score = score, Information = information,
            Timed = timeScale is null ? null : TimedScore.Of(total[(Heads + matrix.Count + Pairs)..], matrix.Count),
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
        var (all, dying) = (new RiskSums(matrix.Count), new RiskSums(matrix.Count));
        var shift = persons.Max(p => p.Eta);
        for (int first = 0, next; first < persons.Length; first = next)
        {
            dying.Clear();
            for (next = first; next < persons.Length && persons[next].Time == persons[first].Time; next++)
            {
                all.Add(persons[next].Row, Math.Exp(persons[next].Eta - shift));
                if (persons[next].IsEvent)
                    dying.Add(persons[next].Row, Math.Exp(persons[next].Eta - shift));
            }

            var tie = 0;
            foreach (var person in persons.AsSpan(first, next - first))
            {
                if (person.IsEvent)
                    AddEvent(sums, cells, person, all, dying, isEfron ? tie++ / (double)dying.Persons : 0, shift);
            }
        }
    }

    private void AddEvent(FixedPoint sums, long[] cells, Person person, RiskSums all, RiskSums dying, double share, double shift)
    {
        var weight = all.Weight - (share * dying.Weight);
        cells[2]++;
        sums.Add(3, person.Eta - shift - Math.Log(weight));
        sums.Add(4, -Math.Log(all.Persons - (share * dying.Persons)));
        var (cell, timed, g) = (Heads + matrix.Count, Heads + matrix.Count + Pairs, timeScale?.Invoke(person.Time) ?? 0);
        for (var c = 0; c < matrix.Count; c++)
        {
            var mean = (all.First[c] - (share * dying.First[c])) / weight;
            sums.Add(Heads + c, person.Row[c] - mean);
            if (timeScale is not null)
                sums.Add(timed + c, g * (person.Row[c] - mean));
            for (var d = 0; d <= c; d++, cell++)
            {
                var spread = ((all.Second[c, d] - (share * dying.Second[c, d])) / weight) - (mean * (all.First[d] - (share * dying.First[d])) / weight);
                sums.Add(cell, spread);
                if (timeScale is null)
                    continue;
                sums.Add(cell + matrix.Count + Pairs, g * spread);
                sums.Add(cell + matrix.Count + (2 * Pairs), g * g * spread);
            }
        }

        if (sums.EndRow())
            cells[1]++;
    }

    private sealed record Person(string Stratum, double Time, bool IsEvent, double[] Row, double Eta);
}
