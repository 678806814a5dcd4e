using Consilience.Analyses.Schema;
using Consilience.Client.Analyse;
using Consilience.Client.Train;
using Consilience.Connectors.Mapping;
using Consilience.Protocol.Agreements;
using Consilience.Protocol.Policy;
using Consilience.Tests;
using CsCheck;

namespace Consilience.Cli.Tests.Schemas;

/// <summary>Studies, policies, mappings and requests nobody meant: each is read or its faults are listed, and no reader throws anything else.</summary>
[Trait("speed", "slow")]
public sealed class DocumentTextFuzz
{
    private static readonly string Samples = Path.Combine(AppContext.BaseDirectory, "samples", "wilms");
    private static readonly string[] Texts = [.. new[] { "study.yaml", "policy.yaml", "mapping.yaml", "requests.yaml", "../heart/fedadam.yaml" }.Select(f => File.ReadAllText(Path.Combine(Samples, f)))];
    private static readonly StudySchema Schema = StudyReader.Read(Texts[0], null).Schema;

    private static readonly string[] Tokens =
    [
        "[", "]", "{", "}", ":", ": ", "-", "- ", "\n", "\n  ", "\t", "'", "\"", "#", "&a", "*a", "!!str", "!", "|", ">", "?", "? ", "%", "@", "`", "---\n", "...\n", "~", "null", "<<", ",", "\0", "\u202e", "\ud800",
        "1e999", "-1", "99999999999999999999", "0x10", "2030-02-30", "study:", "sites: []", "  codes: {}", "by: [stage]", "grid: {from: 1, to: 2147483647, step: 1}", "\r", "\ufeff", "é",
    ];

    private static readonly Gen<string> Spoilt =
        Gen.Select(Gen.OneOf(Texts), Gen.Select(Gen.Double[0, 1], Gen.Int[0, 3], Gen.OneOf(Tokens), Gen.Int[1, 40]).Array[1, 6]).Select((text, changes) =>
        {
            foreach (var (place, kind, token, length) in changes)
            {
                var at = (int)(place * text.Length);
                text = kind switch
                {
                    0 => text.Insert(at, token),
                    1 => text.Remove(at, Math.Min(length, text.Length - at)),
                    2 => text.Remove(at, Math.Min(token.Length, text.Length - at)).Insert(at, token),
                    _ => text[..at],
                };
            }

            return text;
        });

    [Fact]
    public void Whatever_is_written_is_read_or_its_faults_are_listed()
    {
        var (read, refused) = (0, 0);
        Gen.OneOf(Spoilt, Gen.OneOf(Texts), Gen.Char.Array[0, 200].Select(c => new string(c))).Sample(
            text =>
            {
                foreach (var reader in new Action[] { () => StudyReader.Read(text, null), () => SitePolicy.Read(text), () => MappingReader.Read(text, Samples, Schema), () => QuestionReader.Read(text), () => TrainingPlanReader.Read(text) })
                {
                    try
                    {
                        reader();
                        Interlocked.Increment(ref read);
                    }
                    catch (FaultyInputException e)
                    {
                        Interlocked.Increment(ref refused);
                        if (e.Faults.Count == 0)
                            return false;
                    }
                }

                return true;
            },
            time: FuzzTime.Seconds);
        Assert.True(read > 100 && refused > 100, $"{read} read, {refused} refused");
    }
}
