namespace Consilience.FederatedLearning.Models;

/// <summary>Sizes of one row of a layer's input or output: features; channels × length; or channels × height × width.</summary>
internal sealed record Shape(int Channels, int Height = 1, int Width = 1, int Dimensions = 1)
{
    internal int Size => Channels * Height * Width;

    /// <summary>Positions of one channel.</summary>
    internal int Area => Height * Width;

    internal static Shape Of(IReadOnlyList<int> sizes) => sizes.Count switch
    {
        1 => new(sizes[0]),
        2 => new(sizes[0], 1, sizes[1], 2),
        _ => new(sizes[0], sizes[1], sizes[2], 3),
    };

    public override string ToString() => Dimensions switch
    {
        1 => $"{Channels} features",
        2 => $"{Channels} channels × {Width}",
        _ => $"{Channels} channels × {Height} × {Width}",
    };
}
