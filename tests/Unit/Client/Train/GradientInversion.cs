using System.Buffers.Binary;
using System.Collections;
using System.Text.Json;
using Google.Protobuf;

namespace Consilience.Client.Tests.Train;

/// <summary>
/// The attack on a single update: in a linear layer with an intercept each weight's gradient over the intercept's is the input itself (Phong et al. 2018, <i>Privacy-preserving deep learning via additively homomorphic encryption</i>, section
/// 3), so a step of one person gives that person away. Carried out on whatever was captured, at every place, in every encoding of numbers.
/// </summary>
internal static class GradientInversion
{
    /// <summary>How numbers may be written: bytes of each, and how they are read.</summary>
    private static readonly (int Size, Func<ReadOnlySpan<byte>, double> Read)[] Encodings =
    [
        (4, b => BinaryPrimitives.ReadInt32LittleEndian(b)), (4, b => BinaryPrimitives.ReadInt32BigEndian(b)), (8, b => BinaryPrimitives.ReadInt64LittleEndian(b)), (8, b => BinaryPrimitives.ReadInt64BigEndian(b)),
        (4, b => BinaryPrimitives.ReadSingleLittleEndian(b)), (4, b => BinaryPrimitives.ReadSingleBigEndian(b)), (8, b => BinaryPrimitives.ReadDoubleLittleEndian(b)), (8, b => BinaryPrimitives.ReadDoubleBigEndian(b)),
    ];

    /// <summary>Whether some bytes, read as the gradient of a layer's weights and its intercept, give one of these persons' inputs to a hundredth.</summary>
    internal static bool FindsOneOf(IReadOnlyCollection<double[]> persons, IEnumerable<byte[]> captured) =>
        captured.Any(bytes => Encodings.Any(encoding => Enumerable.Range(0, Math.Max(0, bytes.Length - ((persons.First().Length + 1) * encoding.Size) + 1)).Any(at => persons.Any(person => Is(person, bytes.AsSpan(at), encoding)))));

    private static bool Is(double[] person, ReadOnlySpan<byte> bytes, (int Size, Func<ReadOnlySpan<byte>, double> Read) encoding)
    {
        var intercept = encoding.Read(bytes[(person.Length * encoding.Size)..]);
        for (var i = 0; i < person.Length; i++)
        {
            if (!(Math.Abs((encoding.Read(bytes[(i * encoding.Size)..]) / intercept) - person[i]) <= 0.01))
                return false;
        }

        return true;
    }

    /// <summary>A vector in every way a program would write it: whole or as the real numbers it stands for.</summary>
    internal static IEnumerable<byte[]> Written(IEnumerable<long> cells, double unit)
    {
        byte[][] little =
        [
            [.. cells.SelectMany(c => BitConverter.GetBytes((int)c))], [.. cells.SelectMany(BitConverter.GetBytes)],
            [.. cells.SelectMany(c => BitConverter.GetBytes((float)(c / unit)))], [.. cells.SelectMany(c => BitConverter.GetBytes(c / unit))],
        ];
        return little.Concat(little.Select((bytes, i) => bytes.Chunk(i % 2 == 0 ? 4 : 8).SelectMany(number => number.Reverse()).ToArray()));
    }

    /// <summary>All byte strings in a message, and those written in base64 in the documents among them.</summary>
    internal static IEnumerable<byte[]> BytesIn(IMessage message)
    {
        foreach (var value in message.Descriptor.Fields.InDeclarationOrder().Select(f => f.Accessor.GetValue(message)))
        {
            foreach (var item in value is string or ByteString or not IEnumerable ? [value] : ((IEnumerable)value).Cast<object>())
            {
                foreach (var bytes in item switch { ByteString b => Unfolded(b.ToByteArray()), IMessage inner => BytesIn(inner), _ => [] })
                    yield return bytes;
            }
        }
    }

    /// <summary>The differences and sums, word by word, of any two byte strings of a vector's size.</summary>
    internal static IEnumerable<byte[]> Combined(IReadOnlyList<byte[]> captured, int size)
    {
        var vectors = captured.Where(c => c.Length == size).ToList();
        return from a in vectors from b in vectors where a != b from sign in new[] { 1, -1 }
               select (byte[])[.. Enumerable.Range(0, size / 4).SelectMany(i => BitConverter.GetBytes(unchecked(BitConverter.ToInt32(a, 4 * i) + (sign * BitConverter.ToInt32(b, 4 * i)))))];
    }

    private static IEnumerable<byte[]> Unfolded(byte[] bytes)
    {
        yield return bytes;
        foreach (var inner in Strings(Document(bytes)).Where(s => s.GetString()!.Length >= 40 && s.TryGetBytesFromBase64(out _)).SelectMany(s => Unfolded(s.GetBytesFromBase64())))
            yield return inner;
    }

    private static JsonElement Document(byte[] bytes)
    {
        try
        {
            return bytes is [(byte)'{', ..] ? JsonSerializer.Deserialize<JsonElement>(bytes) : default;
        }
        catch (JsonException)
        {
            // Masked numbers that begin like a document.
            return default;
        }
    }

    private static IEnumerable<JsonElement> Strings(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => [element],
        JsonValueKind.Object => element.EnumerateObject().SelectMany(p => Strings(p.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Strings),
        _ => [],
    };
}
