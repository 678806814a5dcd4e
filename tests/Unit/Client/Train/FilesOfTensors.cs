using System.Buffers.Binary;
using System.Text;
using Consilience.Client.Train;

namespace Consilience.Client.Tests.Train;

/// <summary>Safetensors as the public format has it, byte by byte, and every way to spoil one.</summary>
public sealed class FilesOfTensors
{
    private static readonly byte[] Values = [0, 0, 128, 63, 0, 0, 0, 64];

    private static byte[] With(string header, byte[]? data = null)
    {
        var text = Encoding.UTF8.GetBytes(header);
        var size = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(size, (ulong)text.Length);
        return [.. size, .. text, .. data ?? Values];
    }

    [Fact]
    public void A_file_is_the_length_the_header_and_the_data()
    {
        using var file = new MemoryStream();
        Safetensors.Write(file, [new("w", "F32", [1, 2], [Values])], new Dictionary<string, string> { ["name"] = "m" });
        var header = """{"__metadata__":{"name":"m"},"w":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}""";
        Assert.Equal(With(header.PadRight((header.Length + 7) / 8 * 8)), file.ToArray());
        var (tensors, metadata) = Safetensors.Read(file.ToArray());
        Assert.Equal(("w", "F32", "m"), (tensors[0].Name, tensors[0].Type, metadata["name"]));
        Assert.Equal(Values, Assert.Single(tensors[0].Blocks).ToArray());
    }

    [Theory]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""")]
    [InlineData("""{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""")]
    [InlineData("""{"w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""")]
    [InlineData("""{"w":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}""")]
    [InlineData("""{"w":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""")]
    [InlineData("""{"w":{"dtype":"F32","shape":[2147483647,2147483647,4],"data_offsets":[0,8]}}""")]
    [InlineData("""{"w":{"dtype":"I8","shape":[8],"data_offsets":[0,8]}}""")]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"code":"x"}}""")]
    [InlineData("""{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""")]
    [InlineData("""{"v":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""")]
    [InlineData("""{"__metadata__":{"a":1},"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""")]
    [InlineData("""{"w":8}""")]
    [InlineData("""[]""")]
    [InlineData("")]
    public void A_header_that_is_not_exactly_right_is_refused(string header) => Assert.Throws<InvalidDataException>(() => Safetensors.Read(With(header)));

    [Fact]
    public void A_length_beyond_the_file_is_refused()
    {
        var file = With("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""");
        Assert.Single(Safetensors.Read(file).Tensors);
        foreach (var length in new ulong[] { 0, 1, 4096, ulong.MaxValue })
        {
            BinaryPrimitives.WriteUInt64LittleEndian(file, length);
            Assert.Throws<InvalidDataException>(() => Safetensors.Read(file));
        }

        Assert.Throws<InvalidDataException>(() => Safetensors.Read([1, 2, 3]));
    }
}
