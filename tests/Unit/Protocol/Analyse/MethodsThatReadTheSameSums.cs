using System.Text.Json;
using Consilience.Protocol.Agreements;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Tests.World;

namespace Consilience.Protocol.Tests.Analyse;

/// <summary>Methods that read the same sums are one question to a site's ledger; a method with no honest noised form is refused at noised precision by every party.</summary>
public sealed class MethodsThatReadTheSameSums
{
    private const string Curve = """{"time":"age","event":"relapse","by":["stage"],"grid":{"from":1,"to":4,"step":1}}""";
    private static readonly Network Made = Network.Shared;
    private static readonly Agreement Permitting = Made.Agree(Made.Propose(Network.StudyText.Replace("methods: [count, kaplan-meier]", "methods: [kaplan-meier, grouped-hazards, log-rank]", StringComparison.Ordinal)));

    private static (RunPlan? Plan, Refusal? Refusal) Decide(string method, string parameters, int length) =>
        RunPlan.Decide(Permitting, Signed<RequestStatement>.By(Made.Ada.Signing,
            Made.Request() with { Agreement = Permitting.Digest, Method = method, Parameters = JsonDocument.Parse(parameters).RootElement, VectorLength = length }).Envelope, Network.Now);

    [Theory]
    [InlineData("grouped-hazards", Curve, true)]
    [InlineData("log-rank", Curve, true)]
    [InlineData("kaplan-meier", """{"time":"age","event":"relapse","by":["stage"],"grid":{"edges":[1,2,3,4]},"confidence":{"type":"log"}}""", true)]
    [InlineData("kaplan-meier", """{"time":"age","event":"relapse","by":["stage"],"grid":{"edges":[1,2,3,5]}}""", false)]
    public void Ask_a_site_one_question(string method, string parameters, bool isSame)
    {
        var (curve, other) = (Decide("kaplan-meier", Curve, 18).Plan!, Decide(method, parameters, 18).Plan!);
        Assert.NotNull(curve.Release);
        Assert.Equal(isSame, curve.Release == other.Release);
    }

    [Fact]
    public void A_test_without_a_known_distribution_under_noise_is_refused()
    {
        var (plan, refusal) = Decide("log-rank", Curve.Replace("\"by\"", "\"rho\":1,\"by\"", StringComparison.Ordinal), 18);
        Assert.Null(plan);
        Assert.Equal(RefusalCode.PrecisionNotPermitted, refusal!.Code);
        Assert.Contains("grouped-hazards", refusal.Message, StringComparison.Ordinal);
    }
}
