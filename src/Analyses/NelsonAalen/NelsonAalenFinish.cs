using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Sums;
using Consilience.Analyses.Survival;

namespace Consilience.Analyses.NelsonAalen;

/// <summary>
/// H = Σ d/n with variance Σ d/n²; with split ties Σ 1/(n − i) and Σ 1/(n − i)² over i &lt; d, as R's <c>survfit</c> with <c>ctype</c> 1 and 2. Limits are symmetric for log H. At noised precision negative cells count as 0 and the noise's
/// variance is added.
/// </summary>
internal sealed class NelsonAalenFinish(ExitTable exits, bool areSplit, double z, NoiseModel noise, DisclosureRules rules)
{
    private static readonly string[] Columns = ["time", "n.risk", "n.event", "estimate", "std.error", "conf.low", "conf.high"];

    internal MethodResult From(ReadOnlySpan<long> total)
    {
        var (rows, group) = (new List<ResultRow>(), 0);
        foreach (var names in exits.Grouping.Names())
        {
            var cells = exits.CellsOf(total, group).ToArray();
            var shaped = ShapedExits.Of(cells, exits.Times, rules);
            rows.AddRange(shaped.Times.Count == 0 ? [ResultRow.Hidden(AnswerKind.Suppressed, names.Length + Columns.Length, names)] : Curve(names, shaped, NoiseVariances(cells, group * exits.Stride)));
            group++;
        }

        return new MethodResult(new ResultTable("hazard", [.. exits.Grouping.Variables, .. Columns], rows));
    }

    private List<ResultRow> Curve(ResultCell[] names, ShapedExits shaped, double[] ofNoise)
    {
        var rows = new List<ResultRow>();
        var counts = new Exits(shaped.Cells);
        double hazard = 0, sampling = 0;
        var atRisk = counts.Persons;
        for (var j = 0; j < shaped.Times.Count; j++)
        {
            var (events, censored) = counts.At(j);
            var (step, squares) = Step(events, atRisk);
            hazard += step;
            sampling += squares;
            var error = Math.Sqrt(sampling + ofNoise[shaped.Last[j]]);
            var reach = z * error / hazard;
            ResultCell[] limits = hazard > 0 ? [hazard * Math.Exp(-reach), hazard * Math.Exp(reach)] : [ResultCell.Undefined, ResultCell.Undefined];
            rows.Add(ResultRow.Of([.. names, (double)shaped.Times[j], atRisk, events, hazard, error, .. limits]));
            atRisk -= events + censored;
        }

        return rows;
    }

    /// <summary>What an interval adds to H, and to its variance.</summary>
    private (double Step, double Squares) Step(long events, long atRisk)
    {
        if (events == 0)
            return (0, 0);
        if (!areSplit)
            return (events / (double)atRisk, events / ((double)atRisk * atRisk));
        double step = 0, squares = 0;
        for (long i = 0; i < events; i++)
        {
            step += 1.0 / (atRisk - i);
            squares += 1 / ((double)(atRisk - i) * (atRisk - i));
        }

        return (step, squares);
    }

    /// <summary>
    /// What noise adds to the variance after each interval of the grid, rules or not: they only coarsen. With h(d, n) what an interval adds to H and Aₖ = Σ_{j≤k} ∂hⱼ/∂nⱼ, the derivative of H is ∂hₖ/∂dₖ + Aₖ by an event in
    /// interval k, Aₖ by a censoring there.
    /// </summary>
    private double[] NoiseVariances(long[] cells, int start)
    {
        var variances = new double[exits.Times.Count];
        if (noise.IsExact)
            return variances;
        var counts = new Exits(cells);
        var (ofNoise, atRisk, byRisk) = (new NoiseOnCurve(noise, start, cells), counts.Persons, 0.0);
        for (var j = 0; j < variances.Length; j++)
        {
            var (events, censored) = counts.At(j);
            // The squares are the derivative by persons at risk, for either handling of ties; one event more adds what the next one would, between this and the last.
            byRisk -= Step(events, atRisk).Squares;
            var byEvents = atRisk == 0 ? 0 : areSplit ? 1 / (atRisk - events + 0.5) : 1.0 / atRisk;
            variances[j] = ofNoise.Next(byEvents + byRisk, byRisk);
            atRisk -= events + censored;
        }

        return variances;
    }
}
