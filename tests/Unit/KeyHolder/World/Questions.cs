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
        Sites = null,
        KeyHolders = [.. agreement.Study.KeyHolders.Select(k => new KeyHolderBinding(k, RunPlan.Fingerprint(agreement.Consortium.Find(k)!.SealingKey)))],
        Recipients = [new RecipientBinding(Consortia.Researcher, RunPlan.Fingerprint(world.KeysOf(Consortia.Researcher).Sealing.PublicKey))],
        IssuedAt = world.Clock.Now,
        ExpiresAt = world.Clock.Now.AddDays(1),
    };

    /// <summary>Units of layers whose weights take three pieces of 1 MiB.</summary>
    internal static readonly int[] ThreePieces = [1024, 600];

    /// <summary>One round of training a model with dense layers of these units, from weights that are attached.</summary>
    internal static RequestStatement Training(this Consortia world, Agreement agreement, byte[] weights, params int[] units)
    {
        var digest = Digest.Of(weights);
        var model = new { inputs = new[] { "age" }, layers = units.Select(u => new { dense = u }), head = "logistic", outcome = "stage", @event = "2" };
        return world.Exact(agreement) with
        {
            Run = FreshRun(),
            Method = "training-round",
            Parameters = JsonSerializer.SerializeToElement(new { model, weights = new { sha256 = $"{digest}" }, local = new { epochs = 1, batch = 2, rate = 0.1 }, clip = 1 }),
            VectorLength = 5 + (weights.Length / sizeof(float)),
            WordBits = 32,
            Attachment = new AttachmentBinding(digest, weights.Length),
        };
    }

    /// <summary>Weights of such a model: for each unit one from every unit before it, and an intercept.</summary>
    internal static byte[] Weights(int seed, params int[] units)
    {
        int[] widths = [1, .. units, 1];
        var count = widths.Zip(widths[1..], (before, after) => (before + 1) * after).Sum();
        return [.. Enumerable.Range(0, count).SelectMany(i => BitConverter.GetBytes(0.001f * (((i * seed) % 7) - 3)))];
    }

    internal static Signed<RequestStatement> Sign(this Consortia world, RequestStatement request, string? signer = null) =>
        Signed<RequestStatement>.By(world.KeysOf(signer ?? request.Researcher).Signing, request);
}
