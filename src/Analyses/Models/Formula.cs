using System.Globalization;
using System.Text.RegularExpressions;

namespace Consilience.Analyses.Models;

/// <summary>One factor of a term: a variable as it is, <c>score(variable)</c>, or <c>cut(variable, edge, …)</c>.</summary>
/// <param name="Variable">Its name.</param>
/// <param name="IsScore">Whether codes count as 1, 2, … in the schema's order.</param>
/// <param name="Edges">Of <c>cut</c>; empty otherwise.</param>
internal sealed record FormulaFactor(string Variable, bool IsScore, IReadOnlyList<decimal> Edges);

/// <summary>
/// A model as R users write it: <c>outcome ~ term + term</c>, a term being factors joined by <c>:</c>, or by <c>*</c> for them and all their products. The intercept is understood.
/// </summary>
internal sealed partial record Formula(IReadOnlyList<string> Outcome, IReadOnlyList<IReadOnlyList<FormulaFactor>> Terms)
{
    /// <summary>Reads a formula with one outcome. Null with a fault added where <c>formula</c> does not read.</summary>
    internal static Formula? Read(ParameterReader reader) => Read(reader, "a formula such as 'relapse ~ histology + stage + age'", side => Name().IsMatch(side) ? [side] : []);

    /// <summary>Reads a formula whose outcome is <c>Surv(time, event)</c>. Null with a fault added where <c>formula</c> does not read.</summary>
    internal static Formula? ReadSurvival(ParameterReader reader) =>
        Read(reader, "a formula such as 'Surv(days, relapse) ~ histology + stage + age'", side => Survival().Match(side) is { Success: true } s ? [s.Groups["time"].Value, s.Groups["event"].Value] : []);

    private static Formula? Read(ParameterReader reader, string expected, Func<string, IReadOnlyList<string>> outcomeOf)
    {
        if (reader.Element("formula", expected, required: true) is not { } element)
            return null;
        var text = element.ToString();
        var sides = text.Split('~');
        var terms = sides.Length == 2 && text.Length <= 4000 ? sides[1].Split('+').Select(Term).ToList() : [null];
        if (!terms.Contains(null) && outcomeOf(sides[0].Trim()) is { Count: > 0 } outcome)
            return new Formula(outcome, [.. terms.SelectMany(t => t!).DistinctBy(Key)]);
        reader.Add("formula", $"{expected}; terms are variables, score(variable), cut(variable, edge, …), and products of them with ':' or '*'", $"'{(text.Length <= 60 ? text : text[..60] + "…")}'",
            "write the outcome, '~', and terms joined by '+'");
        return null;
    }

    private static string Key(IReadOnlyList<FormulaFactor> term) => string.Join(':', term.Select(f => $"{f.Variable}/{f.IsScore}/{string.Join('|', f.Edges)}").Order(StringComparer.Ordinal));

    /// <summary>A term's products: one, or with <c>*</c> those of every part of its factors, smaller ones first.</summary>
    private static List<IReadOnlyList<FormulaFactor>>? Term(string text)
    {
        var factors = text.Split(':', '*').Select(f => Factor(f.Trim())).ToList();
        if (factors.Contains(null) || factors.Count > 3 || factors.DistinctBy(f => f!.Variable).Count() < factors.Count)
            return null;
        if (!text.Contains('*', StringComparison.Ordinal))
            return [[.. factors.Select(f => f!)]];
        return text.Contains(':', StringComparison.Ordinal) ? null : [.. Enumerable.Range(1, (1 << factors.Count) - 1)
            .OrderBy(m => int.PopCount(m)).Select(m => (IReadOnlyList<FormulaFactor>)[.. factors.Where((_, i) => (m & (1 << i)) != 0).Select(f => f!)])];
    }

    private static FormulaFactor? Factor(string text)
    {
        if (Name().IsMatch(text))
            return new FormulaFactor(text, IsScore: false, []);
        if (Call().Match(text) is not { Success: true } call)
            return null;
        var arguments = call.Groups["arguments"].Value.Split(',').Select(a => a.Trim()).ToList();
        var edges = arguments.Skip(1).Select(a => decimal.TryParse(a, NumberStyles.Float, CultureInfo.InvariantCulture, out var edge) ? edge : (decimal?)null).ToList();
        if (!Name().IsMatch(arguments[0]) || edges.Contains(null) || edges.Zip(edges.Skip(1)).Any(e => e.First >= e.Second))
            return null;
        return (call.Groups["name"].Value, edges.Count) switch
        {
            ("score", 0) => new FormulaFactor(arguments[0], IsScore: true, []),
            ("cut", > 0) => new FormulaFactor(arguments[0], IsScore: false, [.. edges.Select(e => e!.Value)]),
            _ => null,
        };
    }

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_.]*$", RegexOptions.CultureInvariant)]
    private static partial Regex Name();

    [GeneratedRegex(@"^Surv\(\s*(?<time>[A-Za-z_][A-Za-z0-9_.]*)\s*,\s*(?<event>[A-Za-z_][A-Za-z0-9_.]*)\s*\)$", RegexOptions.CultureInvariant)]
    private static partial Regex Survival();

    [GeneratedRegex(@"^(?<name>score|cut)\((?<arguments>[^()]*)\)$", RegexOptions.CultureInvariant)]
    private static partial Regex Call();
}
