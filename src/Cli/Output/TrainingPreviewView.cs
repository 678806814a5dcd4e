using System.CommandLine;
using System.Globalization;
using Consilience.Cli.Commands;
using Consilience.Client.Train;
using Consilience.DifferentialPrivacy.Accounting;
using Spectre.Console;

namespace Consilience.Cli.Output;

/// <summary>What a training would cost and could reach.</summary>
internal static class TrainingPreviewView
{
    internal static ExitCode Print(ParseResult result, TrainingPreview preview)
    {
        Shared.Print(result, new
        {
            training = preview.Name, preview.Rounds, preview.Weights, preview.Price, preview.Epsilon, preview.Delta, chargeNanoRho = preview.Charge.Amount, leftNanoRho = preview.Left.ToDictionary(l => $"{l.Key}", l => l.Value.Amount), preview.Suffices, preview.BytesOfASite, preview.Expect,
            runs = preview.Runs.Select(r => new { r.What, r.Times, chargeNanoRho = r.Charge?.Amount, r.BytesOfASite }),
        }, console =>
        {
            console.MarkupLineInterpolated($"[bold]{preview.Name}[/]: {preview.Weights} weights in at most {preview.Rounds} rounds; a site sends {(preview.BytesOfASite / 1000.0).ToString("0.0", CultureInfo.InvariantCulture)} kB in all");
            if (preview.Price is null)
                console.MarkupLine("exact: no noise, no charge");
            else
                console.MarkupLineInterpolated($"{preview.Price}: all rounds together are ε = {(Math.Ceiling(preview.Epsilon!.Value * 1000) / 1000).ToString(CultureInfo.InvariantCulture)} at δ = {preview.Delta!.Value.ToString(CultureInfo.InvariantCulture)}; ρ = {preview.Charge} is charged at each site, with what is asked beside the rounds");
            foreach (var runs in preview.Runs)
                console.MarkupLineInterpolated($"  {runs.What}: at most {runs.Times}{(runs.Charge is { } charge ? $", ρ = {charge} each" : "")}");
            foreach (var (site, left) in preview.Left.Where(_ => preview.Price is not null))
                console.MarkupLineInterpolated($"  {site}: ρ = {left} left{(left >= preview.Charge ? $", ρ = {new NanoRho(left.Amount - preview.Charge.Amount)} after it" : ": not enough, the training would be refused before its first round")}");
            console.WriteLine(preview.Expect);
        });
        return ExitCode.Success;
    }
}
