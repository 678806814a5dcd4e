using Consilience.Protocol.Analyse;

namespace Consilience.Hub.Analyse;

/// <summary>Ends a run on the word of whoever may: what has arrived of it is never opened by this hub, and a roll that was sent stays the only one.</summary>
public static class CancelRun
{
    public static RunOutcome Decide(RunState state, string by, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        return state.Phase == RunPhase.Opened || state.Failure is { MayResume: false }
            ? new RunOutcome(state)
            : SettleRun.End(state, now, new RunFailure(new Refusal(RefusalCode.Cancelled, $"run {state.Run}: cancelled by {by}; ask again under a new run id"), MayResume: false));
    }
}
