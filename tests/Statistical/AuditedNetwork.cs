using System.Text;
using System.Text.Json;
using Consilience.Hub.Tests.World;
using Consilience.Tests.World;

namespace Consilience.Statistical.Tests;

/// <summary>
/// A network of a hub, two sites with data and two key holders, real but for its in-memory links: real requests, ledgers, masks, envelopes and openings. Its table counts persons
/// by stage and age, so that every cell is an experiment of its own.
/// </summary>
internal sealed class AuditedNetwork : IAsyncDisposable
{
    private const int Ages = 200;

    /// <summary>Two stages, and ages up to 0, 1, …, 199, beyond.</summary>
    internal const int Cells = 2 * (Ages + 1);

    private static readonly JsonElement Parameters =
        JsonSerializer.SerializeToElement(new { by = new object[] { "stage", new { variable = "age", edges = Enumerable.Range(0, Ages) } } });

    private readonly WholeNetwork network;

    private AuditedNetwork(WholeNetwork network) => this.network = network;

    /// <param name="isPresent">Whether the person of a cell is there.</param>
    /// <param name="atBoth">Whether that person stands at both sites rather than at one.</param>
    /// <param name="privacyUnit">A line of the study.</param>
    internal static async Task<AuditedNetwork> StartAsync(Func<int, bool> isPresent, bool atBoth = false, string privacyUnit = "")
    {
        var rows = new StringBuilder("stage,age\n");
        foreach (var cell in Enumerable.Range(0, Cells).Where(isPresent))
            rows.Append(System.Globalization.CultureInfo.InvariantCulture, $"{1 + (cell / (Ages + 1))},{cell % (Ages + 1)}\n");
        string Terms(string text) => text.Replace("budget: 2}", "budget: 1000000}", StringComparison.Ordinal).Replace("maximum: 200", "maximum: 1000", StringComparison.Ordinal)
            .Replace("expires:", $"{privacyUnit}\nexpires:", StringComparison.Ordinal);
        var network = new AuditedNetwork(WholeNetwork.Start(terms: Terms, sites: [("aster", rows.ToString()), ("birch", atBoth ? rows.ToString() : "stage,age\n"), ("cedar", null)]));
        await network.network.AgreeAsync();
        return network;
    }

    /// <summary>The opened table, as the researcher's program opens it.</summary>
    internal async Task<long[]> AskAsync(string epsilon = "1", bool again = true)
    {
        var request = network.World.Noised(network.Agreement, epsilon) with { Parameters = Parameters, VectorLength = Cells, Again = again };
        return (await network.SubmitAsync(network.World.Sign(request))).Open(network.World);
    }

    public ValueTask DisposeAsync() => network.DisposeAsync();
}
