using Consilience.Analyses.Cohorts;
using Consilience.Analyses.Schema;
using Consilience.Tests;
using CsCheck;

namespace Consilience.Analyses.Tests.Cohorts;

/// <summary>Texts nobody meant: whatever comes, there is a cohort or there are faults, and never an exception.</summary>
[Trait("speed", "slow")]
public sealed class CohortTextFuzz
{
    private static readonly string[] Tokens =
    [
        "age", "stage", "icd", "dose", "relapse", "diagnosed", "agee", "and", "or", "not", "in", "between", "is", "missing", "known", "AND", "NOT", "(", ")", ",", "=", "!=", "<>",
        "==", "<", "<=", ">", ">=", "1", "2", "-3", "0.5", ".5", "5.", "1e9", "--1", "1000000000000000", "-1000000000000000", "99999999999999999999999999999", "'1'", "'C03.''3'",
        "'2020-01-01'", "'0001-01-01'", "'9999-12-31'", "\"true\"", "true", "'", "\"", "\n", "\r\n", "\t", "\0", "\ud800", "é", "\u00a0", ";", "--", "/*", "$1", "@", "\\", "%", "{0}",
    ];

    private static readonly Gen<string> Soup = Gen.Select(Gen.OneOf(Tokens).Array[0, 60], Gen.OneOf("", " ", "  "), (tokens, space) => string.Join(space, tokens));

    private static readonly Gen<string> Characters = Gen.Char.Array[0, 200].Select(c => new string(c));

    private static readonly Gen<string> Mutated =
        Gen.Select(SaidGen.Expression, Gen.Select(Gen.Int[0, 10_000], Gen.OneOf(Tokens), Gen.Int[0, 2]).Array[1, 6]).Select((said, changes) =>
        {
            var text = said.Text();
            foreach (var (place, token, kind) in changes)
            {
                var at = place % (text.Length + 1);
                var after = Math.Min(text.Length, at + (kind * token.Length));
                text = kind == 2 ? text[..at] + text[after..] : text[..at] + token + text[after..];
            }

            return text;
        });

    [Fact]
    public void Whatever_is_written_there_is_a_cohort_or_there_are_faults()
    {
        var (read, refused) = (0, 0);
        Gen.OneOf(Soup, Characters, Mutated).Sample(
            text =>
            {
                var faults = new List<Fault>();
                if (CohortExpression.Parse(text, CohortSchema.Schema, faults) is { } cohort)
                {
                    Interlocked.Increment(ref read);
                    return faults.Count == 0 && CohortSchema.Parsed(cohort.Canonical).Canonical == cohort.Canonical;
                }

                Interlocked.Increment(ref refused);
                return faults.Count > 0 && faults.TrueForAll(f => f.ToString().Length < 2_000);
            },
            time: FuzzTime.Seconds);

        // Both ways were taken, or the texts test nothing.
        Assert.True(read > 100 && refused > 100, $"{read} read, {refused} refused");
    }
}
