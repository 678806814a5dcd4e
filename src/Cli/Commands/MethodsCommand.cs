using System.CommandLine;
using Consilience.FederatedLearning;
using Spectre.Console;

namespace Consilience.Cli.Commands;

internal static class MethodsCommand
{
    internal static Command Create() =>
        new Command("methods", "Lists the methods of analysis, each with parameters that work.\nExample: consilience methods --json").Does(result =>
        {
            Shared.Print(result, new { methods = KnownMethods.All.Select(m => new { m.Name, m.Summary, m.Example }) }, console =>
            {
                foreach (var method in KnownMethods.All)
                {
                    console.MarkupLineInterpolated($"[bold]{method.Name}[/]  {method.Summary}");
                    console.Write(new Padder(new Text(method.Example), new Padding(4, 0, 0, 1)));
                }
            });
            return ExitCode.Success;
        });
}
