using Consilience.Analyses;

namespace Consilience.Samples.Images;

/// <summary>Images in memory, as a site hands them over.</summary>
internal sealed class SiteImages(IReadOnlyList<Image> images) : IRows
{
    internal IReadOnlyList<Image> Images => images;

    public void Tabulate(IReadOnlyList<Axis> axes, Span<long> cells) => throw new NotSupportedException("training reads rows");

    /// <param name="variables">All pixels in their order, and the kind.</param>
    /// <param name="begin">Takes them.</param>
    public void Read(IReadOnlyList<string> variables, Func<RowReader> begin)
    {
        var (take, row) = (begin(), new double[variables.Count]);
        foreach (var image in images)
        {
            image.Pixels.CopyTo(row, 0);
            row[^1] = image.Kind;
            take(row);
        }
    }
}
