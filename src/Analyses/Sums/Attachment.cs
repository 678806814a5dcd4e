namespace Consilience.Analyses.Sums;

/// <summary>Bytes that a request names and every asked site is handed beside it, because they are too long for a signed statement: a model's weights, say.</summary>
/// <param name="Sha256">Their SHA-256, 64 lower-case hexadecimal digits.</param>
/// <param name="SizeInBytes">1 to <see cref="Largest"/>.</param>
public sealed record Attachment(string Sha256, long SizeInBytes)
{
    /// <summary>Most bytes: 1 GiB.</summary>
    public const long Largest = 1L << 30;

    /// <summary>Whether digest and size are what such bytes can have.</summary>
    public bool IsWellFormed => Sha256.Length == 64 && Sha256.All(char.IsAsciiHexDigitLower) && SizeInBytes is > 0 and <= Largest;
}
