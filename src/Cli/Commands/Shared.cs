using System.CommandLine;
using System.Security.Cryptography.X509Certificates;
using Consilience.Client;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Wire;
using Spectre.Console;

namespace Consilience.Cli.Commands;

/// <summary>Options many commands share, and the frame every command runs in.</summary>
internal static class Shared
{
    internal static readonly Option<bool> Json = new("--json") { Description = "Print one machine-readable document instead of text.", Recursive = true };

    internal static Option<string> Consortium() => new("--consortium") { Description = "The consortium file.", Required = true };

    internal static Option<string> Keys() => new("--keys") { Description = "The folder with the keys.", Required = true };

    internal static Option<Uri> Hub() => new("--hub")
    {
        Description = "The hub's address, for example https://hub.example.org:7443.",
        Required = true,
        CustomParser = result =>
        {
            if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttps)
                return address;
            result.AddError($"--hub: '{result.Tokens[0].Value}' (expected https://host:port)");
            return null;
        },
    };

    /// <summary>A researcher's option that a variable of the environment may give, such as <c>CONSILIENCE_HUB</c> for <c>--hub</c>.</summary>
    internal static Option<T> OrFromEnvironment<T>(Option<T> option)
    {
        var variable = $"CONSILIENCE_{option.Name.TrimStart('-').ToUpperInvariant()}";
        option.Description += $" {variable} stands for it.";
        if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value)
            (option.Required, option.DefaultValueFactory) = (false, _ => typeof(T) == typeof(Uri) ? (T)(object)new Uri(value) : (T)(object)value);
        return option;
    }

    /// <summary>Words on standard error: standard output is for results.</summary>
    internal static IAnsiConsole Errors { get; } = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });

    /// <summary>Gives a command its action, with faults turned into words and exit codes.</summary>
    internal static Command Does(this Command command, Func<ParseResult, CancellationToken, Task<ExitCode>> action)
    {
        command.SetAction(async (result, cancellation) =>
        {
            try
            {
                return (int)await action(result, cancellation);
            }
            catch (Exception e)
            {
                var (code, kind, message) = ExitCodes.Of(e);
                if (result.GetValue(Json))
                    Console.WriteLine(Output.Json.Of(new { error = new { code = kind, message, exitCode = (int)code } }));
                else
                    Errors.MarkupLineInterpolated($"[red]error:[/] {message}");
                return (int)code;
            }
        });
        return command;
    }

    internal static Command Does(this Command command, Func<ParseResult, ExitCode> action) => command.Does((result, _) => Task.FromResult(action(result)));

    internal static ConsortiumFile ReadConsortium(string path) => ConsortiumFile.Parse(File.ReadAllBytes(path));

    /// <summary>Prints a value: as JSON, or by <paramref name="write"/>.</summary>
    internal static void Print(ParseResult result, object value, Action<IAnsiConsole> write)
    {
        if (result.GetValue(Json))
            Console.WriteLine(Output.Json.Of(value));
        else
            write(AnsiConsole.Console);
    }

    /// <summary>A researcher's connection with the certificate in the key folder.</summary>
    internal static HubConnection Connect(Uri hub, string keys, ConsortiumFile consortium)
    {
        var bytes = Convert.FromBase64String(KeyFolder.ReadSecret(keys, ResearcherFiles.Certificate).Trim());
        var certificate = X509CertificateLoader.LoadPkcs12(bytes, password: null);
        return new GrpcHubConnection(hub, HubTls.Handler(certificate, () => consortium.Current, TimeProvider.System));
    }

    /// <summary>Reads NAME=FILE pairs.</summary>
    internal static IReadOnlyDictionary<string, string> Pairs(IEnumerable<string> pairs, string option)
    {
        var read = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in pairs)
        {
            var (name, file) = pair.Split('=', 2) is [{ Length: > 0 } n, { Length: > 0 } f] ? (n, f) : throw new BadInputException($"{option}: '{pair}' (expected NAME=FILE)");
            if (!read.TryAdd(name, file))
                throw new BadInputException($"{option}: '{name}' is given twice (expected once)");
        }

        return read;
    }
}

/// <summary>Names of the files a researcher's key folder holds beside the keys.</summary>
internal static class ResearcherFiles
{
    /// <summary>TLS certificate with its key, PKCS 12 in base 64, owner only.</summary>
    internal const string Certificate = "tls.pfx";

    /// <summary>The organisation's word on the researcher's keys.</summary>
    internal const string Card = "researcher.card";
}
