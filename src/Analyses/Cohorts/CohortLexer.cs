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
    internal bool Is(string word) =>
        Kind is TokenKind.Word or TokenKind.Symbol && string.Equals(Text, word, StringComparison.OrdinalIgnoreCase);

    public override string ToString() => Kind switch
    {
        TokenKind.End => "the end",
        TokenKind.Text => $"text '{Shorten(Text)}'",
        _ => $"'{Shorten(Text)}'",
    };

    private static string Shorten(string text) => text.Length <= 40 ? text : text[..40] + "…";
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
                position = next.End;
            }
            else
            {
                var got = c is '\'' or '"' ? "a text that does not end" : char.IsControl(c) ? "a control character" : $"'{c}'";
                faults.Add(new Fault("cohort", "a variable, a value, a comparison or a bracket", got, c is '\'' or '"' ? $"close it with {c}" : "remove it", at));
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
        var content = new System.Text.StringBuilder();
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
