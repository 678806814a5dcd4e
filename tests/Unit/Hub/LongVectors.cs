using System.Text.Json;
using Consilience.Hub.Tests.World;
using Consilience.Protocol.Wire;

namespace Consilience.Hub.Tests;

/// <summary>Vectors and shares of more than one chunk, between real parties.</summary>
public sealed class LongVectors
{
    private const int Edges = 70_000;
    private const int Counters = 2 * (Edges + 1);

    [Fact]
    public async Task A_vector_of_several_chunks_is_summed_counter_by_counter()
    {
        await using var network = WholeNetwork.Start(sites: WholeNetwork.ThreeSites);
        await network.AgreeAsync();
        var parameters = JsonSerializer.SerializeToElement(new { by = new object[] { "stage", new { variable = "age", edges = Enumerable.Range(0, Edges) } } });
        var seen = await network.SubmitAsync(network.Request(r => r with { Parameters = parameters, VectorLength = Counters }));
        Assert.True(seen.IsOpened, seen.IsOpened ? "" : seen.Failed.Message);

        // Masked sum and two shares, each of two chunks.
        Assert.Equal(6, seen.Frames.Count(f => f.FrameCase == RunFrame.FrameOneofCase.Chunk));
        var sum = seen.Open(network.World);
        var expected = new long[Counters];
        foreach (var line in WholeNetwork.ThreeSites.SelectMany(s => s.Rows!.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1)))
        {
            var (stage, age) = (line[0] - '1', int.Parse(line[2..]));
            expected[(stage * (Edges + 1)) + age]++;
        }

        Assert.Equal(expected, sum);
    }
}
