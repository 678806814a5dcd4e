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
/// other: an exact figure about persons behind a noised one, sums that give a suppressed cell away, and the same persons under different rules. Two results are taken to be about the same
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

    private static IEnumerable<PublicationFinding> Pair(AnalysisResult a, AnalysisResult b)
    {
        if (a.Precision != b.Precision)
        {
            var (exact, noised) = a.Precision == Precision.Exact ? (a, b) : (b, a);
            yield return new("exact-beside-noised", exact.Name, noised.Name, "exact figures about persons behind noised ones take the noise off; publish one of the two");
        }

        if (!a.Disclosure.Order(StringComparer.Ordinal).SequenceEqual(b.Disclosure.Order(StringComparer.Ordinal)))
            yield return new("different-rules", a.Name, b.Name, $"shaped by {Named(a)} and by {Named(b)}: what one hides the other may show; ask both under one agreement");
        if (GivesAway(a, b) || GivesAway(b, a))
            yield return new("suppressed-cell", a.Name, b.Name, "the cells of one add up to the figures of the other, so that a suppressed cell among them can be worked out; publish one of the two, or under a preset that rounds");
    }

    private static string Named(AnalysisResult result) => result.Disclosure.Count == 0 ? "no preset" : string.Join(" and ", result.Disclosure);

    /// <summary>Whether unrounded counts of coarser groups stand beside finer ones of which just one is suppressed.</summary>
    private static bool GivesAway(AnalysisResult fine, AnalysisResult coarse)
    {
        if (fine.Cohort != coarse.Cohort || fine.Groups.All(g => g.Answer != AnswerKind.Suppressed) || fine.Groups.Any(g => g.Curve is not null) || coarse.Groups.Any(g => g.Curve is not null))
            return false;
        var variables = coarse.Groups[0].Key.Keys.ToList();
        var finer = fine.Groups[0].Key.Keys.ToHashSet(StringComparer.Ordinal);
        if (!variables.TrueForAll(finer.Contains) || new DisclosureRules([.. fine.Disclosure.Select(DisclosurePreset.Find).OfType<DisclosurePreset>()]).Rounding != RoundingMethod.None)
            return false;
        return coarse.Groups.Where(c => c.Answer is AnswerKind.Value or AnswerKind.Zero)
            .Any(c => fine.Groups.Count(f => f.Answer == AnswerKind.Suppressed && variables.TrueForAll(v => f.Key[v] == c.Key[v])) == 1);
    }

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
