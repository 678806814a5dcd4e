using System.CommandLine;
using Consilience.Client.Publish;
using Spectre.Console;

namespace Consilience.Cli.Commands;

internal static class VerifyCommand
{
    internal static Command Create()
    {
        var receipt = new Argument<string>("receipt") { Description = "The receipt's file." };
        var consortium = Shared.Consortium();
        return new Command("verify", """
            Checks a receipt with nothing but the consortium file: every signature, and every figure computed again.
            Example: consilience verify receipts/1.receipt.json --consortium consortium.json
            """) { receipt, consortium }.Does(result =>
        {
            var verification = Verification.OfReceipt(File.ReadAllBytes(result.GetRequiredValue(receipt)), Shared.ReadConsortium(result.GetRequiredValue(consortium)));
            Shared.Print(result, new { holds = verification.Holds, steps = verification.Steps, result = verification.Holds ? verification.Recomputed : null }, console =>
            {
                foreach (var step in verification.Steps)
                    console.MarkupLineInterpolated($"{(step.Holds ? "ok  " : "FAIL")}  {step.What}: {step.Detail}");
                console.MarkupLine(verification.Holds ? "[green]The receipt holds.[/]" : "[red]The receipt does not hold.[/]");
            });
            return verification.Holds ? ExitCode.Success : ExitCode.CheckFailed;
        });
    }
}
