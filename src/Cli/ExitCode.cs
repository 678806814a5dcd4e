using System.Text;
using Consilience.Analyses.Schema;
using Consilience.Cli.Demo;
using Consilience.Client.Analyse;
using Consilience.Client.Study;
using Consilience.Client.Train;
using Consilience.Connectors.Rows;
using Consilience.KeyHolder.Studies;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.Site.Ledger;
using Grpc.Core;

namespace Consilience.Cli;

/// <summary>What a command ends with; documented in <c>docs/cli.md</c>.</summary>
internal enum ExitCode
{
    Success = 0,

    /// <summary>A check came out negative: a receipt does not verify, data do not fit.</summary>
    CheckFailed = 1,

    /// <summary>An input is wrong: the message says what was expected and how to mend it.</summary>
    BadInput = 2,

    /// <summary>A party refused.</summary>
    Refused = 3,

    /// <summary>A party or the hub could not be reached, or did not answer in time.</summary>
    Unreachable = 4,

    /// <summary>A fault of this program.</summary>
    InternalFault = 70,

    /// <summary>Stopped by the user.</summary>
    Interrupted = 130,
}

/// <summary>An input that a command cannot go on with.</summary>
internal sealed class BadInputException(string message) : Exception(message);

/// <summary>The one place where faults become exit codes and words. No stack trace is shown; a fault of the program says its type.</summary>
internal static class ExitCodes
{
    internal static (ExitCode Code, string Kind, string Message) Of(Exception fault) => fault switch
    {
        FaultyInputException or BadInputException or KeyFolderException or ConsortiumException or StudyDecisionException => (ExitCode.BadInput, "bad-input", fault.Message),
        FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException => (ExitCode.BadInput, "bad-input", fault.Message),
        InvalidDataException or IOException => (ExitCode.BadInput, "bad-input", fault.Message),
        SiteDataException e => (ExitCode.BadInput, Refusal.NameOf(e.Code), e.Message),
        TrainingStoppedException => (ExitCode.CheckFailed, "training-stopped", fault.Message),
        LedgerDamagedException => (ExitCode.CheckFailed, "ledger-damaged", fault.Message),
        StudyRefusedException => (ExitCode.Refused, "study-refused", fault.Message),
        AskFailedException { Code: RefusalCode.PartyAbsent or RefusalCode.DeadlinePassed } e => (ExitCode.Unreachable, Refusal.NameOf(e.Code), Describe(e)),
        AskFailedException e => (ExitCode.Refused, Refusal.NameOf(e.Code), Describe(e)),
        OperationCanceledException or RpcException { StatusCode: StatusCode.Cancelled } => (ExitCode.Interrupted, "interrupted", "stopped"),
        RpcException { StatusCode: StatusCode.Unavailable or StatusCode.DeadlineExceeded } e => (ExitCode.Unreachable, "hub-unreachable", $"hub: not reachable ({e.Status.Detail}); check its address, and that your certificate is of this consortium"),
        RpcException e => (ExitCode.Refused, "hub-refused", $"hub: {e.Status.Detail}"),
        PartyEndedException => (ExitCode.Unreachable, "party-ended", fault.Message),
        _ => (ExitCode.InternalFault, "internal-fault", $"a fault of this program ({fault.GetType().Name}); please report it with the command you gave"),
    };

    private static string Describe(AskFailedException e)
    {
        var text = new StringBuilder(e.Message);
        foreach (var refusal in e.Refusals)
            text.Append($"\n  {refusal.Site}: {Refusal.NameOf(refusal.Code)}: {refusal.Message}");
        if (e.Absent.Count > 0)
            text.Append($"\n  absent: {string.Join(", ", e.Absent)}");
        return text.ToString();
    }
}
