using System.Globalization;

namespace Consilience.Tests;

/// <summary>How long a fuzzer runs: as many seconds as CONSILIENCE_FUZZ_SECONDS says, otherwise 2.</summary>
internal static class FuzzTime
{
    internal static int Seconds => Asked ?? 2;

    /// <summary>What CONSILIENCE_FUZZ_SECONDS says; null without.</summary>
    internal static int? Asked => int.TryParse(Environment.GetEnvironmentVariable("CONSILIENCE_FUZZ_SECONDS"), CultureInfo.InvariantCulture, out var seconds) ? Math.Max(1, seconds) : null;
}
