namespace Consilience.Protocol.Identity;

/// <summary>
/// Text that others wrote and people read before they sign: it may hold nothing that makes a terminal or page show something else than is there, that is no control
/// characters and no changes of writing direction (Boucher and Anderson, Trojan Source, 2021).
/// </summary>
public static class PlainText
{
    internal static bool IsShown(string text, int longest, bool linesAllowed = false) =>
        text.Length <= longest && !string.IsNullOrWhiteSpace(text) && text.All(c => IsPlain(c) || (linesAllowed && c is '\n' or '\t'));

    /// <summary>At most <paramref name="longest"/> characters of <paramref name="text"/>, what may not be shown replaced, for messages that quote others.</summary>
    public static string Quote(string text, int longest = 40)
    {
        var shown = string.Concat(text.Take(longest).Select(c => IsPlain(c) ? c : '\uFFFD'));
        return text.Length <= longest ? shown : shown + "…";
    }

    internal static bool IsPlain(char c) =>
        !char.IsControl(c) && c is not ('\u2028' or '\u2029') and not (>= '\u202A' and <= '\u202E') and not (>= '\u2066' and <= '\u2069') and not ('\u200E' or '\u200F' or '\u061C');
}
