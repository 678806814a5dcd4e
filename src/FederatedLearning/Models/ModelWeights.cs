using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Consilience.FederatedLearning.Numerics;

namespace Consilience.FederatedLearning.Models;

/// <summary>The weights of a model: finite single-precision numbers in the order of <see cref="ModelDeclaration.Tensors"/>. Immutable.</summary>
public sealed class ModelWeights
{
    // Numbers and bytes are the same memory, because models are large; no platform of this runtime that is supported stores numbers the other way round.
    private readonly byte[] bytes;
    private readonly Lazy<string> digest;

    private ModelWeights(byte[] bytes)
    {
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("weights: this machine stores numbers big end first (expected little end first)");
        (this.bytes, digest) = (bytes, new(() => Convert.ToHexStringLower(SHA256.HashData(bytes))));
    }

    public int Count => bytes.Length / sizeof(float);

    public ReadOnlySpan<float> Values => MemoryMarshal.Cast<byte, float>(bytes);

    /// <summary>Little-endian single-precision numbers, one after the other.</summary>
    public ReadOnlyMemory<byte> Bytes => bytes;

    /// <summary>Lower-case hexadecimal SHA-256 of <see cref="Bytes"/>.</summary>
    public string Digest => digest.Value;

    /// <exception cref="ArgumentException">A value is not finite.</exception>
    public static ModelWeights Of(ReadOnlySpan<float> values) => TryRead(MemoryMarshal.AsBytes(values), values.Length) ?? throw new ArgumentException("weights: not a finite number", nameof(values));

    /// <summary>Weights to begin with; the same for the same seed, everywhere.</summary>
    public static ModelWeights Initialise(ModelDeclaration model, long seed)
    {
        ArgumentNullException.ThrowIfNull(model);
        var weights = new ModelWeights(new byte[model.ParameterCount * sizeof(float)]);
        var values = MemoryMarshal.Cast<byte, float>(weights.bytes.AsSpan());
        var offset = 0;
        var stream = SeededStream.For(seed, StreamPurpose.InitialWeights);
        foreach (var tensor in model.Specs)
        {
            var width = 1 / MathF.Sqrt(tensor.Inputs);
            foreach (ref var value in values.Slice(offset, tensor.Length))
                value = tensor.Initial switch { Initial.Zero => 0, Initial.One => 1, _ => width * ((2 * stream.Uniform()) - 1) };
            offset += tensor.Length;
        }

        return weights;
    }

    /// <summary>Those that have these <see cref="Bytes"/>; null where it is not <paramref name="count"/> finite numbers.</summary>
    public static ModelWeights? TryRead(ReadOnlySpan<byte> bytes, int count) => bytes.Length == (long)count * sizeof(float) ? TryOwn(bytes.ToArray()) : null;

    /// <summary>The same from blocks that follow each other.</summary>
    public static ModelWeights? TryRead(IEnumerable<ReadOnlyMemory<byte>> blocks, int count)
    {
        ArgumentNullException.ThrowIfNull(blocks);
        var (bytes, at) = (new byte[count * sizeof(float)], 0);
        foreach (var block in blocks)
        {
            if (block.Length > bytes.Length - at)
                return null;
            block.Span.CopyTo(bytes.AsSpan(at));
            at += block.Length;
        }

        return at == bytes.Length ? TryOwn(bytes) : null;
    }

    /// <summary>Weights in these bytes, which nobody else may change.</summary>
    private static ModelWeights? TryOwn(byte[] bytes)
    {
        var read = new ModelWeights(bytes);
        foreach (var value in read.Values)
        {
            if (!float.IsFinite(value))
                return null;
        }

        return read;
    }
}
