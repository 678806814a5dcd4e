using Consilience.Analyses;

namespace Consilience.FederatedLearning.Models;

/// <summary>Kinds of parameters that only models have.</summary>
internal static class ReaderExtensions
{
    /// <summary>A whole number within bounds; null where there is none, or a fault.</summary>
    internal static int? Whole(this ParameterReader reader, string key, int least, int most, bool isRequired = false)
    {
        var expected = $"a whole number from {least} to {most}";
        if (reader.Number(key, expected, isRequired) is not { } number)
            return null;
        if (number == decimal.Truncate(number) && number >= least && number <= most)
            return (int)number;
        reader.Add(key, expected, $"'{number}'", "write such a number");
        return null;
    }

    /// <summary>A number within bounds; null where there is none, or a fault.</summary>
    internal static decimal? Within(this ParameterReader reader, string key, decimal least, decimal most, bool isRequired = false)
    {
        var expected = $"a number from {least} to {most}";
        var number = reader.Number(key, expected, isRequired);
        if (number is null || (number >= least && number <= most))
            return number;
        reader.Add(key, expected, $"'{number}'", "write such a number");
        return null;
    }

    /// <summary>One of a list of words that must be there.</summary>
    internal static string? RequiredChoice(this ParameterReader reader, string key, params string[] choices) =>
        reader.Element(key, $"one of {string.Join(", ", choices)}", required: true) is null ? null : reader.Choice(key, choices);
}
