using Consilience.Protocol.Analyse;
using Consilience.Client.Publish;
using Consilience.Protocol.Identity;

namespace Consilience.Client.Analyse;

/// <summary>A question was not answered. Says why, and which parties refused or were absent.</summary>
public sealed class AskFailedException(RefusalCode code, string message, IReadOnlyList<SiteRefusal> refusals, IReadOnlyList<string> absent) : Exception(message)
{
    /// <summary>The run whose release answers the question; null unless it was answered before.</summary>
    public RunId? Earlier { get; init; }

    public RefusalCode Code { get; } = code;

    public IReadOnlyList<SiteRefusal> Refusals { get; } = refusals;

    public IReadOnlyList<string> Absent { get; } = absent;
}
