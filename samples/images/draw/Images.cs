namespace Consilience.Samples.Images;

/// <summary>An image of a site.</summary>
/// <param name="Pixels">28 rows of 28 greys from 0 to 255, from the top, each from the left.</param>
/// <param name="Kind">Position in <see cref="Images.Kinds"/>.</param>
/// <param name="IsHeldOut">Whether it is to test on.</param>
internal sealed record Image(int[] Pixels, int Kind, bool IsHeldOut);

/// <summary>
/// Images with known structure: one of eight figures in a random place, size and strength, and noise over all of it. Four sites, each with nineteen images in twenty of two kinds of its own. The same for the same seed on every machine: only sums, products and
/// square roots, which IEEE 754 fixes.
/// </summary>
internal static class Images
{
    internal const int Side = 28, Training = 800, HeldOut = 200;

    /// <summary>The most that noise adds to a grey; a figure adds 70 to 140.</summary>
    private const int Noise = 90;

    internal static readonly string[] Kinds = ["ring", "blob", "bar", "post", "cross", "saltire", "frame", "corner"];

    internal static readonly string[] Sites = ["north", "east", "south", "west"];

    /// <summary>The images of a site: <see cref="Training"/> to train on, and <see cref="HeldOut"/> more.</summary>
    internal static IReadOnlyList<Image> Of(int site, int seed)
    {
        var draw = new Draw(((ulong)seed << 8) + (ulong)site);
        return [.. Enumerable.Range(0, Training + HeldOut).Select(i => Of(KindOf(site, i), i >= Training, draw))];
    }

    /// <summary>Every twentieth image is of the other sites' kinds, one after the other.</summary>
    private static int KindOf(int site, int image) => ((site * 2) + (image % 20 == 19 ? 2 + (image / 20 % 6) : image % 2)) % Kinds.Length;

    private static Image Of(int kind, bool isHeldOut, Draw draw)
    {
        var (left, top, radius) = (draw.Between(9, 18), draw.Between(9, 18), draw.Between(4, 8));
        var (strength, half, pixels) = (draw.Between(70, 140), draw.Between(0.7, 1.4), new int[Side * Side]);
        for (var i = 0; i < pixels.Length; i++)
        {
            var near = Math.Clamp(half + 0.5 - Distance(kind, (i % Side) - left, (i / Side) - top, radius), 0, 1);
            pixels[i] = (int)Math.Clamp(draw.Between(0, Noise) + (strength * near), 0, 255);
        }

        return new Image(pixels, kind, isHeldOut);
    }

    /// <summary>From a point to the figure of a kind around the origin.</summary>
    private static double Distance(int kind, double x, double y, double radius)
    {
        var (across, along) = (Math.Abs(x), Math.Abs(y));
        double Stroke(double from, double length) => Math.Max(from, length - radius);
        return Kinds[kind] switch
        {
            "ring" => Math.Abs(Math.Sqrt((x * x) + (y * y)) - radius),
            "blob" => Math.Max(0, Math.Sqrt((x * x) + (y * y)) - (radius * 0.6)),
            "bar" => Stroke(along, across),
            "post" => Stroke(across, along),
            "cross" => Math.Min(Stroke(along, across), Stroke(across, along)),
            "saltire" => Math.Max(Math.Abs(across - along) / Math.Sqrt(2), Math.Max(across, along) - (radius * 0.8)),
            "frame" => Math.Abs(Math.Max(across, along) - (radius * 0.85)),
            _ => Math.Min(Stroke(Math.Abs(x + (radius * 0.7)), along), Stroke(Math.Abs(y - (radius * 0.7)), across)),
        };
    }

    /// <summary>SplitMix64 (Steele, Lea and Flood 2014).</summary>
    private sealed class Draw(ulong seed)
    {
        private ulong state = seed;

        internal double Between(double least, double most)
        {
            unchecked
            {
                var z = state += 0x9E37_79B9_7F4A_7C15;
                z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
                z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
                return least + ((most - least) * ((z ^ (z >> 31)) >> 11) / (1UL << 53));
            }
        }
    }
}
