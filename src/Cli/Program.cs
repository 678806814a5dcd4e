using System.CommandLine;
using Consilience.Cli.Commands;

namespace Consilience.Cli;

internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        var root = new RootCommand("Federated analysis of medical data: the computation travels, the data stay, and only sealed sums leave.")
        {
            DemoCommand.Create(),
            SimulateCommand.Create(),
            AnalyseCommand.Create(),
            TrainCommand.Create(), PredictCommand.Create(), PersonaliseCommand.Create(),
            VerifyCommand.Create(), PublishCommand.Create(),
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
        var command = root.Parse(args);
        var code = await command.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });

        // The library ends a command line it cannot read with 1, which here is a check that came out negative.
        return command.Errors.Count > 0 && code == 1 ? (int)ExitCode.BadInput : code;
    }
}
