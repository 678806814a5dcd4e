using System.Globalization;

namespace Consilience.Analyses.Tests.Cohorts;

/// <summary>
/// A cohort expression as a person would say it: the tree a text is written from, never normalised. What it means is worked out here from Kleene's tables alone, so that the
/// product's parser and normal form are judged by something that shares no code with them.
/// </summary>
internal abstract record Said
{
    /// <summary>True, false, or null for unknown. A row holds numbers (a day as its number) and codes; a variable that is not in it is missing.</summary>
    internal abstract bool? Holds(IReadOnlyDictionary<string, object> row);

    internal abstract string Text();

    internal static string Quoted(object value) => value switch
    {
        DateOnly day => $"'{day:yyyy-MM-dd}'",
        decimal number => number.ToString(CultureInfo.InvariantCulture),
        _ => $"'{((string)value).Replace("'", "''", StringComparison.Ordinal)}'",
    };

    internal static IComparable Ordinary(object value) => value is DateOnly day ? (decimal)day.DayNumber : (IComparable)value;
}

internal sealed record SaidCompare(string Variable, string Symbol, object Value) : Said
{
    internal override bool? Holds(IReadOnlyDictionary<string, object> row)
    {
        if (!row.TryGetValue(Variable, out var value))
            return null;
        var order = Ordinary(value).CompareTo(Ordinary(Value));
        return Symbol switch
        {
            "=" or "==" => order == 0,
            "!=" or "<>" => order != 0,
            "<" => order < 0,
            "<=" => order <= 0,
            ">" => order > 0,
            ">=" => order >= 0,
            _ => throw new System.Diagnostics.UnreachableException(Symbol),
        };
    }

    internal override string Text() => $"{Variable} {Symbol} {Quoted(Value)}";
}

internal sealed record SaidIn(string Variable, bool Negated, IReadOnlyList<object> Values) : Said
{
    internal override bool? Holds(IReadOnlyDictionary<string, object> row) =>
        row.TryGetValue(Variable, out var value) ? Values.Any(v => Ordinary(value).CompareTo(Ordinary(v)) == 0) != Negated : null;

    internal override string Text() => $"{Variable} {(Negated ? "not in" : "in")} ({string.Join(',', Values.Select(Quoted))})";
}

internal sealed record SaidBetween(string Variable, bool Negated, object Low, object High) : Said
{
    internal override bool? Holds(IReadOnlyDictionary<string, object> row) =>
        row.TryGetValue(Variable, out var value)
            ? (Ordinary(value).CompareTo(Ordinary(Low)) >= 0 && Ordinary(value).CompareTo(Ordinary(High)) <= 0) != Negated
            : null;

    internal override string Text() => $"{Variable} {(Negated ? "NOT between" : "between")} {Quoted(Low)} and {Quoted(High)}";
}

internal sealed record SaidMissing(string Variable, string Word) : Said
{
    internal override bool? Holds(IReadOnlyDictionary<string, object> row) =>
        row.ContainsKey(Variable) == Word is "known" or "not missing";

    internal override string Text() => $"{Variable} is {Word}";
}

internal sealed record SaidNot(Said Inner) : Said
{
    internal override bool? Holds(IReadOnlyDictionary<string, object> row) => !Inner.Holds(row);

    internal override string Text() => $"not ({Inner.Text()})";
}

internal sealed record SaidJoin(string Word, IReadOnlyList<Said> Operands) : Said
{
    internal override bool? Holds(IReadOnlyDictionary<string, object> row)
    {
        var values = Operands.Select(o => o.Holds(row)).ToList();
        var decisive = Word == "or";
        return values.Contains(decisive) ? decisive : values.Contains(null) ? null : !decisive;
    }

    internal override string Text() => string.Join($" {Word} ", Operands.Select(o => $"({o.Text()})"));
}
