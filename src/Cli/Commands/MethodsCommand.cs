using System.CommandLine;
using System.Text.Json;
using Consilience.Analyses;
using Consilience.Analyses.Parameters;
using Consilience.Analyses.Schema;
using Consilience.Cli.Examples;
using Consilience.Cli.Output;
using Consilience.FederatedLearning;
using Spectre.Console;

namespace Consilience.Cli.Commands;

internal static class MethodsCommand
{
    internal static Command Create()
    {
        var name = new Argument<string?>("name") { Description = "A method.", Arity = ArgumentArity.ZeroOrOne };
        var schema = new Option<bool>("--schema") { Description = "Print the JSON Schema of its parameters." };
        var page = new Option<string?>("--page") { Description = "A folder of pages such as docs/methods, in which to write the example of this one anew: its answer and pictures, noised ones too where it may be asked so." };
        return new Command("methods", """
            Lists the methods of analysis and of training, or tells all about one: its parameters, an example, and the example's answer, computed on the sample study while you wait.
            Example: consilience methods kaplan-meier
            """) { name, schema, page }.Does(async (result, cancellation) =>
        {
            if (result.GetValue(name) is not { } wanted)
                return List(result);
            var method = Find(wanted);
            if (result.GetValue(schema))
                Console.WriteLine(Json.Of((object)MethodSchema.Of(method)));
            else
                await TellAsync(result, method, result.GetValue(page), cancellation);
            return ExitCode.Success;
        });
    }

    private static ExitCode List(ParseResult result)
    {
        Shared.Print(result, new { methods = KnownMethods.All.Select(m => new { m.Name, m.Summary, m.Example }) }, console =>
        {
            var table = new Table().Border(TableBorder.None).HideHeaders().AddColumn(new TableColumn("").NoWrap()).AddColumn("");
            foreach (var method in KnownMethods.All)
                table.AddRow($"[bold]{method.Name}[/]", Markup.Escape(method.Summary));
            console.Write(table);
            console.MarkupLine("[dim]consilience methods NAME shows its parameters and an example; consilience analyse NAME --help its options[/]");
        });
        return ExitCode.Success;
    }

    private static Method Find(string name)
    {
        var names = KnownMethods.All.Select(m => m.Name).ToList();
        return KnownMethods.All.FirstOrDefault(m => m.Name == name || Shorthands.NameOf(m) == name) ?? throw new BadInputException($"method {name}: not known; {Suggestion.For(name, names)}");
    }

    private static async Task TellAsync(ParseResult result, Method method, string? pages, CancellationToken cancellation)
    {
        var (answers, schema) = await WorkedExamples.AnswerAsync([method], epsilon: null, cancellation);
        if (pages is not null)
        {
            await new MethodPage(method, answers[0], schema).WriteAsync(pages, cancellation);
            return;
        }

        Shared.Print(result, new
        {
            method.Name, method.Summary, request = WorkedExamples.RequestOf(method), shorthand = Shorthands.ExampleOf(method), schema = MethodSchema.Of(method),
            answer = JsonSerializer.SerializeToElement(answers[0], Client.Publish.ResultJson.Default.AnalysisResult),
        }, console =>
        {
            console.MarkupLineInterpolated($"[bold]{method.Name}[/]  {method.Summary}\n");
            var table = new Table().Border(TableBorder.None).HideHeaders().AddColumn(new TableColumn("").NoWrap()).AddColumn("");
            foreach (var parameter in method.Parameters.Where(p => !p.IsInternal))
                table.AddRow($"[bold]{parameter.Name}[/]{(parameter.IsRequired ? "" : " [dim](optional)[/]")}", Markup.Escape(parameter.Description));
            console.Write(table);
            console.WriteLine();
            console.MarkupLineInterpolated($"[dim]As a request, on the sample study {method.Sample}:[/]");
            console.Write(new Padder(new Text(WorkedExamples.RequestOf(method).TrimEnd()), new Padding(4, 0, 0, 1)));
            if (Shorthands.ExampleOf(method) is { } words)
            {
                console.MarkupLineInterpolated($"[dim]As a command:[/]");
                console.Write(new Padder(new Text(words), new Padding(4, 0, 0, 1)));
            }

            console.MarkupLine("[dim]Its answer:[/]");
            ResultView.Write(console, answers[0], schema);
        });
    }
}
