using Consilience.Analyses.Disclosure;

namespace Consilience.Analyses.Incidence;

/// <summary>Cases and person-years of each age band of one group, as far as noise and rounding let them be known, and the rates made of them.</summary>
/// <param name="Cases">Of every band; below 0 where noise made them so.</param>
/// <param name="Years">Person-years, or another unit of time, of every band.</param>
/// <param name="CasesVariance">Of the noise on cases.</param>
/// <param name="YearsVariance">Of the noise on person-years; 0 where they are public.</param>
/// <param name="IsHidden">Whether rules hide the group.</param>
internal sealed record GroupRates(double[] Cases, double[] Years, double CasesVariance, double YearsVariance, bool IsHidden)
{
    /// <summary>Person-time that is no larger than this many deviations of its noise is as good as unknown.</summary>
    private const double Certain = 5;

    /// <summary>Bands without person-years are left out; where noise is on them, that cannot be told, and none is.</summary>
    internal IReadOnlyList<int> Bands => [.. Enumerable.Range(0, Years.Length).Where(b => YearsVariance > 0 || Years[b] > 0)];

    internal double AllYears => Bands.Sum(b => Years[b]);

    internal double AllCases => Bands.Sum(b => Cases[b]);

    /// <summary>Bands' cases under presets are rounded; otherwise they are as they were opened.</summary>
    internal static GroupRates WithPublicYears(ReadOnlySpan<long> opened, double[] years, double noise, DisclosureRules rules)
    {
        var cases = Shown(opened, rules);
        var isHidden = false;
        for (var b = 0; b < years.Length; b++)
            isHidden |= years[b] > 0 && rules.KindOf(opened[b]) == AnswerKind.Suppressed;
        return new GroupRates(cases, years, noise + rules.RoundingVariance, 0, isHidden);
    }

    internal static double[] Shown(ReadOnlySpan<long> opened, DisclosureRules rules)
    {
        var shown = new double[opened.Length];
        for (var b = 0; b < shown.Length; b++)
            shown[b] = rules.Presets.Count > 0 ? rules.Round(Math.Max(0, opened[b])) : opened[b];
        return shown;
    }

    /// <summary>Each measure that the denominators allow; null in place of one that is not defined.</summary>
    internal IEnumerable<(string Name, Rate? Rate)> Measures(Denominators denominators)
    {
        yield return ("crude rate", IsKnown(AllYears, Bands.Count)
            ? new Rate(Bands.ToDictionary(b => b, _ => denominators.Per / AllYears), this, (_, estimate) => -estimate / AllYears) : null);
        if (denominators.Weights is { } standard)
        {
            var sum = Bands.Sum(b => standard[b]);
            yield return ("standardised rate", Bands.Count > 0 && Bands.All(b => IsKnown(Years[b], 1))
                ? new Rate(Bands.ToDictionary(b => b, b => denominators.Per * standard[b] / (sum * Years[b])), this, (b, _) => -denominators.Per * standard[b] * Cases[b] / (sum * Years[b] * Years[b])) : null);
        }

        if (denominators.Reference is { } rates)
        {
            var expected = Bands.Sum(b => rates[b] * Years[b] / denominators.Per);
            yield return ("incidence ratio", IsKnown(expected, Bands.Sum(b => Math.Pow(rates[b] / denominators.Per, 2)))
                ? new Rate(Bands.ToDictionary(b => b, _ => 1 / expected), this, (b, estimate) => -estimate * rates[b] / (denominators.Per * expected)) : null);
        }
    }

    /// <summary>Whether what is divided by, with <paramref name="squares"/> times the noise of one band's person-years in it, is far enough from nothing.</summary>
    private bool IsKnown(double denominator, double squares) => denominator > Certain * Math.Sqrt(squares * YearsVariance);
}

/// <summary>A weighted sum of the bands' cases, y = Σ w·d.</summary>
internal sealed class Rate
{
    private readonly Dictionary<int, double> weights;

    /// <param name="weights">The w of each band that is used.</param>
    /// <param name="group">Its cases, and what noise is on them.</param>
    /// <param name="slope">Of y by a band's person-years, given band and y.</param>
    internal Rate(Dictionary<int, double> weights, GroupRates group, Func<int, double, double> slope)
    {
        this.weights = weights;
        var sum = weights.Sum(w => w.Value * group.Cases[w.Key]);
        Sum = sum;
        Variance = weights.Sum(w => (w.Value * w.Value * (Math.Max(0, group.Cases[w.Key]) + group.CasesVariance)) + (group.YearsVariance * Math.Pow(slope(w.Key, sum), 2)));
    }

    /// <summary>Below 0 where noise made it so.</summary>
    internal double Sum { get; }

    /// <summary>Of cases as Poisson counts, and of noise.</summary>
    internal double Variance { get; }

    internal double Estimate => Math.Max(0, Sum);

    internal (double Lower, double Upper) Limits(bool isTiwari, double level) => RateLimits.Of(Sum, Variance, weights.Values, isTiwari, level);
}
