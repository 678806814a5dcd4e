using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Consilience.Analyses;
using Consilience.Analyses.Parameters;
using Consilience.Analyses.Schema;
using Consilience.Cli.Examples;
using Consilience.Client.Analyse;
using Consilience.Protocol.Analyse;

namespace Consilience.Cli.Commands;

/// <summary>A command for each method, made of the parameters it states: an option for each, and the formula of a model as its argument.</summary>
internal static class Shorthands
{
    /// <summary>Names that people type; each method's own works too.</summary>
    private static readonly Dictionary<string, string> Short = new(StringComparer.Ordinal)
    {
        ["kaplan-meier"] = "km", ["log-rank"] = "logrank", ["restricted-mean"] = "rmst", ["cumulative-incidence"] = "cuminc", ["t-test"] = "ttest", ["principal-components"] = "pca",
    };

    internal static string NameOf(Method method) => Short.GetValueOrDefault(method.Name, method.Name);

    internal static IEnumerable<Command> All() => MethodList.All.Select(Of);

    /// <summary>The example of a method as it is typed, without what every command needs; null for the rounds of a training, which nobody types.</summary>
    internal static string? ExampleOf(Method method)
    {
        if (!MethodList.All.Contains(method))
            return null;
        var example = WorkedExamples.ParametersOf(method);
        var words = method.Parameters.Where(p => example.ContainsKey(p.Name)).OrderBy(p => p.Form != ParameterForm.Formula)
            .Select(p => p.Form == ParameterForm.Formula ? ParameterWords.Quoted(p, example[p.Name]!) : $"{OptionOf(method, p)} {ParameterWords.Quoted(p, example[p.Name]!)}");
        return $"consilience analyse {NameOf(method)} {string.Join(' ', words)}";
    }

    private static Command Of(Method method)
    {
        var command = new Command(NameOf(method), $"{method.Summary}\nExample: {ExampleOf(method)} --study wilms-relapse …");
        if (command.Name != method.Name)
            command.Aliases.Add(method.Name);
        var price = new Price();
        price.AddTo(command);
        var given = method.Parameters.Where(p => !p.IsInternal).Select(p => (Parameter: p, Words: Add(command, method, p))).ToList();
        var asking = new Asking();
        asking.AddTo(command);
        return command.Does((result, cancellation) =>
        {
            var parameters = new JsonObject();
            foreach (var (parameter, words) in given)
            {
                if (words(result) is { Length: > 0 } written)
                    parameters[parameter.Name] = ParameterWords.Read(parameter, written);
            }

            return asking.AskAsync(result, schema =>
            {
                if (parameters["grid"] is null && !price.IsNoised(result) && EveryUnit(method, parameters, schema) is { } grid)
                    parameters["grid"] = grid;
                return [price.Question(result, method.Name, JsonSerializer.SerializeToElement(parameters))];
            }, cancellation);
        });
    }

    /// <summary>Adds a parameter as an option, or a formula as the argument, and tells how to read what was written.</summary>
    private static Func<ParseResult, string[]> Add(Command command, Method method, Parameter parameter)
    {
        if (parameter.Form == ParameterForm.Formula)
        {
            var formula = new Argument<string>(parameter.Name) { Description = parameter.Description };
            command.Arguments.Add(formula);
            return result => [result.GetRequiredValue(formula)];
        }

        var takesSeveral = parameter.Form is ParameterForm.Axes or ParameterForm.Words or ParameterForm.Codes;
        var option = new Option<string[]>(OptionOf(method, parameter))
        {
            Description = $"{parameter.Description} {ParameterWords.Hint(parameter)}".TrimEnd(), Required = parameter is { IsRequired: true, Form: not ParameterForm.Grid },
            Arity = takesSeveral ? ArgumentArity.OneOrMore : ArgumentArity.ExactlyOne, AllowMultipleArgumentsPerToken = takesSeveral,
            CustomParser = parsed => [.. parsed.Tokens.Select(t => t.Value)],
        };
        option.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(t => t.Value.StartsWith("--", StringComparison.Ordinal)))
                result.AddError($"{token.Value}: not an option of this command (see --help)");
        });
        command.Options.Add(option);
        return result => result.GetValue(option) ?? [];
    }

    /// <summary>A parameter's option; where the price or the way of asking has that name, with the method's before it.</summary>
    private static string OptionOf(Method method, Parameter parameter) => parameter.Name is "rho" or "panel" ? $"--{method.Name}-rho" : $"--{parameter.Name}";

    /// <summary>At exact precision every whole unit of time within the schema's bounds: the curve itself.</summary>
    private static JsonObject? EveryUnit(Method method, JsonObject parameters, StudySchema schema)
    {
        if (!method.Parameters.Any(p => p.Form == ParameterForm.Grid) || schema.Find($"{parameters["time"]}") is not { Type: VariableType.Integer, Minimum: { } from, Maximum: { } to })
            return null;
        return new JsonObject { ["from"] = Math.Max(from, Math.Min(1, to)), ["to"] = to, ["step"] = 1 };
    }

    /// <summary>Cohort and price of a single question. Without a price it is asked at exact precision, which is answered only where agreement and policies grant it.</summary>
    private sealed class Price
    {
        private readonly Option<string> cohort = new("--cohort") { Description = "A cohort expression.", DefaultValueFactory = _ => "" };
        private readonly Option<string?> epsilon = new("--epsilon") { Description = "Ask at noised precision, at this pure ε." };
        private readonly Option<string?> rho = new("--rho") { Description = "Ask at noised precision, at this ρ: leaves the choice of noise to the planner." };
        private readonly Option<bool> exact = new("--exact") { Description = "Ask at exact precision, as without --epsilon and --rho." };
        private readonly Option<bool> again = new("--again") { Description = "Pay for new noise where the question was answered before." };

        internal void AddTo(Command command)
        {
            foreach (var option in new Option[] { cohort, epsilon, rho, exact, again })
                command.Options.Add(option);
            command.Validators.Add(result =>
            {
                if (result.GetValue(exact) && (result.GetValue(epsilon) ?? result.GetValue(rho)) is not null)
                    result.AddError("--exact: with a price (expected either --exact, or one of --epsilon and --rho)");
            });
        }

        internal bool IsNoised(ParseResult result) => (result.GetValue(epsilon) ?? result.GetValue(rho)) is not null;

        internal Question Question(ParseResult result, string method, JsonElement parameters) => new(
            method, method, parameters, result.GetRequiredValue(cohort), IsNoised(result) ? Precision.Noised : Precision.Exact, result.GetValue(epsilon), result.GetValue(rho), result.GetValue(again));
    }
}
