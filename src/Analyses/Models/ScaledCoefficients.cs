using System.Globalization;
using System.Text.Json;

namespace Consilience.Analyses.Models;

/// <summary>The parameter <c>at</c>: coefficients of the scaled columns, at which a round of a fit is asked.</summary>
internal static class ScaledCoefficients
{
    /// <summary>Zeros without; null with a fault added where there are not <paramref name="count"/> numbers within ±<see cref="NewtonPath.Largest"/>.</summary>
    internal static double[]? Read(ParameterReader reader, int count)
    {
        var list = reader.List("at", "a list of numbers, one for each coefficient", required: false);
        double[] numbers = [.. list.Where(a => a.ValueKind == JsonValueKind.Number && Math.Abs(a.GetDouble()) <= NewtonPath.Largest).Select(a => a.GetDouble())];
        if (list.Count == 0)
            return new double[count];
        if (numbers.Length == count && list.Count == count)
            return numbers;
        reader.Add("at", $"{count} numbers of magnitude {NewtonPath.Largest} or less", $"{list.Count} entries, {numbers.Length} of them such numbers", "leave it out: a fit finds its way");
        return null;
    }

    /// <summary>As canonical text: every digit.</summary>
    internal static IEnumerable<string> Texts(IReadOnlyList<double> at) => at.Select(a => a.ToString("R", CultureInfo.InvariantCulture));
}
