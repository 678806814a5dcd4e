using System.CommandLine;
using Consilience.Client.Publish;
using Consilience.Client.Train;
using Consilience.Protocol.Identity;
using Consilience.Site.Ledger;
using Spectre.Console;

namespace Consilience.Cli.Commands;

internal static class VerifyCommand
{
    internal static Command Create()
    {
        var receipt = new Argument<string>("receipt") { Description = "The receipt's file, or a released model's folder." };
        var consortium = Shared.Consortium();
        return new Command("verify", """
            Checks a receipt with nothing but the consortium file: every signature, and every figure computed again. What it was made of lies in an .evidence file beside it where that is large. Checks a signed ledger too, and a released model's folder: every round, and the weights they give.
            Example: consilience verify receipts/1.receipt.json --consortium consortium.json
            """) { receipt, consortium }.Does(result =>
        {
            var consortia = Shared.ReadConsortium(result.GetRequiredValue(consortium));
            if (VerifyRelease.IsRelease(result.GetRequiredValue(receipt)))
                return Release(result, VerifyRelease.Of(result.GetRequiredValue(receipt), consortia));
            var file = new ReceiptFile(result.GetRequiredValue(receipt));
            var bytes = file.Read();
            if (DsseEnvelope.TryParse(bytes, out var envelope, int.MaxValue) && envelope.PayloadType == LedgerExport.PayloadType)
                return Ledger(result, bytes, consortia.Current);
            var verification = file.Verify(consortia);
            Shared.Print(result, new { holds = verification.Holds, steps = verification.Steps, result = verification.Holds ? verification.Recomputed : null }, console => Write(console, verification.Steps, "receipt", verification.Holds));
            return verification.Holds ? ExitCode.Success : ExitCode.CheckFailed;
        });
    }

    private static ExitCode Release(ParseResult result, VerifyRelease verification)
    {
        Shared.Print(result, new { holds = verification.Holds, steps = verification.Steps }, console => Write(console, verification.Steps, "release", verification.Holds));
        return verification.Holds ? ExitCode.Success : ExitCode.CheckFailed;
    }

    private static void Write(IAnsiConsole console, IReadOnlyList<VerificationStep> steps, string what, bool holds)
    {
        foreach (var step in steps)
            console.MarkupLineInterpolated($"{(step.Holds ? "ok  " : "FAIL")}  {step.What}: {step.Detail}");
        console.MarkupLine(holds ? $"[green]The {what} holds.[/]" : $"[red]The {what} does not hold.[/]");
    }

    private static ExitCode Ledger(ParseResult result, byte[] bytes, Consortium consortium)
    {
        var holds = LedgerExport.TryOpen(bytes, consortium, out var export, out var reason);
        Shared.Print(result, new { holds, reason, site = export?.Site.ToString(), entries = export?.Entries.Count }, console => console.MarkupLineInterpolated(
            holds ? (FormattableString)$"[green]The ledger of {export!.Site} holds:[/] {export.Entries.Count} entries, signed on {export.ExportedAt:yyyy-MM-dd}, each following from those before it." : $"[red]{reason}[/]"));
        return holds ? ExitCode.Success : ExitCode.CheckFailed;
    }
}
