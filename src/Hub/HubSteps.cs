namespace Consilience.Hub;

/// <summary>
/// The stable names of the moments immediately before and after every durable write and every send of the hub. A test stops the hub at each of them and checks
/// that every run goes on, or ends in a typed failure, once the hub is started again.
/// </summary>
public static class HubSteps
{
    /// <summary>Things the hub stores, each in one transaction.</summary>
    internal static class Stored
    {
        internal const string Proposal = "proposal";
        internal const string Decision = "decision";
        internal const string Run = "run";
        internal const string Attachment = "attachment";
        internal const string Announcement = "announcement";
        internal const string Chunk = "chunk";
        internal const string Contribution = "contribution";
        internal const string Refusal = "refusal";
        internal const string SumBlock = "sum-block";
        internal const string Roll = "roll";
        internal const string Share = "share";
        internal const string End = "end";
        internal const string Forgotten = "forgotten";
    }

    /// <summary>Frames the hub sends to a party.</summary>
    internal static class Sent
    {
        internal const string Welcome = "welcome";
        internal const string Proposal = "proposal";
        internal const string Agreement = "agreement";
        internal const string Request = "request";
        internal const string Roll = "roll";
        internal const string Resume = "resume";
        internal const string Ended = "ended";
        internal const string Attachment = "attachment";
    }

    /// <summary>Those that only a run with an attachment takes.</summary>
    public static IReadOnlyList<string> OfAttachments { get; } = [Storing(Stored.Attachment), HasStored(Stored.Attachment), Sending(Sent.Attachment), HasSent(Sent.Attachment)];

    /// <summary>Every step, in no particular order: <c>hub.roll-storing</c>, <c>hub.roll-stored</c>, <c>hub.roll-sending</c>, <c>hub.roll-sent</c>, …</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        .. new[]
        {
            Stored.Proposal, Stored.Decision, Stored.Run, Stored.Attachment, Stored.Announcement, Stored.Chunk, Stored.Contribution, Stored.Refusal,
            Stored.SumBlock, Stored.Roll, Stored.Share, Stored.End, Stored.Forgotten,
        }.SelectMany(s => new[] { Storing(s), HasStored(s) }),
        .. new[] { Sent.Welcome, Sent.Proposal, Sent.Agreement, Sent.Request, Sent.Roll, Sent.Resume, Sent.Ended, Sent.Attachment }
            .SelectMany(s => new[] { Sending(s), HasSent(s) }),
    ];

    internal static string Storing(string thing) => $"hub.{thing}-storing";

    internal static string HasStored(string thing) => $"hub.{thing}-stored";

    internal static string Sending(string frame) => $"hub.{frame}-sending";

    internal static string HasSent(string frame) => $"hub.{frame}-sent";
}
