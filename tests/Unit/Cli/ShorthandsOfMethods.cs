using System.Text.Json.Nodes;
using Consilience.Analyses;
using Consilience.Analyses.Parameters;
using Consilience.Cli.Commands;
using Consilience.Cli.Examples;
using Consilience.Tests;

namespace Consilience.Cli.Tests;

/// <summary>Every method has a command of its own, whose words are its parameters.</summary>
public sealed class ShorthandsOfMethods
{
    public static TheoryData<string> Methods => [.. MethodList.All.Select(m => m.Name)];

    /// <summary>The words of each example are read as the example.</summary>
    [Theory]
    [MemberData(nameof(Methods))]
    public void Words_are_read_as_what_they_were_made_of(string name)
    {
        var method = MethodList.Find(name)!;
        foreach (var (key, value) in WorkedExamples.ParametersOf(method))
        {
            var parameter = method.Parameters.Single(p => p.Name == key);
            var read = ParameterWords.Read(parameter, ParameterWords.Of(parameter, value!));
            Assert.True(JsonNode.DeepEquals(value, read) || $"{value}" == $"{read}", $"{key}: {value} became {read}");
        }
    }

    /// <summary>A grid that a number of persons makes is written as in a request file.</summary>
    [Fact]
    public void A_grid_of_expected_persons_is_read()
    {
        var grid = MethodList.Find("kaplan-meier")!.Parameters.Single(p => p.Name == "grid");
        var read = ParameterWords.Read(grid, ["{persons: 500, landmarks: [365, 730], epsilon: 0.5}"]);
        Assert.Equal("""{"persons":500,"landmarks":[365,730],"epsilon":0.5}""", read.ToJsonString());
        Assert.Equal(read.ToJsonString(), Assert.Single(ParameterWords.Of(grid, read)));
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void Help_names_every_parameter(string name)
    {
        var method = MethodList.Find(name)!;
        var command = Shorthands.All().Single(c => c.Name == name || c.Aliases.Contains(name));
        var known = command.Options.Select(o => o.Name).Concat(command.Arguments.Select(a => a.Name)).ToList();
        Assert.All(method.Parameters, p => Assert.Equal(!p.IsInternal, known.Contains(p.Form == ParameterForm.Formula ? p.Name : p.Name is "rho" or "panel" ? $"--{name}-rho" : $"--{p.Name}")));
        Assert.Equal(known.Count, known.Distinct().Count());
    }

    [Theory]
    [InlineData("km --time edrel --event rel --grid 1:x:1", "--grid: 'x'")]
    [InlineData("glm --family binomial", "Required argument 'formula' missing")]
    [InlineData("cox relapse --reference stage", "--reference: 'stage'")]
    [InlineData("rmst --event rel --grid 1:9:1 --horizon 5", "--time")]
    [InlineData("count --by stage --grops histol", "--grops: not an option")]
    [InlineData("count --exact --epsilon 1", "--exact: with a price")]
    public async Task What_does_not_fit_is_said(string words, string expected)
    {
        using var network = new NoNetwork();
        var (code, output, errors) = await CommandLine.RunAsync(["analyse", .. words.Split(' '), .. network.Options]);
        Assert.Equal(2, code);
        Assert.Contains(expected, output + errors, StringComparison.Ordinal);
    }

    /// <summary>Options of a researcher who is not connected to anything: what is wrong with words is found before.</summary>
    private sealed class NoNetwork : IDisposable
    {
        private readonly string folder = Directory.CreateTempSubdirectory("consilience-words-").FullName;

        internal string[] Options => ["--study", "none", "--researcher", "nobody", "--keys", folder, "--hub", "https://127.0.0.1:1", "--consortium", Path.Combine(folder, "none.json")];

        public void Dispose() => Directory.Delete(folder, recursive: true);
    }
}
