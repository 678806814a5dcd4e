namespace Consilience.Analyses.Distribution;

/// <summary>Persons at each whole number from <paramref name="least"/> on.</summary>
internal sealed class ValueCounts(long[] cells, long least)
{
    internal long Persons { get; } = cells.Sum();

    /// <summary>Σ (x − <paramref name="centre"/>)^<paramref name="power"/>.</summary>
    internal double Sum(double centre, int power)
    {
        double sum = 0;
        for (var i = 0; i < cells.Length; i++)
            sum += cells[i] == 0 ? 0 : cells[i] * Math.Pow(least + i - centre, power);
        return sum;
    }

    /// <summary>The value of the person at a place in order of value, counted from 0, and how many persons have it.</summary>
    internal (long Value, long Persons) At(long place)
    {
        for (var i = 0; i < cells.Length; i++)
        {
            if (place < cells[i])
                return (least + i, cells[i]);
            place -= cells[i];
        }

        throw new ArgumentOutOfRangeException(nameof(place), place, "beyond the last person");
    }

    /// <summary>Magnitudes |x| of the persons who contribute most to Σ|x|, the largest first.</summary>
    internal IReadOnlyList<double> Largest(int number)
    {
        var magnitudes = new List<double>();
        for (var i = 0; i < cells.Length; i++)
        {
            for (var person = 0; person < Math.Min(cells[i], number); person++)
                magnitudes.Add(Math.Abs(least + i));
        }

        return [.. magnitudes.OrderDescending().Take(number)];
    }
}
