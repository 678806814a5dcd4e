using System.CommandLine;

namespace Consilience.Cli.Commands;

/// <summary>Scripts that make a shell ask this program for completions, by the parser's <c>[suggest]</c> directive.</summary>
internal static class CompletionCommand
{
    private const string Bash = """
        _consilience() {
          local IFS=$'\n'
          COMPREPLY=($(compgen -W "$(consilience "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _consilience consilience
        """;

    private const string Zsh = """
        _consilience() {
          local completions=("${(@f)$(consilience "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
          compadd -a completions
        }
        compdef _consilience consilience
        """;

    private const string Fish = """
        complete -c consilience -a '(consilience "[suggest:"(commandline -C)"]" (commandline) 2>/dev/null)'
        """;

    internal static Command Create()
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh or fish." };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        return new Command("completion", "Prints a script for tab completion.\nExample: source <(consilience completion bash)") { shell }.Does(result =>
        {
            Console.WriteLine(result.GetRequiredValue(shell) switch { "bash" => Bash, "zsh" => Zsh, _ => Fish });
            return ExitCode.Success;
        });
    }
}
