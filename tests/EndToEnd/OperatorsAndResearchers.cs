using System.Diagnostics;
using System.Text.Json;
using Consilience.Tests;

namespace Consilience.EndToEnd.Tests;

/// <summary>
/// docs/running.md, command by command: two institutions and a hub make keys, found a consortium, start their programs, one of them its site and its key holder as one, and that one decides by hand; a researcher proposes, asks,
/// verifies; operators look at their ledgers.
/// </summary>
[Trait("speed", "slow")]
public sealed class OperatorsAndResearchers : IDisposable
{
    private const string Study = """
        study: stages
        title: Persons by stage
        purpose: {code: "DUO:0000042", text: A check of the whole path.}
        researchers: [{name: ada, organisation: aster}]
        sites: [aster, birch]
        keyHolders: [aster, birch]
        minimumSites: 2
        schema: {variables: {stage: {type: category, codes: {"1": early, "2": late}}}}
        methods: [count]
        precision: {exact: {minimumSites: 2, minimumPersons: 2}, noised: {maximumEpsilon: 1, budget: 1}}
        expires: 2099-12-31
        """;

    private const string Policy = """
        decide: automatic
        purposes: ["DUO:0000042"]
        researchersFrom: [aster]
        methods: [count]
        exact: {minimumSites: 2, minimumPersons: 2}
        noised: {maximumEpsilon: 1, budget: 1}
        keyHolders: {minimum: 2, mustInclude: [self]}
        latestExpiry: 2099-12-31
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("consilience-run-").FullName;
    private readonly List<Process> programs = [];

    [Fact]
    public async Task The_whole_path_by_hand()
    {
        await FoundAsync();
        Write("study.yaml", Study);
        foreach (var (id, policy) in new[] { ("aster", Policy), ("birch", Policy.Replace("automatic", "by-hand", StringComparison.Ordinal).Replace("DUO:0000042", "DUO:0000007", StringComparison.Ordinal)) })
        {
            Write($"{id}.policy.yaml", policy);
            Write($"{id}.csv", "Stadium\nI\nI\nII\nII\nII\n");
            Write($"{id}.mapping.yaml", $"files: [{id}.csv]\nformat: csv\nvariables: {{stage: {{column: Stadium, codes: {{I: \"1\", II: \"2\"}}}}}}\n");
            await RunAsync("site", "check", "--study", In("study.yaml"), "--mapping", In($"{id}.mapping.yaml"));
        }

        var hub = await StartHubAsync();
        Start(["site", "run", .. Party("aster", "site"), "--mapping", In("aster.mapping.yaml"), "--hub", hub]);
        Start(["keyholder", "run", .. Party("aster", "keyholder"), "--hub", hub]);
        Start(["site", "run", .. Party("birch", "site"), "--mapping", In("birch.mapping.yaml"), "--keyholder", In("birch.keyholder"), "--hub", hub]);

        string[] researcher = ["--researcher", "ada", "--keys", In("ada"), "--hub", hub, "--consortium", In("consortium.json")];
        await RunAsync("study", "check", In("study.yaml"));
        var proposed = await RunAsync(["study", "propose", In("study.yaml"), .. researcher, "--json"]);
        var agreement = proposed.GetProperty("agreement").GetString()!;
        foreach (var program in new[] { "site", "keyholder" })
        {
            await UntilAsync(async () => (await RunAsync([program, "studies", .. Party("birch", program), "--json"])).GetProperty("studies").GetArrayLength() == 1);
            var waiting = (await RunAsync([program, "studies", .. Party("birch", program), "--json"])).GetProperty("studies")[0];
            Assert.Equal("waiting", waiting.GetProperty("state").GetString());
            Assert.Contains("DUO:0000042", waiting.GetProperty("reasons")[0].GetString(), StringComparison.Ordinal);
            await RunAsync([program, "approve", agreement, .. Party("birch", program), "--reason", "the board agreed", "--json"]);
        }

        await UntilAsync(async () => (await RunAsync(["study", "list", .. researcher[2..], "--json"])).GetProperty("studies")[0].GetProperty("inForce").GetBoolean());
        var exact = await RunAsync(["analyse", "count", "--by", "stage", "--exact", "--study", "stages", .. researcher, "--out", In("answers"), "--json"]);
        Assert.Equal([4, 6], exact.GetProperty("results")[0].GetProperty("groups").EnumerateArray().Select(g => g.GetProperty("count").GetInt32()));
        Assert.True((await RunAsync("verify", Path.Combine(In("answers"), exact.GetProperty("results")[0].GetProperty("receipt").GetString()!), "--consortium", In("consortium.json"), "--json")).GetProperty("holds").GetBoolean());

        // The budget of 1 holds two questions of ε = 1. The same question costs once; new noise is paid for, until both sites refuse.
        string[] noised = ["analyse", "count", "--by", "stage", "--epsilon", "1", "--study", "stages", .. researcher, "--out", In("noised"), "--json"];
        async Task<string?> AskAsync(params string[] more) => (await RunAsync([.. noised, .. more])).GetProperty("results")[0].GetProperty("run").GetString();
        async Task<int> LeftAsync() => (await RunAsync([.. noised, "--preview"])).GetProperty("previews")[0].GetProperty("questionsLeft").GetProperty("birch").GetInt32();
        Assert.Equal(2, await LeftAsync());
        var first = await AskAsync();
        Assert.Equal(first, await AskAsync());
        Assert.Equal(1, await LeftAsync());
        Assert.NotEqual(first, await AskAsync("--again"));
        var (code, output, _) = await CommandLine.RunAsync([.. noised, "--again"]);
        Assert.Equal(3, code);
        Assert.Contains("budget-spent", output, StringComparison.Ordinal);
        var ledger = (await RunAsync(["site", "ledger", .. Party("birch", "site"), "--json"])).GetProperty("entries");
        var budget = (await RunAsync(["site", "budget", .. Party("birch", "site"), "--json"])).GetProperty("budgets")[0];
        Assert.Equal((1_000_000_000L, 0L, 0L), (budget.GetProperty("spentNanoRho").GetInt64(), budget.GetProperty("leftNanoRho").GetInt64(), budget.GetProperty("questionsLeft").GetInt64()));
        Assert.Equal(1_000_000_000L, ledger[ledger.GetArrayLength() - 1].GetProperty("spentNanoRho").GetInt64());
        await RunAsync(["site", "ledger", .. Party("birch", "site"), "--export", In("birch.ledger"), "--json"]);
        Assert.Equal(ledger.GetArrayLength(), (await RunAsync("verify", In("birch.ledger"), "--consortium", In("consortium.json"), "--json")).GetProperty("entries").GetInt32());

        // Either folder may be published, both together not: the exact table would take the noise off the other.
        await RunAsync("publish", "check", In("answers"), "--json");
        await RunAsync("publish", "check", In("noised"), "--json");
        Assert.Equal(1, (await CommandLine.RunAsync("publish", "check", In("answers"), In("noised"), "--json")).Code);
    }

    public void Dispose()
    {
        foreach (var program in programs)
        {
            program.Kill();
            program.WaitForExit();
            program.Dispose();
        }

        Directory.Delete(folder, recursive: true);
    }

    private async Task FoundAsync()
    {
        foreach (var (id, roles) in new[] { ("aster", "site key-holder"), ("birch", "site key-holder"), ("meridian", "hub") })
        {
            await RunAsync("key", "create", In($"{id}.keys"));
            await RunAsync(["key", "entry", "--keys", In($"{id}.keys"), "--id", id, "--name", $"The {id}", .. roles.Split(' ').SelectMany(r => new[] { "--role", r }), "--out", In($"{id}.member.json")]);
        }

        await RunAsync(["consortium", "draft", "--name", "check", .. new[] { "aster", "birch", "meridian" }.SelectMany(m => new[] { "--member", In($"{m}.member.json") }), "--keys", In("aster.keys"), "--out", In("draft.json")]);
        var (early, _, _) = await CommandLine.RunAsync("consortium", "accept", In("draft.json"), "--out", In("consortium.json"));
        Assert.Equal(2, early);
        foreach (var id in new[] { "birch", "meridian" })
            await RunAsync("consortium", "sign", In("draft.json"), "--keys", In($"{id}.keys"));
        await RunAsync("consortium", "accept", In("draft.json"), "--out", In("consortium.json"));
        Assert.Equal(3, (await RunAsync("consortium", "show", In("consortium.json"), "--json")).GetProperty("members").GetArrayLength());
        await RunAsync("key", "create", In("ada"));
        await RunAsync("key", "card", "--keys", In("aster.keys"), "--id", "aster", "--researcher", "ada", "--researcher-keys", In("ada"));
    }

    private string[] Party(string id, string program) =>
        ["--organisation", id, "--keys", In($"{id}.keys"), "--consortium", In("consortium.json"), "--policy", In($"{id}.policy.yaml"), "--data", In($"{id}.{program}")];

    private async Task<string> StartHubAsync()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var port = ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        Start(["hub", "run", "--keys", In("meridian.keys"), "--consortium", In("consortium.json"), "--data", In("hub"), "--listen", $"127.0.0.1:{port}"]);
        await UntilAsync(async () =>
        {
            using var client = new System.Net.Sockets.TcpClient();
            try
            {
                await client.ConnectAsync("127.0.0.1", port);
                return true;
            }
            catch (System.Net.Sockets.SocketException)
            {
                return false;
            }
        });
        return $"https://127.0.0.1:{port}";
    }

    private void Start(params string[] arguments)
    {
        var process = CommandLine.Start(arguments);
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        programs.Add(process);
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        for (var i = 0; i < 100; i++)
        {
            if (await holds())
                return;
            await Task.Delay(200);
        }

        Assert.Fail("it did not come to pass within 20 seconds");
    }

    /// <summary>Runs a command that has to succeed; its document when it prints one.</summary>
    private static async Task<JsonElement> RunAsync(params string[] arguments)
    {
        var (code, output, errors) = await CommandLine.RunAsync(arguments);
        Assert.True(code == 0, $"{string.Join(' ', arguments)}: {code} {errors}{output}");
        return arguments.Contains("--json") ? JsonDocument.Parse(output).RootElement : default;
    }

    private string In(string name) => Path.Combine(folder, name);

    private void Write(string name, string text) => File.WriteAllText(In(name), text);
}
