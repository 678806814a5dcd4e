using System.Globalization;
using System.Net;
using System.Text;

namespace Consilience.Cli.Report;

/// <summary>
/// A drawing as SVG that reads without colour and aloud: a title and description for those who hear it, dashes and words beside colours, and below it how the figures were protected and which receipt holds them. Classes are those of
/// the report's page and of <see cref="Drawing.Alone"/>.
/// </summary>
internal sealed class Canvas(string title, string description, string source)
{
    internal const double Width = 760;
    private const double FooterHeight = 22;

    /// <summary>Okabe and Ito's colours, told apart by most who see colours otherwise, in an order that keeps contrast in print.</summary>
    private static readonly string[] Colours = ["#0072b2", "#d55e00", "#009e73", "#aa4499", "#e69f00", "#56b4e9", "#5a6673", "#882255"];
    private static readonly string[] Dashes = ["", "7 3", "2 3", "9 3 2 3", "4 2", "12 4", "1 2", "9 2 2 2 2 2"];

    private readonly StringBuilder body = new();

    internal static string Colour(int series) => Colours[series % Colours.Length];

    internal void Line(double x1, double y1, double x2, double y2, string attributes) =>
        body.Append($"""<line x1="{F(x1)}" y1="{F(y1)}" x2="{F(x2)}" y2="{F(y2)}" {attributes}/>""");

    internal void Grid(double x1, double y1, double x2, double y2) => Line(x1, y1, x2, y2, "class=\"grid\"");

    internal void Rectangle(double x, double y, double width, double height, string attributes) =>
        body.Append($"""<rect x="{F(x)}" y="{F(y)}" width="{F(width)}" height="{F(height)}" {attributes}/>""");

    internal void Circle(double x, double y, double radius, string attributes) => body.Append($"""<circle cx="{F(x)}" cy="{F(y)}" r="{F(radius)}" {attributes}/>""");

    internal void Path(string path, string attributes) => body.Append($"""<path d="{path}" {attributes}/>""");

    /// <param name="x">Where it is anchored.</param>
    /// <param name="y">Its base line.</param>
    /// <param name="text">As it is.</param>
    /// <param name="anchor">start, middle or end.</param>
    /// <param name="kind">tick, label or note.</param>
    /// <param name="longest">Characters shown; all of them are told on hovering.</param>
    internal void Text(double x, double y, string text, string anchor = "start", string kind = "label", int longest = int.MaxValue)
    {
        var whole = WebUtility.HtmlEncode(text);
        var shown = text.Length <= longest ? whole : $"<title>{whole}</title>{WebUtility.HtmlEncode(text[..(longest - 1)])}…";
        body.Append($"""<text x="{F(x)}" y="{F(y)}" text-anchor="{anchor}" class="{kind}">{shown}</text>""");
    }

    /// <summary>Text that is read upwards, at the left of a plot.</summary>
    internal void Upwards(double x, double y, string text) =>
        body.Append($"""<text transform="translate({F(x)} {F(y)}) rotate(-90)" text-anchor="middle" class="note">{WebUtility.HtmlEncode(text)}</text>""");

    /// <summary>An estimate's limits: a line with ends.</summary>
    internal void Whisker(double low, double high, double y, string colour)
    {
        Line(low, y, high, y, $"stroke=\"{colour}\" stroke-width=\"2\"");
        foreach (var end in new[] { low, high })
            Line(end, y - 4, end, y + 4, $"stroke=\"{colour}\" stroke-width=\"2\"");
    }

    /// <summary>A place where a figure would stand, with the word that says why there is none. Never looks like zero.</summary>
    internal void Hidden(double x, double y, string word)
    {
        Rectangle(x, y - 8, 92, 16, "class=\"hidden\"");
        Text(x + 46, y + 4, word, "middle", "tick");
    }

    internal static string Stroke(int series) =>
        $"fill=\"none\" stroke=\"{Colour(series)}\" stroke-width=\"2\"{(Dashes[series % Dashes.Length] is { Length: > 0 } dash ? $" stroke-dasharray=\"{dash}\"" : "")}";

    internal static string F(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    internal string Finish(double height)
    {
        Text(Width, height + FooterHeight - 6, source, "end", "tick", 120);
        var (heard, told) = (WebUtility.HtmlEncode(title), WebUtility.HtmlEncode($"{description} {source}"));
        return $"""<svg viewBox="0 0 {F(Width)} {F(height + FooterHeight)}" role="img" xmlns="http://www.w3.org/2000/svg"><title>{heard}</title><desc>{told}</desc>{body}</svg>""";
    }
}
