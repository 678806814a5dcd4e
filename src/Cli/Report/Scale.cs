using System.Globalization;

namespace Consilience.Cli.Report;

/// <summary>From figures to places, evenly or by logarithms, with round ticks.</summary>
internal sealed class Scale
{
    /// <summary>Beyond such a ratio of its ends a logarithmic scale has a tick each decade only.</summary>
    private const double MostFinely = 2000;

    private readonly double from, to, start, end;
    private readonly bool isLogarithmic;

    private Scale(double from, double to, double start, double end, bool isLogarithmic) => (this.from, this.to, this.start, this.end, this.isLogarithmic) = (from, to, start, end, isLogarithmic);

    /// <summary>From <paramref name="from"/> at <paramref name="start"/> to <paramref name="to"/> at <paramref name="end"/>.</summary>
    internal static Scale Linear(double from, double to, double start, double end) => new(from, to > from ? to : from + 1, start, end, isLogarithmic: false);

    /// <summary>The same for positive figures, equal ratios at equal distances.</summary>
    internal static Scale Logarithmic(double from, double to, double start, double end) => new(from, to > from ? to : from * 2, start, end, isLogarithmic: true);

    internal double From => from;

    internal double To => to;

    internal double At(double value) => start + ((end - start) * (isLogarithmic ? Math.Log(value / from) / Math.Log(to / from) : (value - from) / (to - from)));

    /// <summary>The place of a figure, or of the nearest end of the scale.</summary>
    internal double Within(double value) => At(Math.Clamp(value, from, to));

    /// <summary>About <paramref name="count"/> round figures of the scale.</summary>
    internal IReadOnlyList<double> Ticks(int count = 8) => isLogarithmic ? Ratios() : Even(count);

    internal static string Label(double tick) => Math.Abs(tick) >= 1e6 ? tick.ToString("0.##e0", CultureInfo.InvariantCulture) : tick.ToString("0.#####", CultureInfo.InvariantCulture);

    private double[] Even(int count)
    {
        var least = (to - from) / count;
        var power = Math.Pow(10, Math.Floor(Math.Log10(least)));
        var step = new[] { 1, 2, 2.5, 5, 10 }.Select(f => f * power).First(s => s >= least * 0.999999);
        var first = Math.Ceiling((from / step) - 1e-9);
        return [.. Enumerable.Range(0, (int)Math.Floor(((to / step) - first) + 1e-9) + 1).Select(i => (first + i) * step)];
    }

    private double[] Ratios()
    {
        var decades = Enumerable.Range((int)Math.Floor(Math.Log10(from)), (int)Math.Ceiling(Math.Log10(to / from)) + 2);
        double[] factors = to / from > MostFinely ? [1] : [1, 2, 5];
        return [.. decades.SelectMany(d => factors.Select(f => Math.Round(f * Math.Pow(10, d), 12))).Where(t => t >= from && t <= to)];
    }
}
