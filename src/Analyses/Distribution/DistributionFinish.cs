using Consilience.Analyses.Disclosure;

namespace Consilience.Analyses.Distribution;

/// <summary>
/// R's <c>mean</c>, <c>var</c> (n − 1), third and fourth standardised central moments (n), and <c>quantile</c> of type 7. Under disclosure presets moments are hidden of few persons and where few make up most of the sum, and a
/// quantile where few persons have its value; least and greatest value are values of single persons, and are not shown under any.
/// </summary>
internal static class DistributionFinish
{
    internal static readonly string[] Columns = ["n", "mean", "variance", "std.dev", "skewness", "kurtosis", "minimum", "maximum"];

    internal static ResultRow Moments(ResultCell[] names, ValueCounts cells, DisclosureRules rules)
    {
        var n = cells.Persons;
        if (rules.KindOf(n) == AnswerKind.Suppressed || !rules.AllowTotal(cells.Largest, Math.Abs(cells.Sum(0, 1))))
            return ResultRow.Hidden(AnswerKind.Suppressed, names.Length + Columns.Length, names);
        if (n == 0)
            return ResultRow.Of([.. names, 0, .. Enumerable.Repeat(ResultCell.Undefined, Columns.Length - 1)]);
        var mean = cells.Sum(0, 1) / n;
        var second = cells.Sum(mean, 2);
        var deviation = Math.Sqrt(second / n);
        ResultCell[] extremes = rules.Presets.Count > 0 ? [ResultCell.Undefined, ResultCell.Undefined] : [cells.At(0).Value, cells.At(n - 1).Value];
        return ResultRow.Of([
            .. names, rules.Round(n), mean, second / (n - 1), Math.Sqrt(second / (n - 1)), cells.Sum(mean, 3) / n / Math.Pow(deviation, 3), cells.Sum(mean, 4) / n / Math.Pow(deviation, 4), .. extremes,
        ]);
    }

    internal static ResultRow Quantile(ResultCell[] names, ValueCounts cells, decimal probability, DisclosureRules rules)
    {
        ResultCell[] named = [.. names, (double)probability];
        if (cells.Persons == 0)
            return rules.KindOf(0) == AnswerKind.Suppressed ? new ResultRow(AnswerKind.Suppressed, [.. named, ResultCell.Undefined]) : ResultRow.Of([.. named, ResultCell.Undefined]);
        // Type 7: at (n − 1)p, between the persons before and after.
        var place = (cells.Persons - 1) * probability;
        var below = cells.At((long)Math.Floor(place));
        var above = cells.At((long)Math.Ceiling(place));
        return rules.KindOf(below.Persons) == AnswerKind.Suppressed || rules.KindOf(above.Persons) == AnswerKind.Suppressed
            ? new ResultRow(AnswerKind.Suppressed, [.. named, ResultCell.Undefined])
            : ResultRow.Of([.. named, below.Value + ((above.Value - below.Value) * (double)(place - Math.Floor(place)))]);
    }
}
