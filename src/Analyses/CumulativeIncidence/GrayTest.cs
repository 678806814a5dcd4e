using MathNet.Numerics.LinearAlgebra;

namespace Consilience.Analyses.CumulativeIncidence;

/// <summary>
/// Gray's test (Annals of Statistics 1988) that one cause's cumulative incidence is the same in all groups, unweighted. With S and F of each group just before a time, h = n/S and R = h·(1 − F), the
/// score of group i is Σ d_i − d·R_i/ΣR. Its variance sums, over groups r, squared influences of events: of the cause with D_ir + u·(C_ir(end) − C_ir), u = 1 − (1 − F₀)/S_r, of others with
/// (1 − F₀)/S_r·(C_ir − C_ir(end)), where D_ir = h_i(δ_ir − h_r/Σh), F₀ = Σ d/Σh is the incidence of all, and C_ir = Σ D_ir·dF₀/(1 − F₀). Ties take the hypergeometric share off, as in R's <c>cuminc</c>.
/// </summary>
internal static class GrayTest
{
    /// <summary>The statistic and its degrees of freedom; null without two groups or without events.</summary>
    /// <param name="groups">Intervals of each group, all on one grid.</param>
    /// <param name="cause">The cause tested.</param>
    internal static (double? Statistic, int Degrees) Of(IReadOnlyList<List<CauseInterval>> groups, int cause)
    {
        var present = groups.Where(g => g.Count > 0 && g[0].AtRisk > 0).ToList();
        if (present.Count < 2)
            return (null, 0);
        var state = new Walk(present.Count);
        for (var j = 0; j < present[0].Count; j++)
            state.Next([.. present.Select(g => g[j])], cause);
        return state.Test();
    }

    /// <summary>An influence on every score that is known up to C at the end: constant + slope·C_r(end), with its weight.</summary>
    private sealed record Term(int Group, double Weight, Vector<double> Constant, double Slope);

    private sealed class Walk(int groups)
    {
        private readonly double[] survival = [.. Enumerable.Repeat(1.0, groups)];
        private readonly double[] incidence = new double[groups];
        private readonly Matrix<double> accumulated = Matrix<double>.Build.Dense(groups, groups);
        private readonly Vector<double> score = Vector<double>.Build.Dense(groups);
        private readonly List<Term> terms = [];
        private double pooled;

        internal void Next(CauseInterval[] now, int cause)
        {
            var (own, all) = (now.Sum(i => i.Events[cause]), now.Sum(i => i.AllEvents));
            if (all == 0)
                return;
            double[] h = [.. now.Select((i, r) => i.AtRisk > 0 ? i.AtRisk / survival[r] : 0)];
            double[] risk = [.. h.Select((x, r) => x * (1 - incidence[r]))];
            var (totalH, totalRisk) = (h.Sum(), risk.Sum());
            var differences = Matrix<double>.Build.Dense(groups, groups, (i, r) => now[i].AtRisk > 0 && now[r].AtRisk > 0 ? h[i] * ((i == r ? 1 : 0) - (h[r] / totalH)) : 0);
            var step = own / totalH;
            differences.Multiply(step / (1 - pooled)).Add(accumulated, accumulated);
            pooled += step;
            for (var r = 0; r < groups; r++)
            {
                if (now[r].AtRisk == 0)
                    continue;
                score[r] += now[r].Events[cause] - (own * risk[r] / totalRisk);
                AddTerms(r, now[r], cause, own, totalH, differences);
            }
        }

        private void AddTerms(int r, CauseInterval now, int cause, long own, double totalH, Matrix<double> differences)
        {
            var (before, n) = (survival[r], (double)now.AtRisk);
            survival[r] = before * (now.AtRisk - now.AllEvents) / n;
            incidence[r] += before * now.Events[cause] / n;
            var (column, other) = (accumulated.Column(r), now.AllEvents - now.Events[cause]);
            var rest = survival[r] > 0 ? (1 - pooled) / survival[r] : 0;
            if (own > 0)
            {
                var untied = own > 1 ? 1 - ((own - 1) / ((totalH * before) - 1)) : 1;
                terms.Add(new Term(r, untied * before * own / (totalH * n), differences.Column(r) - (column * (1 - rest)), 1 - rest));
            }

            if (other > 0 && survival[r] > 0)
            {
                var untied = other > 1 ? 1 - ((other - 1) / (n - 1)) : 1;
                terms.Add(new Term(r, untied * before * before * other / (n * n), column * rest, -rest));
            }
        }

        internal (double? Statistic, int Degrees) Test()
        {
            var (used, variance) = (groups - 1, Matrix<double>.Build.Dense(groups, groups));
            foreach (var term in terms)
            {
                var influence = term.Constant + (accumulated.Column(term.Group) * term.Slope);
                variance += influence.OuterProduct(influence) * term.Weight;
            }

            var z = score.SubVector(0, used);
            var statistic = z.DotProduct(variance.SubMatrix(0, used, 0, used).Solve(z));
            return (double.IsFinite(statistic) ? statistic : null, used);
        }
    }
}
