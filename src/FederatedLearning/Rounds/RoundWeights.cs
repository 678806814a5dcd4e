using Consilience.Analyses.Sums;
using Consilience.FederatedLearning.Models;

namespace Consilience.FederatedLearning.Rounds;

/// <summary>The weights a round is asked at: written in its parameters, or named there by their digest and attached.</summary>
internal sealed class RoundWeights
{
    private readonly ModelWeights? written;

    private RoundWeights(ModelWeights? written, Attachment? attachment, string digest) => (this.written, Attachment, Digest) = (written, attachment, digest);

    /// <summary>Null when they are written.</summary>
    internal Attachment? Attachment { get; }

    /// <summary>Lower-case hexadecimal SHA-256.</summary>
    internal string Digest { get; }

    internal static RoundWeights Of(ModelWeights written) => new(written, null, written.Digest);

    internal static RoundWeights Of(Attachment attachment) => new(null, attachment, attachment.Sha256);

    /// <param name="attached">The attachment, its digest checked; empty when they are written.</param>
    /// <param name="count">Of the model's parameters.</param>
    /// <exception cref="ArithmeticException">Attached, and not finite numbers.</exception>
    internal ModelWeights Read(ReadOnlySpan<byte> attached, int count) =>
        written ?? ModelWeights.TryRead(attached, count) ?? throw new ArithmeticException("weights: not finite numbers; take the weights of the round before, or initialise them");
}
