using System.Text.Json;
using Consilience.Arithmetic;
using Consilience.Protocol.Agreements;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;

namespace Consilience.Tests.World;

/// <summary>Requests a researcher signs: persons by stage, two counters.</summary>
internal static class Questions
{
    internal const int Length = 2;

    internal static RunId FreshRun()
    {
        var bytes = new byte[16];
        RandomBytes.OperatingSystem.Fill(bytes);
        return RunId.FromRandom(bytes);
    }

    internal static RequestStatement Exact(this Consortia world, Agreement agreement) => world.Noised(agreement, "1") with { Precision = Precision.Exact, Epsilon = null, Noise = null };

    internal static RequestStatement Noised(this Consortia world, Agreement agreement, string epsilon = "1") => new()
    {
        Run = FreshRun(),
        Round = 0,
        Consortium = agreement.Consortium.Digest,
        Agreement = agreement.Digest,
        Researcher = Consortia.Researcher,
        Method = "count",
        Parameters = JsonDocument.Parse("""{"by":["stage"]}""").RootElement,
        Cohort = "",
        Precision = Precision.Noised,
        Epsilon = epsilon,
        Rho = null,
        Noise = "discrete-laplace",
        Again = false,
        VectorLength = Length,
        WordBits = 64,
        Attachment = null,
        KeyHolders = [.. agreement.Study.KeyHolders.Select(k => new KeyHolderBinding(k, RunPlan.Fingerprint(agreement.Consortium.Find(k)!.SealingKey)))],
        Recipients = [new RecipientBinding(Consortia.Researcher, RunPlan.Fingerprint(world.KeysOf(Consortia.Researcher).Sealing.PublicKey))],
        IssuedAt = world.Clock.Now,
        ExpiresAt = world.Clock.Now.AddDays(1),
    };

    internal static Signed<RequestStatement> Sign(this Consortia world, RequestStatement request, string? signer = null) =>
        Signed<RequestStatement>.By(world.KeysOf(signer ?? request.Researcher).Signing, request);
}
