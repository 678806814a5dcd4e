using System.CommandLine;
using Consilience.Cli.Commands;

namespace Consilience.Cli;

internal static class Program
{
    private static Task<int> Main(string[] args)
    {
        var root = new RootCommand("Federated analysis of medical data: the computation travels, the data stay, and only sealed sums leave.")
        {
            DemoCommand.Create(),
            SimulateCommand.Create(),
            AnalyseCommand.Create(),
            VerifyCommand.Create(),
            StudyCommand.Create(),
            ConsortiumCommand.Create(),
            KeyCommand.Create(),
            SiteCommand.Create(),
            KeyHolderCommand.Create(),
            HubCommand.Create(),
            MethodsCommand.Create(),
            CompletionCommand.Create(),
        };
        root.Options.Add(Shared.Json);
        return root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
    }
}
