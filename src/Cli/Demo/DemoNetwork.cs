using Consilience.Cli.Commands;

namespace Consilience.Cli.Demo;

/// <summary>One hub, three sites and three key holders as processes of their own, over mutual TLS on loopback.</summary>
internal sealed class DemoNetwork : IAsyncDisposable
{
    private readonly List<ChildProcess> children = [];

    private DemoNetwork(DemoFolder folder) => Folder = folder;

    internal DemoFolder Folder { get; }

    internal Uri Hub { get; private set; } = new("https://localhost");

    internal IReadOnlyList<ChildProcess> Children => children;

    internal static async Task<DemoNetwork> StartAsync(DemoFolder folder, CancellationToken cancellation)
    {
        var network = new DemoNetwork(folder);
        try
        {
            var hub = network.Start("hub", DemoFolder.Hub, "hub", "run", "--keys", folder.Of(DemoFolder.Hub, "keys"), "--listen", "127.0.0.1:0");
            network.Hub = new Uri(await hub.WaitForLineAsync(HubCommand.Ready, cancellation));
            foreach (var institution in DemoFolder.Institutions)
            {
                network.StartParty("site", institution, "--mapping", folder.Of(institution, "mapping.yaml"));
                network.StartParty("keyholder", institution);
            }

            return network;
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits for <paramref name="work"/>, or fails with the name of a program that ended before it was told to.</summary>
    internal async Task<T> WhileRunningAsync<T>(Task<T> work)
    {
        var watched = children.Select(c => (Child: c, c.Ended)).ToList();
        if (await Task.WhenAny([work, .. watched.Select(w => w.Ended)]) is var first && first != work)
        {
            var ended = watched.First(w => w.Ended == first).Child;
            throw new PartyEndedException($"{ended.Name}: ended before the study did; its log is {ended.Log}");
        }

        return await work;
    }

    public async ValueTask DisposeAsync()
    {
        // Parties first: a hub that goes away before them would only make them dial again.
        await Task.WhenAll(children.Skip(1).Select(c => c.DisposeAsync().AsTask()));
        await Task.WhenAll(children.Take(1).Select(c => c.DisposeAsync().AsTask()));
    }

    private void StartParty(string program, string institution, params string[] more) =>
        Start(program, institution, [program, "run", "--organisation", institution, "--keys", Folder.Of(institution, "keys"), "--policy", Folder.Of(institution, "policy.yaml"), "--hub", Hub.ToString(), .. more]);

    private ChildProcess Start(string program, string member, params string[] arguments)
    {
        Directory.CreateDirectory(Folder.Of(member, program));
        var child = ChildProcess.Start($"{program} of {member}", Folder.Of(member, $"{program}.log"), [.. arguments, "--consortium", Folder.ConsortiumPath, "--data", Folder.Of(member, program)]);
        children.Add(child);
        return child;
    }
}
