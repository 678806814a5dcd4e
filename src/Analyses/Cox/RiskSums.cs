namespace Consilience.Analyses.Cox;

/// <summary>Σ e^η, Σ e^η·x and Σ e^η·xx′ of a set of persons; at coefficients 0 the first is how many they are.</summary>
internal sealed class RiskSums(int columns)
{
    internal double Weight { get; set; }

    internal double[] First { get; } = new double[columns];

    /// <summary>The lower triangle.</summary>
    internal double[,] Second { get; } = new double[columns, columns];

    internal void Add(double[] row, double weight)
    {
        Weight += weight;
        for (var c = 0; c < First.Length; c++)
        {
            var weighted = weight * row[c];
            First[c] += weighted;
            for (var d = 0; d <= c; d++)
                Second[c, d] += weighted * row[d];
        }
    }

    internal void Add(RiskSums other)
    {
        Weight += other.Weight;
        for (var c = 0; c < First.Length; c++)
        {
            First[c] += other.First[c];
            for (var d = 0; d <= c; d++)
                Second[c, d] += other.Second[c, d];
        }
    }

    internal void Clear()
    {
        Weight = 0;
        Array.Clear(First);
        Array.Clear(Second);
    }
}

/// <summary>Mean and covariance of the covariates of who may have the next event, with who had it at the same time in part, as Efron's ties have them.</summary>
internal sealed class RiskMoments(int columns)
{
    /// <summary>Σ e^η of who is at risk.</summary>
    internal double Weight { get; private set; }

    internal double[] Mean { get; } = new double[columns];

    /// <summary>The lower triangle.</summary>
    internal double[,] Spread { get; } = new double[columns, columns];

    /// <param name="all">Everybody at risk.</param>
    /// <param name="dying">Those who have the event; null where their ties are Breslow's.</param>
    /// <param name="share">The part of them that is not at risk any more.</param>
    internal void Take(RiskSums all, RiskSums? dying, double share)
    {
        Weight = all.Weight - (share * (dying?.Weight ?? 0));
        for (var c = 0; c < columns; c++)
        {
            Mean[c] = (all.First[c] - (share * (dying?.First[c] ?? 0))) / Weight;
            for (var d = 0; d <= c; d++)
                Spread[c, d] = ((all.Second[c, d] - (share * (dying?.Second[c, d] ?? 0))) / Weight) - (Mean[c] * Mean[d]);
        }
    }
}
