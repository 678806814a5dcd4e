namespace Consilience.Client.Train;

/// <summary>How the learning rate changes from round to round.</summary>
public enum ScheduleKind
{
    Unspecified = 0,
    Constant,

    /// <summary>Multiplied by a factor after every so many rounds.</summary>
    Step,

    /// <summary>Multiplied by a factor after every round.</summary>
    Exponential,

    /// <summary>Along half a cosine, down to a share of what it began with.</summary>
    Cosine,
}

/// <summary>What a round's learning rate is multiplied by. In decimals, so that whoever verifies a training finds the very numbers that were asked with.</summary>
/// <param name="Kind">Of the list.</param>
/// <param name="Factor">Of steps and exponentials, above 0 and at most 1; of a cosine, the share that is left in the last round, from 0 to 1.</param>
/// <param name="Every">Rounds of a step.</param>
public sealed record Schedule(ScheduleKind Kind, decimal Factor = 1, int Every = 1)
{
    private const int Digits = 12;

    public static Schedule Constant { get; } = new(ScheduleKind.Constant);

    /// <param name="round">From 1 on.</param>
    /// <param name="rounds">Of the plan.</param>
    public decimal At(int round, int rounds) => Kind switch
    {
        ScheduleKind.Step => Power(Factor, (round - 1) / Every),
        ScheduleKind.Exponential => Power(Factor, round - 1),
        ScheduleKind.Cosine when rounds > 1 => Math.Round(Factor + ((1 - Factor) * (1 - SineSquared((round - 1) / (decimal)(rounds - 1)))), Digits),
        _ => 1,
    };

    private static decimal Power(decimal factor, int times)
    {
        decimal power = 1;
        for (var i = 0; i < times && power > 0; i++)
            power = Math.Round(power * factor, Digits);
        return power;
    }

    /// <summary>sin²(πt/2), so that ½(1 + cos πt) is 1 less it.</summary>
    private static decimal SineSquared(decimal t)
    {
        var x = t * 1.5707963267948966192313216916m;
        decimal term = x, sine = x;
        for (var n = 1; n <= 12; n++)
        {
            term = -term * x * x / (2 * n * ((2 * n) + 1));
            sine += term;
        }

        return sine * sine;
    }
}
