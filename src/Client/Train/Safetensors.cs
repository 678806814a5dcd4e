using System.Buffers.Binary;
using System.Numerics;
using System.Text.Json;
using Consilience.FederatedLearning.Models;

namespace Consilience.Client.Train;

/// <summary>One tensor of a file: its type (<c>F32</c> or <c>F64</c>), its shape, and its little-endian values, row-major, in one block or several; a block is good until the next.</summary>
public sealed record StoredTensor(string Name, string Type, IReadOnlyList<int> Shape, IEnumerable<ReadOnlyMemory<byte>> Blocks)
{
    private const int Most = 1 << 13;

    internal int Width => Type == "F64" ? sizeof(double) : sizeof(float);

    /// <summary>Of its values, in bytes.</summary>
    internal BigInteger Size => Shape.Aggregate((BigInteger)Width, (product, s) => product * s);

    public static StoredTensor Of(string name, IReadOnlyList<double> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return new(name, "F64", [values.Count], BlocksOf(values));
    }

    private static IEnumerable<ReadOnlyMemory<byte>> BlocksOf(IReadOnlyList<double> values)
    {
        var block = new byte[Most * sizeof(double)];
        for (var at = 0; at < values.Count; at += Most)
        {
            var count = Math.Min(Most, values.Count - at);
            for (var i = 0; i < count; i++)
                BinaryPrimitives.WriteDoubleLittleEndian(block.AsSpan(i * sizeof(double)), values[at + i]);
            yield return block.AsMemory(0, count * sizeof(double));
        }
    }
}

/// <summary>
/// Tensors in a file that holds nothing but numbers and names: eight bytes of the header's length, the header in JSON, the data. Written so that equal contents are equal bytes; read strictly: tensors must follow each
/// other without gaps or overlaps to the end of the file, and whatever the header says beyond that is a fault. The format: <c>huggingface/safetensors</c>.
/// </summary>
public static class Safetensors
{
    private const int LargestHeader = 16 * 1024 * 1024;
    private const int Alignment = 8;

    /// <param name="file">To write to.</param>
    /// <param name="tensors">In the order of their data.</param>
    /// <param name="metadata">Texts about the file.</param>
    public static void Write(Stream file, IReadOnlyList<StoredTensor> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(tensors);
        ArgumentNullException.ThrowIfNull(metadata);
        using var header = new MemoryStream();
        using (var json = new Utf8JsonWriter(header))
        {
            json.WriteStartObject();
            json.WriteStartObject("__metadata__");
            foreach (var (name, text) in metadata.OrderBy(m => m.Key, StringComparer.Ordinal))
                json.WriteString(name, text);
            json.WriteEndObject();
            long at = 0;
            foreach (var tensor in tensors)
            {
                json.WriteStartObject(tensor.Name);
                json.WriteString("dtype", tensor.Type);
                WriteNumbers(json, "shape", tensor.Shape.Select(s => (long)s));
                WriteNumbers(json, "data_offsets", [at, at += (long)tensor.Size]);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        while (header.Length % Alignment != 0)
            header.WriteByte((byte)' ');
        var length = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        file.Write(length);
        header.WriteTo(file);
        foreach (var block in tensors.SelectMany(t => t.Blocks))
            file.Write(block.Span);
    }

    /// <exception cref="InvalidDataException">It is not such a file.</exception>
    public static (IReadOnlyList<StoredTensor> Tensors, IReadOnlyDictionary<string, string> Metadata) Read(byte[] file)
    {
        ArgumentNullException.ThrowIfNull(file);
        var size = file.Length < sizeof(ulong) ? 0 : BinaryPrimitives.ReadUInt64LittleEndian(file);
        if (size is 0 or > LargestHeader || size > (ulong)(file.Length - sizeof(ulong)))
            throw Faulty("its header's length");
        try
        {
            using var json = JsonDocument.Parse(file.AsMemory(sizeof(ulong), (int)size), new JsonDocumentOptions { MaxDepth = 8, AllowDuplicateProperties = false });
            return Read(json.RootElement, file.AsMemory(sizeof(ulong) + (int)size));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw Faulty("its header");
        }
    }

    /// <summary>A model's weights, tensor by tensor.</summary>
    public static IReadOnlyList<StoredTensor> Of(ModelDeclaration model, ModelWeights weights)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(weights);
        return [.. model.Tensors.Select(t => new StoredTensor(t.Name, "F32", t.Shape, [weights.Bytes.Slice(t.Offset * sizeof(float), t.Length * sizeof(float))]))];
    }

    /// <summary>The weights of a model from the tensors of a file that begins with them.</summary>
    /// <exception cref="InvalidDataException">Names, shapes or types are others, or a weight is not finite.</exception>
    public static ModelWeights WeightsOf(ModelDeclaration model, IReadOnlyList<StoredTensor> tensors)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(tensors);
        var fits = tensors.Count >= model.Tensors.Count && model.Tensors.Zip(tensors).All(p => p.First.Name == p.Second.Name && p.Second.Type == "F32" && p.First.Shape.SequenceEqual(p.Second.Shape));
        return fits && ModelWeights.TryRead(tensors.Take(model.Tensors.Count).SelectMany(t => t.Blocks), model.ParameterCount) is { } weights ? weights : throw Faulty("its tensors");
    }

    private static (IReadOnlyList<StoredTensor>, IReadOnlyDictionary<string, string>) Read(JsonElement header, ReadOnlyMemory<byte> data)
    {
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        var tensors = new List<StoredTensor>();
        long at = 0;
        foreach (var member in header.EnumerateObject())
        {
            if (member.Name == "__metadata__")
            {
                foreach (var text in member.Value.EnumerateObject())
                    metadata[text.Name] = text.Value.GetString() ?? throw Faulty("its metadata");
                continue;
            }

            var shape = member.Value.GetProperty("shape").EnumerateArray().Select(s => s.GetInt32()).ToList();
            long[] offsets = [.. member.Value.GetProperty("data_offsets").EnumerateArray().Select(o => o.GetInt64())];
            var tensor = new StoredTensor(member.Name, member.Value.GetProperty("dtype").GetString() ?? "", shape, []);
            if (tensor.Type is not ("F32" or "F64") || member.Value.EnumerateObject().Count() != 3 || shape.Exists(s => s < 0))
                throw Faulty($"tensor '{Quoted(member.Name)}'");
            if (offsets.Length != 2 || offsets[0] != at || tensor.Size != offsets[1] - offsets[0] || offsets[1] > data.Length)
                throw Faulty($"where tensor '{Quoted(member.Name)}' lies");
            tensors.Add(tensor with { Blocks = [data[(int)offsets[0]..(int)offsets[1]]] });
            at = offsets[1];
        }

        return at == data.Length ? (tensors, metadata) : throw Faulty("bytes behind its tensors");
    }

    private static string Quoted(string name) => Protocol.Identity.PlainText.Quote(name);

    private static void WriteNumbers(Utf8JsonWriter json, string name, IEnumerable<long> numbers)
    {
        json.WriteStartArray(name);
        foreach (var number in numbers)
            json.WriteNumberValue(number);
        json.WriteEndArray();
    }

    private static InvalidDataException Faulty(string what) => new($"safetensors: {what} (expected a file as this program writes it); fetch or make it again");
}
