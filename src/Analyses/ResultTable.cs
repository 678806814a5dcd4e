using System.Text.Json;
using System.Text.Json.Serialization;
using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Statistics;

namespace Consilience.Analyses;

/// <summary>
/// Estimates in rows, with the column names of R's broom where it has one: <c>term</c>, <c>estimate</c>, <c>std.error</c>, <c>statistic</c>, <c>p.value</c>,
/// <c>conf.low</c>, <c>conf.high</c>.
/// </summary>
/// <param name="Name">Short, stable, within the method.</param>
/// <param name="Columns">Names, in order.</param>
/// <param name="Rows">Each with a cell for every column.</param>
public sealed record ResultTable(string Name, IReadOnlyList<string> Columns, IReadOnlyList<ResultRow> Rows)
{
    /// <summary>Columns of an estimate, its test against 0, and its limits.</summary>
    internal static IReadOnlyList<string> EstimateColumns { get; } = ["estimate", "std.error", "statistic", "p.value", "conf.low", "conf.high"];
}

/// <summary>One row. Where <see cref="Answer"/> is not a value, only the cells that name the row are filled.</summary>
public sealed record ResultRow(AnswerKind Answer, IReadOnlyList<ResultCell> Cells)
{
    internal static ResultRow Of(params IReadOnlyList<ResultCell> cells) => new(AnswerKind.Value, cells);

    /// <summary>The row of an estimate that is normal on the scale of its limits: <see cref="ResultTable.EstimateColumns"/> after its names.</summary>
    /// <param name="names">What the row is about.</param>
    /// <param name="value">On the scale on which limits are symmetric.</param>
    /// <param name="variance">On the same scale. Where it or the value is not finite, every figure is undefined.</param>
    /// <param name="z">The normal quantile of the limits.</param>
    /// <param name="tails">The p value of a statistic; that of the normal distribution without.</param>
    /// <param name="isLog">Whether estimate and limits are shown as exponentials of their values; the error never is.</param>
    internal static ResultRow Estimate(IReadOnlyList<ResultCell> names, double value, double variance, double z, bool isLog = false, Func<double, double?>? tails = null)
    {
        if (!double.IsFinite(value) || !double.IsFinite(variance) || variance < 0)
            return Of([.. names, .. Enumerable.Repeat(ResultCell.Undefined, ResultTable.EstimateColumns.Count)]);
        var error = Math.Sqrt(variance);
        var statistic = value / error;
        double Shown(double scaled) => isLog ? Math.Exp(scaled) : scaled;
        return Of([.. names, Shown(value), error, statistic, (tails ?? Distributions.NormalTails)(statistic), Shown(value - (z * error)), Shown(value + (z * error))]);
    }

    /// <summary>The row of the logarithm of a ratio, and after it the ratio with its limits.</summary>
    internal static ResultRow Ratio(IReadOnlyList<ResultCell> names, double value, double variance, double z)
    {
        var (row, reach) = (Estimate(names, value, variance, z), z * Math.Sqrt(variance));
        return row with { Cells = [.. row.Cells, Math.Exp(value), Math.Exp(value - reach), Math.Exp(value + reach)] };
    }

    /// <summary>A row of <paramref name="columns"/> cells of which only its first ones, which say what it would be about, are shown.</summary>
    internal static ResultRow Hidden(AnswerKind answer, int columns, params IReadOnlyList<ResultCell> names) =>
        new(answer, [.. names, .. Enumerable.Repeat(ResultCell.Undefined, columns - names.Count)]);
}

/// <summary>
/// A text, a number, or nothing where the value is not defined. In JSON a text or a number, with R's words <c>Inf</c>, <c>-Inf</c> and, for what is not defined, <c>NA</c>: signed statements hold no null in a list.
/// </summary>
[JsonConverter(typeof(ResultCellConverter))]
public readonly record struct ResultCell
{
    private ResultCell(string? text, double? number) => (Text, Number) = (text, number);

    public static ResultCell Undefined { get; } = new(null, null);

    public string? Text { get; }

    /// <summary>Never NaN.</summary>
    public double? Number { get; }

    public static implicit operator ResultCell(string? text) => FromText(text);

    public static implicit operator ResultCell(double number) => FromNumber(number);

    public static implicit operator ResultCell(double? number) => FromNumber(number);

    public static ResultCell FromText(string? text) => new(text, null);

    public static ResultCell FromNumber(double? number) => new(null, number is { } n && double.IsNaN(n) ? null : number);
}

/// <summary>Writes and reads a cell as a JSON string or number.</summary>
public sealed class ResultCellConverter : JsonConverter<ResultCell>
{
    public override ResultCell Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.Number => reader.GetDouble(),
        JsonTokenType.String => reader.GetString() switch
        {
            "NA" => ResultCell.Undefined,
            "Inf" => double.PositiveInfinity,
            "-Inf" => double.NegativeInfinity,
            var text => text,
        },
        _ => throw new JsonException("expected a text or a number"),
    };

    public override void Write(Utf8JsonWriter writer, ResultCell value, JsonSerializerOptions options)
    {
        if (value.Text is { } text)
            writer.WriteStringValue(text);
        else if (value.Number is not { } number)
            writer.WriteStringValue("NA");
        else if (double.IsInfinity(number))
            writer.WriteStringValue(number > 0 ? "Inf" : "-Inf");
        else
            writer.WriteNumberValue(number);
    }
}
