using System.Text.Json;
using Consilience.Analyses.Disclosure;
using Consilience.Protocol.Analyse;

namespace Consilience.Client.Publish;

/// <summary>Something that must not be published together, and how to mend it.</summary>
public sealed record PublicationFinding(string Rule, string First, string Second, string Why)
{
    public override string ToString() => $"{Rule}: '{First}' and '{Second}': {Why}";
}

/// <summary>
/// Looks at results that are to be published together, before they are. <b>Guarantee:</b> refuses every pair of results of one study in which one could take the protection off the
/// other: an exact figure about persons behind a noised one, different exact questions that give a hidden cell away, and the same persons under different rules. Two results are taken to be about the same
/// persons unless their cohorts name different codes of one variable. <b>Limit:</b> pairs are looked at, not sums of three and more results; what was
/// published elsewhere is not known here.
/// </summary>
public static class CheckPublication
{
    public static IReadOnlyList<PublicationFinding> Of(IReadOnlyList<AnalysisResult> results)
    {
        ArgumentNullException.ThrowIfNull(results);
        var findings = new List<PublicationFinding>();
        for (var i = 0; i < results.Count; i++)
        {
            foreach (var other in results.Skip(i + 1).Where(o => o.Study == results[i].Study && o.Run != results[i].Run && !AreDisjoint(results[i], o)))
                findings.AddRange(Pair(results[i], other));
        }

        return findings;
    }

    /// <summary>Whether a folder of results holds a result's receipt, or the evidence that belongs beside the receipt and computes as much without it.</summary>
    public static bool HasReceipt(AnalysisResult result, string folder)
    {
        ArgumentNullException.ThrowIfNull(result);
        return result.Receipt is { } receipt && Path.Combine(folder, receipt) is var file && (File.Exists(file) || File.Exists(Path.Combine(Path.GetDirectoryName(file)!, RunEvidence.NameOf(result.Run))));
    }

    /// <summary>A receipt beside the results that computes what rules hide in them.</summary>
    public static PublicationFinding? OfReceipt(AnalysisResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return result is { Precision: Precision.Exact, Disclosure.Count: > 0, Receipt: { } receipt }
            ? new("receipt", result.Name, receipt, "whoever holds the receipt can compute what the rules hide; leave it out of what is published")
            : null;
    }

    private static IEnumerable<PublicationFinding> Pair(AnalysisResult a, AnalysisResult b)
    {
        if (a.Precision != b.Precision)
        {
            var (exact, noised) = a.Precision == Precision.Exact ? (a, b) : (b, a);
            yield return new("exact-beside-noised", exact.Name, noised.Name, "exact figures about persons behind noised ones take the noise off; publish one of the two");
        }

        if (!a.Disclosure.Order(StringComparer.Ordinal).SequenceEqual(b.Disclosure.Order(StringComparer.Ordinal)))
            yield return new("different-rules", a.Name, b.Name, $"shaped by {Named(a)} and by {Named(b)}: what one hides the other may show; ask both under one agreement");
        if (GivesAway(a, b))
            yield return new("suppressed-cell", a.Name, b.Name, "figures of one can be subtracted from figures of the other, so that a cell the rules hide can be worked out; publish one of the two, or under a preset that rounds");
    }

    private static string Named(AnalysisResult result) => result.Disclosure.Count == 0 ? "no preset" : string.Join(" and ", result.Disclosure);

    /// <summary>
    /// Whether a cell that rules hide could be worked out from two exact results, by subtracting one's figures from the other's. Taken to be so for any two different questions under presets that
    /// suppress and do not round, but for a table beside sums of its own cells of which none is suppressed.
    /// </summary>
    private static bool GivesAway(AnalysisResult a, AnalysisResult b)
    {
        var rules = new DisclosureRules([.. a.Disclosure.Concat(b.Disclosure).Select(DisclosurePreset.Find).OfType<DisclosurePreset>()]);
        if (a.Precision != Precision.Exact || b.Precision != Precision.Exact || rules.LargestSuppressed == 0 || rules.Rounding != RoundingMethod.None || IsSameQuestion(a, b))
            return false;
        return !(AreItsSums(a, b) || AreItsSums(b, a));
    }

    private static bool IsSameQuestion(AnalysisResult a, AnalysisResult b) => a.Method == b.Method && a.Cohort == b.Cohort && JsonElement.DeepEquals(a.Parameters, b.Parameters);

    /// <summary>Whether every figure of the coarse table is a sum of cells that the fine one shows.</summary>
    private static bool AreItsSums(AnalysisResult fine, AnalysisResult coarse) =>
        fine is { Method: "count" } && coarse is { Method: "count" } && fine.Cohort == coarse.Cohort && fine.Groups.All(g => g.Answer != AnswerKind.Suppressed)
        && Grouping(coarse).TrueForAll(c => Grouping(fine).Exists(f => JsonElement.DeepEquals(f, c)));

    private static List<JsonElement> Grouping(AnalysisResult result) => result.Parameters.TryGetProperty("by", out var by) ? [.. by.EnumerateArray()] : [];

    private static bool AreDisjoint(AnalysisResult a, AnalysisResult b) =>
        CohortText.CodesOf(a.Cohort) is var first && CohortText.CodesOf(b.Cohort) is var second
        && first.Any(c => second.TryGetValue(c.Key, out var other) && !c.Value.Overlaps(other));

    /// <summary>Reads the conditions on codes that must all hold from a canonical cohort; what it does not understand it leaves out, so that cohorts look larger than they are.</summary>
    private static class CohortText
    {
        internal static Dictionary<string, HashSet<string>> CodesOf(string canonical)
        {
            var codes = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
            // Parentheses, 'or' and quotes within codes make the splitting below unsure: then nothing is known.
            if (canonical.Contains(" or ", StringComparison.Ordinal) || canonical.Contains("''", StringComparison.Ordinal))
                return codes;
            foreach (var condition in canonical.Split(" and "))
            {
                if (condition.Split(" = ") is [var variable, ['\'', .., '\''] code] && !code[1..^1].Contains('\''))
                    codes[variable] = [code[1..^1]];
                else if (condition.Split(" in ('") is [var listed, var list] && !listed.EndsWith("not", StringComparison.Ordinal) && list.EndsWith("')", StringComparison.Ordinal))
                    codes[listed] = [.. list[..^2].Split("', '")];
            }

            return codes;
        }
    }
}
