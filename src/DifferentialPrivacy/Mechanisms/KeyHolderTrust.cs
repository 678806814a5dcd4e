namespace Consilience.DifferentialPrivacy.Mechanisms;

/// <summary>How many key holders add noise, and how many of them may tell each other theirs without weakening the guarantee.</summary>
public sealed record KeyHolderTrust
{
    /// <exception cref="ArgumentOutOfRangeException">Nobody would be left whose noise stays unknown.</exception>
    public KeyHolderTrust(int keyHolders, int colluding)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(keyHolders, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(colluding);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(colluding, keyHolders);
        (KeyHolders, Colluding) = (keyHolders, colluding);
    }

    public int KeyHolders { get; }

    public int Colluding { get; }

    /// <summary>Fewest key holders whose noise nobody else knows; at least 1.</summary>
    public int Honest => KeyHolders - Colluding;
}
