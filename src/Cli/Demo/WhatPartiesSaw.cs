using System.Buffers.Binary;
using Consilience.Client.Publish;
using Spectre.Console;

namespace Consilience.Cli.Demo;

/// <summary>
/// What every party saw, measured: bytes on its disk, and a search of all of it for the opened table of the first result, once as the researcher holds it. Finding it
/// anywhere but with the researcher would be a fault of this program.
/// </summary>
internal sealed class WhatPartiesSaw(DemoFolder folder)
{
    internal sealed record PartyView(string Role, string Member, string Saw, string NeverSaw, long BytesOnDisk, bool ResultFound);

    internal IReadOnlyList<PartyView> Measure(IReadOnlyList<AnalysisResult> results)
    {
        var table = results.First(r => r.Groups is [{ Count: not null }, ..]).Groups.Select(g => g.RawCount ?? g.Count!.Value).ToArray();
        var needle = new byte[table.Length * sizeof(long)];
        for (var i = 0; i < table.Length; i++)
            BinaryPrimitives.WriteInt64LittleEndian(needle.AsSpan(i * sizeof(long)), table[i]);
        var views = new List<PartyView>
        {
            View("hub", DemoFolder.Hub, "questions, masked tables, sealed seeds and shares", "a record, a site's table, any result", folder.Of(DemoFolder.Hub, "hub"), needle),
        };
        foreach (var institution in DemoFolder.Institutions)
        {
            views.Add(View("site", institution, "its own records, the questions", "another site's table, any result", folder.Of(institution, "site"), needle));
            views.Add(View("key holder", institution, "seeds sealed to it, which sites answered", "a record, a masked table, any result", folder.Of(institution, "keyholder"), needle));
        }

        return views;
    }

    internal static void Write(IAnsiConsole console, IReadOnlyList<PartyView> views)
    {
        console.WriteLine();
        console.Write(new Rule("[bold]what every party saw[/]  [dim]measured: its disk was searched for the opened table[/]") { Justification = Justify.Left });
        var table = new Table().Border(TableBorder.Rounded).AddColumn("party").AddColumn("saw").AddColumn("never saw").AddColumn(new TableColumn("on disk").RightAligned().NoWrap()).AddColumn("result there?").ShowRowSeparators();
        foreach (var role in views.GroupBy(v => (v.Role, v.Saw, v.NeverSaw)))
        {
            var members = string.Join(", ", role.Select(v => v.Member));
            var found = role.Where(v => v.ResultFound).Select(v => v.Member).ToList();
            table.AddRow(
                $"{role.Key.Role}{(role.Count() > 1 ? "s" : "")}\n[dim]{Markup.Escape(members)}[/]", role.Key.Saw, role.Key.NeverSaw, $"{role.Sum(v => v.BytesOnDisk) / 1024.0:0} KiB",
                found.Count == 0 ? "no" : $"[red]FOUND: {Markup.Escape(string.Join(", ", found))}[/]");
        }

        console.Write(table);
    }

    private static PartyView View(string role, string member, string saw, string neverSaw, string path, byte[] needle)
    {
        long bytes = 0;
        var found = false;
        foreach (var file in Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var content = new byte[stream.Length];
            stream.ReadExactly(content);
            bytes += content.Length;
            found |= content.AsSpan().IndexOf(needle) >= 0;
        }

        return new PartyView(role, member, saw, neverSaw, bytes, found);
    }
}
