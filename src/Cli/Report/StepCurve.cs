using Consilience.Analyses;
using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Schema;
using Consilience.Cli.Output;

namespace Consilience.Cli.Report;

/// <summary>A step of a curve, as far as it is known: limits are null where they are not defined.</summary>
internal sealed record Step(double Time, double AtRisk, double? Estimate, double? Low, double? High);

/// <summary>A curve with the words for it; without steps where rules hide it.</summary>
internal sealed record StepCurve(string Label, IReadOnlyList<Step> Steps, AnswerKind Answer)
{
    internal static IReadOnlyList<StepCurve> Of(IReadOnlyList<ResultGroup> groups, StudySchema schema) =>
        [.. groups.Where(g => g.Curve is not null).Select(g => new StepCurve(Labels.Group(g, schema), [.. g.Curve!.Select(p => new Step((double)p.Time, p.AtRisk, p.Survival, p.Lower, p.Upper))], g.Curve!.Count == 0 ? g.Answer : AnswerKind.Value))];

    /// <summary>Curves of a table with a row for each time; none where it has no such rows.</summary>
    internal static IReadOnlyList<StepCurve> Of(ResultTable table, StudySchema schema)
    {
        var columns = table.Columns.ToList();
        var (time, risk, estimate) = (columns.IndexOf("time"), columns.IndexOf("n.risk"), columns.IndexOf("estimate"));
        if (time < 0 || risk < 0 || estimate < 0)
            return [];
        var (low, high) = (columns.IndexOf("conf.low"), columns.IndexOf("conf.high"));
        Step StepOf(ResultRow row) => new(row.Cells[time].Number ?? 0, row.Cells[risk].Number ?? 0, row.Cells[estimate].Number, low < 0 ? null : row.Cells[low].Number, high < 0 ? null : row.Cells[high].Number);
        string LabelOf(ResultRow row) => time == 0 ? "all" : string.Join(" · ", Enumerable.Range(0, time).Select(i => Labels.Value(columns[i], row.Cells[i].Text ?? "", schema)));
        return [.. table.Rows.GroupBy(LabelOf, StringComparer.Ordinal).Select(g => new StepCurve(g.Key, [.. g.Where(r => r.Answer == AnswerKind.Value).Select(StepOf)], g.First().Answer))];
    }
}
