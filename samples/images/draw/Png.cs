using System.Buffers.Binary;
using System.IO.Compression;

namespace Consilience.Samples.Images;

/// <summary>Writes greys as a PNG file (ISO/IEC 15948).</summary>
internal static class Png
{
    /// <param name="greys">From the top left, row by row.</param>
    /// <param name="width">Of a row.</param>
    internal static byte[] Write(ReadOnlySpan<byte> greys, int width)
    {
        var head = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(head, width);
        BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(4), greys.Length / width);
        head[8] = 8;
        using var rows = new MemoryStream();
        using (var packed = new ZLibStream(rows, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            for (var at = 0; at < greys.Length; at += width)
            {
                packed.WriteByte(0);
                packed.Write(greys.Slice(at, width));
            }
        }

        return [0x89, .. "PNG\r\n\u001a\n"u8, .. Chunk("IHDR"u8, head), .. Chunk("IDAT"u8, rows.ToArray()), .. Chunk("IEND"u8, [])];
    }

    private static byte[] Chunk(ReadOnlySpan<byte> kind, ReadOnlySpan<byte> data)
    {
        byte[] chunk = [0, 0, 0, 0, .. kind, .. data, 0, 0, 0, 0];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(chunk.Length - 4), Check(chunk.AsSpan(4, chunk.Length - 8)));
        return chunk;
    }

    /// <summary>CRC-32, annex D.</summary>
    private static uint Check(ReadOnlySpan<byte> bytes)
    {
        var check = uint.MaxValue;
        foreach (var b in bytes)
        {
            check ^= b;
            for (var bit = 0; bit < 8; bit++)
                check = (check >> 1) ^ ((check & 1) * 0xEDB8_8320);
        }

        return ~check;
    }
}
