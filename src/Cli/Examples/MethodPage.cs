using Consilience.Analyses;
using Consilience.Analyses.Schema;
using Consilience.Cli.Output;
using Consilience.Cli.Report;
using Consilience.Client.Publish;
using Spectre.Console;

namespace Consilience.Cli.Examples;

/// <summary>What a method's page takes from the program: its last section, with the example's answer and pictures. At exact precision the same whenever it is made.</summary>
internal sealed class MethodPage(Method method, AnalysisResult exact, StudySchema schema)
{
    private const string Heading = "## Example\n";

    /// <summary>What a noised example costs.</summary>
    private const string Epsilon = "1";

    private bool IsNoised => WorkedExamples.MayBeNoised(method);

    /// <summary>Names of the pictures at exact precision, and their texts.</summary>
    internal IReadOnlyList<(string File, string Text)> Pictures => PicturesOf(exact, "");

    /// <summary>The section: heading, pictures, and the answer as a terminal of 80 columns shows it.</summary>
    internal string Section
    {
        get
        {
            var pictures = string.Concat(Pictures.Select(p => p.File[..^4]).SelectMany(name => IsNoised ? [name, $"{name}-noised"] : new[] { name }).Select(name => $"![{name.Replace('-', ' ')}](pictures/{method.Name}/{name}.svg)\n\n"));
            return $"{Heading}\nThe request above at exact precision on `samples/{method.Sample}`{(IsNoised ? ", and its pictures at ε = 1" : "")}; `consilience methods {method.Name}` computes it again.\n\n{pictures}```text\n{Answer()}\n```\n";
        }
    }

    /// <summary>A page with its last section as it should be.</summary>
    internal string With(string page) => $"{(page.IndexOf(Heading, StringComparison.Ordinal) is >= 0 and var at ? page[..at] : page).TrimEnd()}\n\n{Section}";

    internal async Task WriteAsync(string folder, CancellationToken cancellation)
    {
        var pictures = Path.Combine(folder, "pictures", method.Name);
        if (Directory.Exists(pictures))
            Directory.Delete(pictures, recursive: true);
        Directory.CreateDirectory(pictures);
        var noised = IsNoised ? PicturesOf((await WorkedExamples.AnswerAsync([method], Epsilon, cancellation)).Results[0], "-noised") : [];
        foreach (var (file, text) in Pictures.Concat(noised))
            await File.WriteAllTextAsync(Path.Combine(pictures, file), text, cancellation);
        var page = Path.Combine(folder, $"{method.Name}.md");
        await File.WriteAllTextAsync(page, With(await File.ReadAllTextAsync(page, cancellation)), cancellation);
    }

    private IReadOnlyList<(string File, string Text)> PicturesOf(AnalysisResult result, string mark) =>
        [.. Drawings.Of(result with { Receipt = null }, schema).Select(d => ($"{(d.Suffix.Length == 0 ? "-answer" : d.Suffix)[1..]}{mark}.svg", d.Alone() + "\n"))];

    private string Answer()
    {
        using var text = new StringWriter { NewLine = "\n" };
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Interactive = InteractionSupport.No, Out = new AnsiConsoleOutput(text) });
        console.Profile.Width = 80;
        ResultView.Write(console, exact, schema);
        return string.Join('\n', text.ToString().Split('\n').Select(l => l.TrimEnd())).Trim('\n');
    }
}
