using System.Text.Json;

namespace Consilience.Analyses.Tests;

/// <summary>What a table's cell holds, its JSON holds, and back: receipts are compared by it.</summary>
public sealed class CellsOfTables
{
    [Fact]
    public void Come_back_from_JSON_as_they_went()
    {
        ResultCell[] cells = ["a text", 1, 0.1 + 0.2, 1e-93, double.MaxValue, double.PositiveInfinity, double.NegativeInfinity, double.NaN, ResultCell.Undefined, -0.0];
        var text = JsonSerializer.Serialize(cells);
        Assert.StartsWith("""["a text",1,0.30000000000000004,1E-93,""", text, StringComparison.Ordinal);
        Assert.Contains("\"Inf\",\"-Inf\",\"NA\",\"NA\"", text, StringComparison.Ordinal);
        Assert.Equal(cells, JsonSerializer.Deserialize<ResultCell[]>(text));
    }

    [Theory]
    [InlineData("[true]")]
    [InlineData("[null]")]
    [InlineData("[{}]")]
    public void Are_texts_numbers_or_nothing(string json) => Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<ResultCell[]>(json));
}
