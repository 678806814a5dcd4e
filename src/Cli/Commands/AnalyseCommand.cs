using System.CommandLine;
using Consilience.Client.Analyse;

namespace Consilience.Cli.Commands;

internal static class AnalyseCommand
{
    internal static Command Create()
    {
        var request = new Argument<string?>("request") { Description = "A request file.", Arity = ArgumentArity.ZeroOrOne };
        var asking = new Asking();
        var command = new Command("analyse", """
            Asks the questions of a request file, or one by its shorthand.
            Example: consilience analyse requests.yaml --study wilms-relapse --researcher ada-lindqvist --keys ada --hub https://hub:7443 --consortium consortium.json
            """) { request };
        asking.AddTo(command);
        command.Does((result, cancellation) =>
        {
            var path = result.GetValue(request) ?? throw new BadInputException("request: none given (expected a request file, or a method's shorthand such as count or km; see 'consilience analyse --help')");
            var questions = QuestionReader.Read(File.ReadAllText(path), Path.GetFileName(path));
            return asking.AskAsync(result, _ => questions, cancellation);
        });
        foreach (var shorthand in Shorthands.All())
            command.Subcommands.Add(shorthand);
        return command;
    }
}
