using Consilience.Analyses;
using Consilience.Analyses.Genotypes;
using Consilience.Analyses.Schema;
using Consilience.Client.Publish;

namespace Consilience.Cli.Output;

/// <summary>
/// Names and places of the variants of a scan, which figures and receipt number. <b>Guarantee:</b> only from a list with the digest that every site signed.
/// </summary>
internal sealed class NamedVariants
{
    private static readonly string[] Columns = ["variant", "chromosome", "position", "effect.allele", "other.allele"];

    private readonly Dictionary<string, VariantList> lists = new(StringComparer.Ordinal);

    /// <param name="schema">The study's.</param>
    /// <param name="files">Lists of its panels.</param>
    /// <exception cref="BadInputException">A file is not the list of a panel.</exception>
    internal NamedVariants(StudySchema schema, IReadOnlyList<string> files)
    {
        foreach (var file in files)
        {
            using var text = new StreamReader(file);
            var list = VariantList.Read(text, Path.GetFileName(file));
            var panel = schema.Panels.FirstOrDefault(p => p.Digest == list.Digest)
                ?? throw new BadInputException($"--panel {Path.GetFileName(file)}: digest {list.Digest[..12]} is that of no panel of the study (expected {(schema.Panels.Count == 0 ? "none" : string.Join(" or ", schema.Panels.Select(p => p.Digest[..12])))}); ask the study for its list");
            lists[panel.Name] = list;
        }
    }

    /// <summary>The result with its variants named, where it has any and their list was given.</summary>
    internal AnalysisResult In(AnalysisResult result) =>
        result.Parameters.ValueKind == System.Text.Json.JsonValueKind.Object && result.Parameters.TryGetProperty("panel", out var panel) && lists.TryGetValue(panel.ToString(), out var list)
            ? result with { Tables = [.. result.Tables.Select(t => t.Name == ScanView.Table ? Named(t, list) : t)] } : result;

    private static ResultTable Named(ResultTable table, VariantList list) => table with
    {
        Columns = [.. Columns, .. table.Columns.Skip(1)],
        Rows = [.. table.Rows.Select((row, i) => row with { Cells = [.. Cells(list.Variants[i]), .. row.Cells.Skip(1)] })],
    };

    private static ResultCell[] Cells(Variant v) => [v.Id, v.Chromosome, (double)v.Position, v.Effect, v.Other];
}
