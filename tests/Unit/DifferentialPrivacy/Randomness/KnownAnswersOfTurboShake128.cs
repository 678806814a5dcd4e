namespace Consilience.DifferentialPrivacy.Tests.Randomness;

public sealed class KnownAnswersOfTurboShake128
{
    private static byte[] Hash(byte[] message, byte domain, int length)
    {
        var output = new byte[length];
        new TurboShake128(message, domain).Read(output);
        return output;
    }

    [Theory]
    [InlineData(0x1F, "1E415F1C5983AFF2169217277D17BB538CD945A397DDEC541F1CE41AF2C1B74C3E8CCAE2A4DAE56C84A04C2385C03C15E8193BDF58737363321691C05462C8DF")]
    [InlineData(0x07, "5A223AD30B3B8C66A243048CFCED430F54E7529287D15150B973133ADFAC6A2F")]
    public void The_empty_message_gives_the_bytes_of_rfc_9861(byte domain, string published)
    {
        var expected = Convert.FromHexString(published);
        Assert.Equal(expected, Hash([], domain, expected.Length));
    }

    [Fact]
    public void Reading_in_pieces_gives_the_same_bytes_as_reading_at_once()
    {
        var whole = Hash([1, 2, 3], 1, 1000);
        var xof = new TurboShake128([1, 2, 3], 1);
        var pieces = new List<byte>();
        for (var length = 1; pieces.Count < whole.Length; length = (length * 2) + 1)
        {
            var piece = new byte[Math.Min(length, whole.Length - pieces.Count)];
            xof.Read(piece);
            pieces.AddRange(piece);
        }

        Assert.Equal(whole, pieces);
    }
}
