using Consilience.Protocol.Analyse;
using Consilience.Client.Publish;

namespace Consilience.Client.Analyse;

/// <summary>A question was not answered. Says why, and which parties refused or were absent.</summary>
public sealed class AskFailedException(RefusalCode code, string message, IReadOnlyList<SiteRefusal> refusals, IReadOnlyList<string> absent) : Exception(message)
{
    public RefusalCode Code { get; } = code;

    public IReadOnlyList<SiteRefusal> Refusals { get; } = refusals;

    public IReadOnlyList<string> Absent { get; } = absent;
}
