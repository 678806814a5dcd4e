
namespace Consilience.Architecture.Tests;

/// <summary>Who may reference whom. An assembly is a trust zone; docs/architecture.md shows the same table.</summary>
public sealed class TrustZones
{
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Arithmetic"] = [],
        ["DifferentialPrivacy"] = ["Arithmetic"],
        ["SecureAggregation"] = ["Arithmetic", "DifferentialPrivacy"],
        ["Analyses"] = ["Arithmetic", "DifferentialPrivacy"],
        ["FederatedLearning"] = ["Arithmetic", "DifferentialPrivacy", "Analyses"],
        ["Protocol"] = ["Arithmetic", "DifferentialPrivacy", "SecureAggregation", "Analyses", "FederatedLearning"],
        ["Connectors"] = ["Protocol", "Analyses"],
        ["KeyHolder"] = ["Protocol", "SecureAggregation", "DifferentialPrivacy", "Arithmetic"],
        ["Site"] = ["Protocol", "Connectors", "Analyses", "KeyHolder", "SecureAggregation", "DifferentialPrivacy", "Arithmetic"],
        ["Hub"] = ["Protocol", "SecureAggregation", "Arithmetic"],
        ["Client"] = ["Protocol", "Analyses", "FederatedLearning", "SecureAggregation", "DifferentialPrivacy", "Arithmetic"],
        ["Cli"] = ["Client", "Hub", "Site", "KeyHolder", "Protocol", "Analyses", "FederatedLearning", "Connectors", "SecureAggregation", "DifferentialPrivacy", "Arithmetic"],
    };

    private static IEnumerable<string> Violations(IEnumerable<(string From, string To)> references) =>
        references.Where(r => !Allowed[r.From].Contains(r.To)).Select(r => $"{r.From} references {r.To}");

    private static IEnumerable<(string From, string To)> References()
    {
        foreach (var project in Repository.Projects)
        {
            using var assembly = Assembly.Load(project);
            foreach (var reference in assembly.Metadata.AssemblyReferences.Select(assembly.Metadata.GetAssemblyReference))
            {
                var name = assembly.Metadata.GetString(reference.Name);
                if (name.StartsWith("Consilience.", StringComparison.Ordinal))
                    yield return (project, name["Consilience.".Length..]);
            }
        }
    }

    [Fact]
    public void Every_project_is_in_the_table() => Assert.Equal(Repository.Projects, Allowed.Keys.Order(StringComparer.Ordinal));

    [Fact]
    public void No_assembly_references_outside_its_trust_zone() => Assert.Empty(Violations(References()));

    [Fact]
    public void A_hub_that_could_read_records_would_be_noticed() =>
        Assert.Equal(["Hub references Connectors"], Violations([("Hub", "Protocol"), ("Hub", "Connectors")]));

    [Theory]
    [InlineData("Hub")]
    [InlineData("Client")]
    [InlineData("KeyHolder")]
    public void Nothing_outside_the_site_reaches_a_reader_of_records(string zone)
    {
        var references = References().ToLookup(r => r.From, r => r.To);
        var reached = new HashSet<string>(StringComparer.Ordinal);
        var open = new Queue<string>([zone]);
        while (open.TryDequeue(out var next))
        {
            foreach (var to in references[next].Where(reached.Add))
                open.Enqueue(to);
        }

        Assert.DoesNotContain("Connectors", reached);
        Assert.DoesNotContain("Site", reached);
    }

    [Fact]
    public void The_hub_never_encodes_or_finishes()
    {
        using var hub = Assembly.Load("Hub");
        Assert.DoesNotContain(hub.ReferencedTypes(), t => t.StartsWith("Consilience.Analyses.", StringComparison.Ordinal) || t.StartsWith("Consilience.FederatedLearning", StringComparison.Ordinal));
    }
}
