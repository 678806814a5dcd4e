using System.CommandLine;
using Consilience.Analyses;
using Spectre.Console;

namespace Consilience.Cli.Commands;

internal static class MethodsCommand
{
    internal static Command Create() =>
        new Command("methods", "Lists the methods of analysis.\nExample: consilience methods --json").Does(result =>
        {
            Shared.Print(result, new { methods = MethodList.All.Select(m => new { m.Name, m.Summary }) }, console =>
            {
                foreach (var method in MethodList.All)
                    console.MarkupLineInterpolated($"[bold]{method.Name,-16}[/] {method.Summary}");
            });
            return ExitCode.Success;
        });
}
