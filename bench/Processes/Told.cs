using Consilience.Client.Train;

namespace Consilience.Processes.Benchmarks;

/// <summary>Hears of a round as soon as it is done.</summary>
internal sealed class Told(Action<RoundProgress> tell) : IProgress<RoundProgress>
{
    public void Report(RoundProgress value) => tell(value);
}
