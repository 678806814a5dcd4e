namespace Consilience.Analyses.Risk;

/// <summary>A fourfold table: <paramref name="A"/> exposed with and <paramref name="B"/> without the outcome, <paramref name="C"/> and <paramref name="D"/> the same of the reference.</summary>
internal sealed record FourfoldTable(double A, double B, double C, double D)
{
    internal double Exposed => A + B;

    internal double Unexposed => C + D;

    internal double Persons => Exposed + Unexposed;

    internal double Cases => A + C;
}

/// <summary>An estimate on the scale on which its limits are symmetric: the logarithm for ratios.</summary>
internal sealed record ScaledEstimate(double Value, double Variance, bool IsLog);
