using System.Text.RegularExpressions;
using Consilience.Tests;

namespace Consilience.Cli.Tests;

/// <summary>Help, completion and the documented list of commands.</summary>
public sealed class CommandsExplainThemselves
{
    public static TheoryData<string> Verbs =>
    [
        "demo", "simulate", "analyse", "analyse count", "analyse km", "train", "predict", "verify", "methods", "study check", "study propose", "study list", "consortium draft", "consortium sign", "consortium accept",
        "consortium show", "key create", "key entry", "key card", "site run", "site check", "site studies", "site approve", "site refuse", "site budget", "site ledger", "keyholder run", "keyholder studies",
        "keyholder approve", "keyholder refuse", "hub run", "completion",
    ];

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task Help_says_what_a_command_does_with_an_example(string verb)
    {
        var (code, output, errors) = await CommandLine.RunAsync([.. verb.Split(' '), "--help"]);
        Assert.Equal((0, ""), (code, errors));
        Assert.Contains("Usage:", output, StringComparison.Ordinal);
        if (verb is not "methods")
            Assert.Contains("Example: ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_documented_commands_are_those_there_are()
    {
        var documented = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "cli.md"));
        var (_, output, _) = await CommandLine.RunAsync("--help");
        var commands = Regex.Matches(output[output.IndexOf("Commands:", StringComparison.Ordinal)..], "^  ([a-z]+) ", RegexOptions.Multiline, TimeSpan.FromSeconds(1)).Select(m => m.Groups[1].Value).ToList();
        Assert.Equal(16, commands.Count);
        Assert.All(commands, c => Assert.Contains($"`{c}", documented, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("consilience si", "simulate", "site")]
    [InlineData("consilience site ", "check", "ledger")]
    [InlineData("consilience site check --", "--mapping", "--study")]
    public async Task Tab_completion_knows_commands_and_options(string line, params string[] expected)
    {
        var (_, output, _) = await CommandLine.RunAsync($"[suggest:{line.Length}]", line);
        Assert.All(expected, e => Assert.Contains(e, output.Split('\n', StringSplitOptions.TrimEntries)));
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    public async Task Completion_scripts_ask_this_program(string shell)
    {
        var (code, output, _) = await CommandLine.RunAsync("completion", shell);
        Assert.Equal(0, code);
        Assert.Contains("[suggest:", output, StringComparison.Ordinal);
    }
}
