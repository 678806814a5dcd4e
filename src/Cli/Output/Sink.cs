namespace Consilience.Cli.Output;

/// <summary>Unlike <see cref="Progress{T}"/>, reports in order and at once.</summary>
internal sealed class Sink<T>(Action<T> take) : IProgress<T>
{
    public void Report(T value) => take(value);
}
