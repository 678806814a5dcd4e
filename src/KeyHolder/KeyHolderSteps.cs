namespace Consilience.KeyHolder;

/// <summary>
/// The stable names of the moments immediately before and after every durable write and every send of a key holder. A test ends the key holder at each of them and checks
/// that a run is opened once, with the same bytes, once it is started again.
/// </summary>
public static class KeyHolderSteps
{
    /// <summary>What every step of a key holder begins with.</summary>
    internal const string Prefix = "keyholder";

    public const string RecordStoring = "keyholder.record-storing";
    public const string RecordStored = "keyholder.record-stored";
    public const string ShareSending = "keyholder.share-sending";
    public const string ShareSent = "keyholder.share-sent";

    /// <summary>Every step, in the order of a study and one run.</summary>
    public static IReadOnlyList<string> All { get; } =
        [.. PartySteps.OfStudies(Prefix), RecordStoring, RecordStored, ShareSending, ShareSent, .. PartySteps.OfTransfers(Prefix)];
}

/// <summary>The steps sites and key holders have in common.</summary>
public static class PartySteps
{
    public static IEnumerable<string> OfStudies(string prefix) => Named(
        prefix, "hello-sending", "hello-sent", "decision-storing", "decision-stored", "decision-sending", "decision-sent", "agreement-storing", "agreement-stored");

    public static IEnumerable<string> OfTransfers(string prefix) => Named(prefix, "chunk-sending", "chunk-sent", "end-storing", "end-stored");

    private static IEnumerable<string> Named(string prefix, params string[] steps) => steps.Select(s => $"{prefix}.{s}");
}
