using System.Globalization;
using System.Text;
using Consilience.Analyses.Schema;

namespace Consilience.Analyses.Cohorts;

internal enum TokenKind
{
    Unspecified = 0,
    Word,
    Number,
    Text,
    Symbol,
    End,
}

internal sealed record Token(TokenKind Kind, string Text, SourcePosition At)
{
    private const int LongestShown = 40;

    internal bool Is(string word) =>
        Kind is TokenKind.Word or TokenKind.Symbol && string.Equals(Text, word, StringComparison.OrdinalIgnoreCase);

    public override string ToString() => Kind switch
    {
        TokenKind.End => "the end",
        TokenKind.Text => $"text '{Shown(Text)}'",
        _ => $"'{Shown(Text)}'",
    };

    /// <summary>Text from elsewhere as it may stand in a message: short, and nothing in it that a terminal or a reader's eye would obey.</summary>
    internal static string Shown(string text)
    {
        var shown = new StringBuilder();
        foreach (var rune in text.EnumerateRunes().Take(LongestShown))
        {
            var hidden = Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse
                or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
            shown.Append(hidden ? Rune.ReplacementChar : rune);
        }

        return text.Length <= LongestShown ? shown.ToString() : shown.Append('…').ToString();
    }
}

/// <summary>Splits a cohort expression into words, numbers, quoted texts and symbols, each with its place.</summary>
internal static class CohortLexer
{
    private static readonly string[] Symbols = ["<=", ">=", "!=", "<>", "==", "<", ">", "=", "(", ")", ","];

    /// <summary>Null after recording a fault.</summary>
    internal static List<Token>? Split(string text, ICollection<Fault> faults)
    {
        var tokens = new List<Token>();
        int position = 0, line = 1, lineStart = 0;
        while (position < text.Length)
        {
            var c = text[position];
            var at = new SourcePosition(null, line, position - lineStart + 1);
            if (c == '\n')
            {
                line++;
                lineStart = ++position;
            }
            else if (char.IsWhiteSpace(c))
            {
                position++;
            }
            else if (Next(text, position, at) is { } next)
            {
                tokens.Add(next.Token);
                for (; position < next.End; position++)
                {
                    if (text[position] == '\n')
                        (line, lineStart) = (line + 1, position + 1);
                }
            }
            else
            {
                var isQuote = c is '\'' or '"';
                var got = isQuote ? "a text that does not end" : char.IsControl(c) ? "a control character" : $"'{Token.Shown(text.Substring(position, char.IsHighSurrogate(c) && position + 1 < text.Length ? 2 : 1))}'";
                faults.Add(new Fault("cohort", "a variable, a value, a comparison or a bracket", got, isQuote ? $"close it with {c}" : "remove it", at));
                return null;
            }
        }

        tokens.Add(new Token(TokenKind.End, "", new SourcePosition(null, line, position - lineStart + 1)));
        return tokens;
    }

    private static (Token Token, int End)? Next(string text, int start, SourcePosition at)
    {
        var c = text[start];
        if (c is '\'' or '"')
            return Quoted(text, start, at);
        if (char.IsAsciiLetter(c) || c == '_')
            return Run(text, start, at, TokenKind.Word, ch => char.IsAsciiLetterOrDigit(ch) || ch == '_');
        if (char.IsAsciiDigit(c) || (c is '-' or '.' && start + 1 < text.Length && (char.IsAsciiDigit(text[start + 1]) || text[start + 1] == '.')))
            return Run(text, start, at, TokenKind.Number, ch => char.IsAsciiLetterOrDigit(ch) || ch == '.');
        return Array.Find(Symbols, s => string.CompareOrdinal(text, start, s, 0, s.Length) == 0) is { } symbol
            ? (new Token(TokenKind.Symbol, symbol is "<>" ? "!=" : symbol is "==" ? "=" : symbol, at), start + symbol.Length)
            : null;
    }

    private static (Token, int) Run(string text, int start, SourcePosition at, TokenKind kind, Func<char, bool> belongs)
    {
        var end = start + 1;
        while (end < text.Length && belongs(text[end]))
            end++;
        return (new Token(kind, text[start..end], at), end);
    }

    /// <summary>A doubled quote inside stands for one.</summary>
    private static (Token, int)? Quoted(string text, int start, SourcePosition at)
    {
        var quote = text[start];
        var content = new StringBuilder();
        for (var i = start + 1; i < text.Length; i++)
        {
            if (text[i] != quote)
                content.Append(text[i]);
            else if (i + 1 < text.Length && text[i + 1] == quote)
                content.Append(text[i++]);
            else
                return (new Token(TokenKind.Text, content.ToString(), at), i + 1);
        }

        return null;
    }
}
