using Consilience.FederatedLearning.Models;

namespace Consilience.FederatedLearning.Layers;

/// <summary>A window that moves over the positions of a row; along the width alone where there is no height.</summary>
/// <param name="Input">What it moves over.</param>
/// <param name="Size">Its length in each direction.</param>
/// <param name="Stride">How far it moves.</param>
/// <param name="IsPadded">Whether it may stand over the edge, where zeros are, so that with stride 1 there are as many windows as positions.</param>
internal sealed record Window(Shape Input, int Size, int Stride, bool IsPadded)
{
    internal int Rows => Input.Dimensions == 2 ? 1 : Size;

    internal int Area => Rows * Size;

    internal int Height => Count(Input.Height, Rows);

    internal int Width => Count(Input.Width, Size);

    /// <summary>Whether at least one window fits.</summary>
    internal bool Fits => IsPadded || (Rows <= Input.Height && Size <= Input.Width);

    internal Shape Output(int channels) => new(channels, Height, Width, Input.Dimensions);

    /// <summary>For each window, one after the other, the position that each of its places stands on; −1 for none.</summary>
    internal int[] Positions()
    {
        var positions = new int[Height * Width * Area];
        var at = 0;
        for (var y = 0; y < Height; y++)
        {
            for (var x = 0; x < Width; x++)
            {
                for (var place = 0; place < Area; place++)
                {
                    var row = (y * Stride) + (place / Size) - Before(Input.Height, Rows, Height);
                    var column = (x * Stride) + (place % Size) - Before(Input.Width, Size, Width);
                    positions[at++] = row >= 0 && row < Input.Height && column >= 0 && column < Input.Width ? (row * Input.Width) + column : -1;
                }
            }
        }

        return positions;
    }

    private int Count(int length, int size) => IsPadded ? (length + Stride - 1) / Stride : Math.Max(0, ((length - size) / Stride) + 1);

    /// <summary>Zeros before the first position, where padding is split evenly.</summary>
    private int Before(int length, int size, int count) => IsPadded ? Math.Max(0, ((count - 1) * Stride) + size - length) / 2 : 0;
}
