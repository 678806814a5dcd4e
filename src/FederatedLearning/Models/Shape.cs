namespace Consilience.FederatedLearning.Models;

/// <summary>Sizes of one row of a layer's input or output: features; length × channels; or height × width × channels. Channels are next to each other.</summary>
/// <param name="Channels">Numbers at each position.</param>
/// <param name="Height">Positions from top to bottom.</param>
/// <param name="Width">Positions from left to right, or along the length.</param>
/// <param name="Dimensions">1, 2 or 3 of these.</param>
internal sealed record Shape(int Channels, int Height = 1, int Width = 1, int Dimensions = 1)
{
    internal int Size => Channels * Height * Width;

    /// <summary>Positions.</summary>
    internal int Area => Height * Width;

    internal static Shape Of(IReadOnlyList<int> sizes) => sizes.Count switch
    {
        1 => new(sizes[0]),
        2 => new(sizes[1], 1, sizes[0], 2),
        _ => new(sizes[2], sizes[0], sizes[1], 3),
    };

    public override string ToString() => Dimensions switch
    {
        1 => $"{Channels} features",
        2 => $"{Width} × {Channels} channels",
        _ => $"{Height} × {Width} × {Channels} channels",
    };
}
