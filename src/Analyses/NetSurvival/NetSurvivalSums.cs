using System.Text.Json;
using Consilience.Analyses.Sums;
using Consilience.DifferentialPrivacy.Mechanisms;

namespace Consilience.Analyses.NetSurvival;

/// <summary>What is read of each person: the names of variables.</summary>
/// <param name="Time">Whole days from diagnosis to exit.</param>
/// <param name="Event">Death from any cause.</param>
/// <param name="Age">At diagnosis, in days.</param>
/// <param name="Diagnosed">The day of diagnosis.</param>
internal sealed record FollowUp(string Time, string Event, string Age, string Diagnosed);

/// <summary>The calendar days that are looked at, both included; days since 0001-01-01.</summary>
internal sealed record Period(int First, int Last)
{
    internal static Period Always { get; } = new(int.MinValue / 2, int.MaxValue / 2);
}

/// <summary>
/// What relative and net survival are computed from, for each group and interval of follow-up (e₍j₋₁₎, e_j], the first one from 0: persons under observation on its first day, deaths, person-days, and Σh, Σw′, Σw, Σwh over the person-days,
/// Σw′ and Σw′² over the deaths. Day t is (t − 1, t]; h is the population's hazard at the person's age and calendar day when it begins; w′ = e^Λ at its end and w = e^Λ at its middle, with Λ the sum of h from diagnosis on.
/// Σw′ and Σw over person-days are given per day of the interval. Of each person what rounding to 2⁻³⁰ left of one interval is carried to the next, so that no error accumulates.
/// </summary>
/// <param name="followUp">What is read of each person.</param>
/// <param name="grouping">Groups, by variables with codes.</param>
/// <param name="table">The life table.</param>
/// <param name="edges">Whole days after 0, increasing.</param>
/// <param name="period">Days outside are as if nobody were under observation.</param>
/// <param name="largestWeight">Larger weights count as this; whoever has one is counted as beyond.</param>
internal sealed class NetSurvivalSums(FollowUp followUp, Grouping grouping, Schema.AgreedLifeTable table, IReadOnlyList<int> edges, Period period, double largestWeight) : SiteSums
{
    /// <summary>Persons, those the life table does not reach, who are left out, and those with weights beyond the largest.</summary>
    internal const int Heads = 3;

    /// <summary>Counters of an interval: <see cref="IntervalTotals"/> says which.</summary>
    internal const int Columns = 9;

    internal Grouping Grouping => grouping;

    internal IReadOnlyList<int> Edges => edges;

    internal int Stride => edges.Count * Columns;

    public override int VectorLength => Heads + ((int)grouping.Count * Stride);

    /// <summary>A person is in every interval of their follow-up, with weights: more than noise could hide.</summary>
    public override ContributionBound Bound => throw new NotSupportedException("sums over person-days have no bound for noise");

    public override long LargestCounter => FixedPoint.Largest;

    public override string Canonical => CanonicalOf(writer =>
    {
        writer.WriteString("netSurvival", JsonSerializer.Serialize(new { followUp, table.Name, table.Sha256, table.By, period, largestWeight, edges }));
        grouping.WriteCanonical(writer);
    });

    public override void Encode(IRows rows, Span<long> vector)
    {
        var lifeTable = rows.LifeTable(table.Name);
        var cells = new long[vector.Length];
        string[] variables = [followUp.Time, followUp.Event, followUp.Age, followUp.Diagnosed, .. table.By, .. grouping.Variables];
        rows.Read([.. variables.Distinct()], () =>
        {
            Array.Clear(cells);
            int[] places = [.. variables.Select(v => variables.Distinct().ToList().IndexOf(v))];
            return values => Add(cells, lifeTable, values, places);
        });
        cells.CopyTo(vector);
    }

    private void Add(long[] cells, LifeTable lifeTable, ReadOnlySpan<double> values, int[] places)
    {
        var codes = new double[places.Length - 4];
        for (var i = 0; i < codes.Length; i++)
            codes[i] = values[places[i + 4]];
        var diagnosed = (int)values[places[3]];
        cells[0]++;
        if (lifeTable.Of(lifeTable.PartOf(codes), values[places[2]], diagnosed) is not { } hazards)
        {
            cells[1]++;
            return;
        }

        long group = 0;
        for (var i = 0; i < grouping.Axes.Count; i++)
            group = (group * grouping.Axes[i].Length) + (long)codes[table.By.Count + i];
        var exit = (long)values[places[0]];
        var first = (int)Math.Clamp((long)period.First - diagnosed + 1, 1, int.MaxValue);
        var last = (int)Math.Min(Math.Min(exit, edges[^1]), (long)period.Last - diagnosed + 1);
        if (new Walk(cells, Heads + ((int)group * Stride), edges, largestWeight).Go(hazards, first, last, values[places[1]] > 0 && exit == last))
            cells[2]++;
    }

    /// <summary>One person's days, added to the counters of a group.</summary>
    private struct Walk(long[] cells, int start, IReadOnlyList<int> edges, double largestWeight)
    {
        private Carry expected, weightAtEnd, weight, weightedHazard, ofDeaths, squares;

        /// <summary>From diagnosis to the last day, counting from the first day under observation on; tells whether a weight was beyond the largest.</summary>
        internal bool Go(LifeTable.Hazards hazards, int first, int last, bool isDeath)
        {
            var (interval, isBeyond) = (0, false);
            double cumulative = 1, h = 0, e = 0, atEnd = 0, middle = 0, hazard = 0;
            double whole = 1, half = 1;
            for (int day = 1, until = 0, entered = first; day <= last; day++)
            {
                if (day - 1 >= until)
                {
                    hazards.Seek(day - 1);
                    (h, until) = (hazards.Hazard, hazards.Until);
                    (whole, half) = (Math.Exp(h), Math.Exp(h / 2));
                }

                var w = cumulative * half;
                cumulative *= whole;
                if (day < first)
                    continue;
                while (edges[interval] < day)
                    interval++;
                if (cumulative > largestWeight)
                    (isBeyond, w, cumulative) = (true, Math.Min(w, largestWeight), largestWeight);
                e += h;
                atEnd += cumulative;
                middle += w;
                hazard += w * h;
                if (day < last && day < edges[interval])
                    continue;
                Close(interval, entered, day, e, atEnd, middle, hazard);
                entered = day + 1;
                e = atEnd = middle = hazard = 0;
            }

            if (isDeath && last >= first)
            {
                var cell = start + (interval * Columns);
                cells[cell + 1]++;
                ofDeaths.Add(ref cells[cell + 7], cumulative);
                squares.Add(ref cells[cell + 8], cumulative * cumulative);
            }

            return isBeyond;
        }

        private void Close(int interval, int entered, int day, double e, double atEnd, double middle, double hazard)
        {
            var before = interval == 0 ? 0 : edges[interval - 1];
            double width = edges[interval] - before;
            var cell = start + (interval * Columns);
            if (entered == before + 1)
                cells[cell]++;
            cells[cell + 2] += day - entered + 1;
            expected.Add(ref cells[cell + 3], e);
            weightAtEnd.Add(ref cells[cell + 4], atEnd / width);
            weight.Add(ref cells[cell + 5], middle / width);
            weightedHazard.Add(ref cells[cell + 6], hazard);
        }
    }

    /// <summary>Whole multiples of 2⁻³⁰, with what is left over kept for the next share.</summary>
    private struct Carry
    {
        private double left;

        internal void Add(ref long cell, double share)
        {
            left += share * FixedPoint.Unit;
            var whole = Math.Round(left);
            left -= whole;
            cell = checked(cell + (long)whole);
        }
    }
}

/// <summary>The counters of one interval, or of neighbouring ones together, as numbers.</summary>
/// <param name="Width">Days.</param>
/// <param name="AtRisk">Persons under observation on the first day.</param>
/// <param name="Deaths">Of them and of those who came under observation later.</param>
/// <param name="PersonDays">Of follow-up.</param>
/// <param name="Expected">Deaths by the life table.</param>
/// <param name="WeightAtEnd">Σw′ over person-days.</param>
/// <param name="Weight">Σw over person-days.</param>
/// <param name="WeightedExpected">Σwh over person-days.</param>
/// <param name="WeightOfDeaths">Σw′ over deaths.</param>
/// <param name="SquaresOfDeaths">Σw′² over deaths.</param>
internal sealed record IntervalTotals(
    int Width, long AtRisk, long Deaths, double PersonDays, double Expected, double WeightAtEnd, double Weight, double WeightedExpected, double WeightOfDeaths, double SquaresOfDeaths)
{
    internal static IntervalTotals Of(int width, ReadOnlySpan<long> opened)
    {
        var (one, days) = (1 / FixedPoint.Unit, width / FixedPoint.Unit);
        return new(width, opened[0], opened[1], opened[2], opened[3] * one, opened[4] * days, opened[5] * days, opened[6] * one, opened[7] * one, opened[8] * one);
    }

    /// <summary>Both together; the persons at risk are those of the first.</summary>
    internal IntervalTotals Then(IntervalTotals next) => new(
        Width + next.Width, AtRisk, Deaths + next.Deaths, PersonDays + next.PersonDays, Expected + next.Expected, WeightAtEnd + next.WeightAtEnd, Weight + next.Weight, WeightedExpected + next.WeightedExpected,
        WeightOfDeaths + next.WeightOfDeaths, SquaresOfDeaths + next.SquaresOfDeaths);
}
