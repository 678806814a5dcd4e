using System.CommandLine;
using Consilience.Cli.Commands;
using Consilience.Hub;

namespace Consilience.Cli.Tests;

/// <summary>Options of <c>hub run</c> are the hub's limits.</summary>
public sealed class LimitsOfAHub
{
    private static (HubLimits Limits, IReadOnlyList<string> Errors) Read(string line)
    {
        var (options, command) = (new HubLimitOptions(), new Command("run"));
        options.AddTo(command);
        var result = command.Parse(line);
        return (result.Errors.Count == 0 ? options.Read(result) : new HubLimits(), [.. result.Errors.Select(e => e.Message)]);
    }

    [Fact]
    public void Without_options_they_are_the_usual_ones() => Assert.Equal(new HubLimits(), Read("").Limits);

    [Fact]
    public void Every_option_sets_its_own()
    {
        var limits = Read("--silent 7 --away 0 --overall 9 --retention 2 --largest-vector 3 --largest-attachment 4 --attachments 5 --runs 6 --studies 8").Limits;
        var expected = new HubLimits
        {
            SilentAllowance = TimeSpan.FromSeconds(7), AwayAllowance = TimeSpan.Zero, OverallLimit = TimeSpan.FromMinutes(9), Retention = TimeSpan.FromDays(2),
            LargestVector = 3 << 20, LargestAttachment = 4 << 20, AttachmentsInAll = 5 << 20, RunsUnderWay = 6, StudiesPending = 8,
        };
        Assert.Equal(expected, limits);
    }

    [Theory]
    [InlineData("--runs 0")]
    [InlineData("--silent -1")]
    [InlineData("--largest-vector many")]
    [InlineData("--largest-attachment 2000000000")]
    public void A_number_that_is_none_is_named(string line) => Assert.Contains(Read(line).Errors, e => e.Contains(line.Split(' ')[0], StringComparison.Ordinal));
}
