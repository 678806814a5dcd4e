namespace Consilience.Analyses.Schema;

/// <summary>"Did you mean …?"</summary>
public static class Suggestion
{
    private const int LongestWord = 100;
    private const int MostCompared = 2_000;

    /// <summary>A sentence naming the nearest candidate, or listing what is possible when none is near.</summary>
    public static string For(string word, IReadOnlyCollection<string> candidates)
    {
        ArgumentNullException.ThrowIfNull(word);
        ArgumentNullException.ThrowIfNull(candidates);
        if (candidates.Count == 0)
            return "nothing is possible here";
        var farthest = Math.Max(1, word.Length / 3);
        var near = word.Length > LongestWord ? [] : candidates.Where(c => Math.Abs(c.Length - word.Length) <= farthest).Take(MostCompared);
        var nearest = near.MinBy(c => Distance(word, c));
        return nearest is not null && Distance(word, nearest) <= farthest
            ? $"did you mean '{nearest}'?"
            : $"use one of {string.Join(", ", candidates.Take(20))}";
    }

    /// <summary>Levenshtein's edit distance, without regard to case.</summary>
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var substitute = diagonal + (char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substitute, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
