using System.Buffers.Binary;
using System.Security.Cryptography;
using Consilience.FederatedLearning.Numerics;

namespace Consilience.FederatedLearning.Models;

/// <summary>The weights of a model: finite single-precision numbers in the order of <see cref="ModelDeclaration.Tensors"/>. Immutable.</summary>
public sealed class ModelWeights
{
    private readonly float[] values;

    private ModelWeights(float[] values) => this.values = values;

    public int Count => values.Length;

    public ReadOnlySpan<float> Values => values;

    /// <summary>Lower-case hexadecimal SHA-256 of <see cref="ToBytes"/>.</summary>
    public string Digest => Convert.ToHexStringLower(SHA256.HashData(ToBytes()));

    /// <exception cref="ArgumentException">A value is not finite.</exception>
    public static ModelWeights Of(ReadOnlySpan<float> values)
    {
        foreach (var value in values)
        {
            if (!float.IsFinite(value))
                throw new ArgumentException("weights: not a finite number", nameof(values));
        }

        return new(values.ToArray());
    }

    /// <summary>Weights to begin with; the same for the same seed, everywhere.</summary>
    public static ModelWeights Initialise(ModelDeclaration model, long seed)
    {
        ArgumentNullException.ThrowIfNull(model);
        var values = new float[model.ParameterCount];
        var offset = 0;
        var stream = SeededStream.For(seed, StreamPurpose.InitialWeights);
        foreach (var tensor in model.Specs)
        {
            var width = 1 / MathF.Sqrt(tensor.Inputs);
            foreach (ref var value in values.AsSpan(offset, tensor.Length))
                value = tensor.Initial switch { Initial.Zero => 0, Initial.One => 1, _ => width * ((2 * stream.Uniform()) - 1) };
            offset += tensor.Length;
        }

        return new(values);
    }

    /// <summary>Little-endian single-precision numbers, one after the other.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[values.Length * sizeof(float)];
        for (var i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), values[i]);
        return bytes;
    }

    /// <summary>What <see cref="ToBytes"/> wrote; null where it is not <paramref name="count"/> finite numbers.</summary>
    public static ModelWeights? TryRead(ReadOnlySpan<byte> bytes, int count)
    {
        if (bytes.Length != (long)count * sizeof(float))
            return null;
        var values = new float[count];
        for (var i = 0; i < count; i++)
        {
            values[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes[(i * sizeof(float))..]);
            if (!float.IsFinite(values[i]))
                return null;
        }

        return new(values);
    }
}
