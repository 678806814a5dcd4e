using Consilience.Arithmetic;
using Consilience.Cli.Commands;
using Consilience.Cli.Examples;
using Consilience.Protocol.Identity;

namespace Consilience.Cli.Demo;

/// <summary>
/// Everything the demonstration's parties hold, each in a folder of its own: keys made on the spot, the children's records split three ways, mapping and policy, and
/// the consortium file that all members signed.
/// </summary>
internal sealed class DemoFolder
{
    internal const string Researcher = "ada-lindqvist";
    private static readonly string[] Both = ["site", "key-holder"];

    private static readonly (string Id, string Name, string[] Roles)[] Members =
    [
        ("aster", "Aster Children's Hospital", Both),
        ("birch", "Birch National Cancer Registry", Both),
        ("cedar", "Cedar University Clinic", Both),
        ("meridian", "Meridian Data Trust", ["hub"]),
    ];

    private DemoFolder(string root, ConsortiumFile consortium)
    {
        Root = root;
        Consortium = consortium;
    }

    internal string Root { get; }

    internal ConsortiumFile Consortium { get; }

    internal string ConsortiumPath => Path.Combine(Root, "consortium.json");

    internal string Network => Path.Combine(Root, "network");

    internal string ResearcherKeys => Path.Combine(Network, Researcher);

    internal static IReadOnlyList<string> Institutions { get; } = [.. Members.Where(m => m.Roles == Both).Select(m => m.Id)];

    internal static string Hub => "meridian";

    internal static string Samples => Path.Combine(AppContext.BaseDirectory, "samples", "wilms");

    internal string Of(string member, string name) => Path.Combine(Network, member, name);

    internal static DemoFolder Create(string root)
    {
        if (Directory.Exists(Path.Combine(root, "network")))
            Directory.Delete(Path.Combine(root, "network"), recursive: true);
        Directory.CreateDirectory(root);
        var keys = Members.Select(m => (m.Id, Keys: KeyFolder.Create(Path.Combine(root, "network", m.Id, "keys"), RandomBytes.OperatingSystem))).ToList();
        var entries = Members.Zip(keys, (m, k) => NetworkFiles.EntryOf(k.Keys, m.Id, m.Name, m.Roles)).ToList();
        var draft = keys.Skip(1).Aggregate(ConsortiumFile.Draft(null, "wilms-network", entries, keys[0].Keys.Signing), (d, k) => d.WithSignature(k.Keys.Signing));
        var folder = new DemoFolder(root, ConsortiumFile.Append(null, draft));
        File.WriteAllBytes(folder.ConsortiumPath, folder.Consortium.ToBytes());
        using (var researcher = KeyFolder.Create(folder.ResearcherKeys, RandomBytes.OperatingSystem))
        {
            NetworkFiles.WriteCard(keys[0].Keys, NetworkFiles.ParseId(Members[0].Id), researcher, Researcher, TimeSpan.FromDays(30), TimeProvider.System);
        }

        folder.SplitData();
        keys.ForEach(k => k.Keys.Dispose());
        return folder;
    }

    internal static string StudyText() => File.ReadAllText(Path.Combine(Samples, "study.yaml"));

    private void SplitData()
    {
        SampleData.Split(Path.Combine(Samples, "nwtco.csv"), [.. Institutions.Select(i => Of(i, "data.csv"))]);
        foreach (var institution in Institutions)
        {
            foreach (var name in new[] { "mapping.yaml", "policy.yaml" })
                File.Copy(Path.Combine(Samples, name), Of(institution, name));
        }
    }
}
