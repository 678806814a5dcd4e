namespace Consilience.Architecture.Tests;

/// <summary>The libraries that guarantees rest on compute and nothing else; randomness enters the product at one place.</summary>
public sealed class PureLibraries
{
    private static readonly string[] Outside =
    [
        "System.IO.File", "System.IO.FileInfo", "System.IO.FileStream", "System.IO.Directory", "System.Net.", "Microsoft.Extensions.Logging.",
        "System.Console", "System.Diagnostics.Process", "System.TimeProvider", "System.Diagnostics.Stopwatch",
    ];

    public static TheoryData<string> Pure => ["Arithmetic", "DifferentialPrivacy", "SecureAggregation", "Analyses", "FederatedLearning"];

    private static bool IsOutside(string type) =>
        Outside.Any(o => o.EndsWith('.') ? type.StartsWith(o, StringComparison.Ordinal) : type == o);

    [Theory]
    [MemberData(nameof(Pure))]
    public void A_privacy_library_uses_no_file_network_clock_or_log(string project)
    {
        using var assembly = Assembly.Load(project);
        Assert.DoesNotContain(assembly.ReferencedTypes(), IsOutside);
    }

    [Fact]
    public void The_command_line_which_does_use_files_is_told_apart()
    {
        using var assembly = Assembly.Load("Cli");
        Assert.Contains(assembly.ReferencedTypes(), IsOutside);
    }

    [Theory]
    [MemberData(nameof(Pure))]
    public void A_privacy_library_keeps_no_mutable_state(string project)
    {
        using var assembly = Assembly.Load(project);
        Assert.Empty(assembly.MutableStatics());
    }

    [Fact]
    public void Randomness_enters_at_one_place()
    {
        var users = Repository.Projects.Where(p =>
        {
            using var assembly = Assembly.Load(p);
            return assembly.ReferencedTypes().Any(t => t is "System.Security.Cryptography.RandomNumberGenerator" or "System.Random");
        });
        Assert.Equal(["Arithmetic"], users);
    }

    [Fact]
    public void The_clock_is_passed_in()
    {
        string[] clocks = ["System.DateTime.get_Now", "System.DateTime.get_UtcNow", "System.DateTimeOffset.get_UtcNow", "System.DateTimeOffset.get_Now"];
        var users = Repository.Projects.SelectMany(p =>
        {
            using var assembly = Assembly.Load(p);
            return assembly.ReferencedMembers().Where(clocks.Contains).Select(m => $"{p}: {m}").ToList();
        });
        Assert.Empty(users);
    }
}
