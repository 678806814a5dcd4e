namespace Consilience.Hub;

/// <summary>
/// What the hub waits for and how much it accepts. A deadline counts from the last sign of progress, so a slow party that keeps sending is not cut off; only
/// <see cref="OverallLimit"/> counts from the start of a phase.
/// </summary>
public sealed record HubLimits
{
    /// <summary>How long a party that is connected may show no progress before a run goes on without it. Computing an answer shows none. Default 5 minutes.</summary>
    public TimeSpan SilentAllowance { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a party may be away before a run goes on without it. Default 30 seconds.</summary>
    public TimeSpan AwayAllowance { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long collecting contributions, or collecting shares, may take in all. Default 1 hour.</summary>
    public TimeSpan OverallLimit { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How often deadlines are looked at. Default 0.5 s.</summary>
    public TimeSpan ClockInterval { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>How long the masked sum and sealed shares of an opened run stay for reading again. Default 30 days.</summary>
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(30);

    /// <summary>How long a link may take to say who it is. Default 10 seconds.</summary>
    public TimeSpan HelloAllowance { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Bytes of one vector, of which the hub stores one for each site and key holder of a run. Default 512 MiB: 134 million counters of 32 bits, 67 million of 64.</summary>
    public long LargestVector { get; init; } = 512L << 20;

    /// <summary>Bytes of one attachment. Default 512 MiB.</summary>
    public long LargestAttachment { get; init; } = 512L << 20;

    /// <summary>Bytes of the attachments of all runs under way. Default 4 GiB.</summary>
    public long AttachmentsInAll { get; init; } = 4L << 30;

    /// <summary>Bytes of one signed statement. Default 1 MiB.</summary>
    public int LargestStatement { get; init; } = 1 << 20;

    /// <summary>Bytes in one chunk. 1 MiB by the wire contract.</summary>
    public int LargestChunk { get; init; } = 1 << 20;

    /// <summary>Runs that may be under way at once. Default 256.</summary>
    public int RunsUnderWay { get; init; } = 256;

    /// <summary>Studies that may be proposed and not in force at once. Default 1,000.</summary>
    public int StudiesPending { get; init; } = 1000;

    /// <summary>Frames that may wait for one party. A party further behind is disconnected, and gets everything outstanding when it comes back. Default 1,024.</summary>
    public int FramesWaiting { get; init; } = 1024;

    /// <summary>Chunks of transfers that are over (a run may end while its chunks are on their way) before a link is closed. Default 256.</summary>
    public int StrayChunks { get; init; } = 256;
}
