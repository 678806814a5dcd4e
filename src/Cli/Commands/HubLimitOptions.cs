using System.CommandLine;
using System.Globalization;
using Consilience.Hub;

namespace Consilience.Cli.Commands;

/// <summary>What a hub waits for and how much it accepts, as options of <c>hub run</c>; each has the default of <see cref="HubLimits"/>.</summary>
internal sealed class HubLimitOptions
{
    private const long Mebibyte = 1 << 20;
    private static readonly HubLimits Usual = new();

    private readonly Option<int> silent = Whole("--silent", "Seconds that a connected party may show no progress before a run goes on without it; computing an answer shows none.", (int)Usual.SilentAllowance.TotalSeconds);
    private readonly Option<int> away = Whole("--away", "Seconds that a party may be away before a run goes on without it.", (int)Usual.AwayAllowance.TotalSeconds, 0);
    private readonly Option<int> overall = Whole("--overall", "Minutes that collecting answers, or shares, may take in all.", (int)Usual.OverallLimit.TotalMinutes);
    private readonly Option<int> retention = Whole("--retention", "Days that sums and sealed shares stay for reading again.", (int)Usual.Retention.TotalDays);
    private readonly Option<int> vector = Whole("--largest-vector", "MiB of one vector; the hub stores one for each site and key holder of a run.", (int)(Usual.LargestVector / Mebibyte), most: 1 << 20);
    private readonly Option<int> attachment = Whole("--largest-attachment", "MiB of one attachment, such as the weights of a model.", (int)(Usual.LargestAttachment / Mebibyte), most: 1 << 20);
    private readonly Option<int> attachments = Whole("--attachments", "MiB of the attachments of all runs under way.", (int)(Usual.AttachmentsInAll / Mebibyte), most: 1 << 24);
    private readonly Option<int> runs = Whole("--runs", "Runs that may be under way at once.", Usual.RunsUnderWay);
    private readonly Option<int> studies = Whole("--studies", "Studies that may be proposed and not in force at once.", Usual.StudiesPending);

    internal void AddTo(Command command)
    {
        foreach (var option in new Option[] { silent, away, overall, retention, vector, attachment, attachments, runs, studies })
            command.Options.Add(option);
    }

    internal HubLimits Read(ParseResult result) => new()
    {
        SilentAllowance = TimeSpan.FromSeconds(result.GetValue(silent)),
        AwayAllowance = TimeSpan.FromSeconds(result.GetValue(away)),
        OverallLimit = TimeSpan.FromMinutes(result.GetValue(overall)),
        Retention = TimeSpan.FromDays(result.GetValue(retention)),
        LargestVector = result.GetValue(vector) * Mebibyte,
        LargestAttachment = result.GetValue(attachment) * Mebibyte,
        AttachmentsInAll = result.GetValue(attachments) * Mebibyte,
        RunsUnderWay = result.GetValue(runs),
        StudiesPending = result.GetValue(studies),
    };

    private static Option<int> Whole(string name, string description, int usual, int least = 1, int most = 1_000_000)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => usual };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !(int.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most))
                result.AddError($"{name}: '{token.Value}' (expected a whole number from {least} to {most})");
        });
        return option;
    }
}
