using System.Buffers.Binary;
using System.Numerics;

namespace Consilience.DifferentialPrivacy.Tests.Randomness;

/// <summary>TurboSHAKE128 (RFC 9861): Keccak-p[1600] with 12 rounds, rate 168 bytes, for a message of one block. Exists in tests alone: the product has no seeded generator.</summary>
internal sealed class TurboShake128
{
    private const int Rate = 168;

    private static readonly ulong[] RoundConstants =
    [
        0x000000008000808B, 0x800000000000008B, 0x8000000000008089, 0x8000000000008003, 0x8000000000008002, 0x8000000000000080,
        0x000000000000800A, 0x800000008000000A, 0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
    ];

    /// <summary>Where the lane that walks through ρ and π comes to rest, and how far it is turned, from (1, 0) on.</summary>
    private static readonly (int Lane, int Turn)[] Walk = [.. WalkOfLanes()];

    private readonly ulong[] state = new ulong[25];
    private readonly byte[] block = new byte[Rate];
    private int position;

    internal TurboShake128(ReadOnlySpan<byte> message, byte domain)
    {
        if (message.Length >= Rate)
            throw new ArgumentException("TurboSHAKE128: more than one block", nameof(message));
        Span<byte> last = stackalloc byte[Rate];
        last.Clear();
        message.CopyTo(last);
        last[message.Length] = domain;
        last[Rate - 1] ^= 0x80;
        Absorb(last);
        Squeeze();
    }

    internal void Read(Span<byte> output)
    {
        while (output.Length > 0)
        {
            if (position == Rate)
            {
                Permute();
                Squeeze();
            }

            var length = Math.Min(output.Length, Rate - position);
            block.AsSpan(position, length).CopyTo(output);
            position += length;
            output = output[length..];
        }
    }

    private void Absorb(ReadOnlySpan<byte> bytes)
    {
        for (var lane = 0; lane < Rate / 8; lane++)
            state[lane] ^= BinaryPrimitives.ReadUInt64LittleEndian(bytes[(8 * lane)..]);
        Permute();
    }

    private void Squeeze()
    {
        for (var lane = 0; lane < Rate / 8; lane++)
            BinaryPrimitives.WriteUInt64LittleEndian(block.AsSpan(8 * lane), state[lane]);
        position = 0;
    }

    private void Permute()
    {
        var a = state.AsSpan(0, 25);
        foreach (var constant in RoundConstants)
        {
            ulong c0 = Column(a, 0), c1 = Column(a, 1), c2 = Column(a, 2), c3 = Column(a, 3), c4 = Column(a, 4);
            ulong d0 = c4 ^ BitOperations.RotateLeft(c1, 1), d1 = c0 ^ BitOperations.RotateLeft(c2, 1), d2 = c1 ^ BitOperations.RotateLeft(c3, 1);
            ulong d3 = c2 ^ BitOperations.RotateLeft(c4, 1), d4 = c3 ^ BitOperations.RotateLeft(c0, 1);
            for (var y = 0; y < 25; y += 5)
            {
                a[y] ^= d0;
                a[y + 1] ^= d1;
                a[y + 2] ^= d2;
                a[y + 3] ^= d3;
                a[y + 4] ^= d4;
            }

            var carried = a[1];
            foreach (var (lane, turn) in Walk)
                (a[lane], carried) = (BitOperations.RotateLeft(carried, turn), a[lane]);

            for (var y = 0; y < 25; y += 5)
            {
                ulong b0 = a[y], b1 = a[y + 1], b2 = a[y + 2], b3 = a[y + 3], b4 = a[y + 4];
                a[y] = b0 ^ (~b1 & b2);
                a[y + 1] = b1 ^ (~b2 & b3);
                a[y + 2] = b2 ^ (~b3 & b4);
                a[y + 3] = b3 ^ (~b4 & b0);
                a[y + 4] = b4 ^ (~b0 & b1);
            }

            a[0] ^= constant;
        }
    }

    private static ulong Column(ReadOnlySpan<ulong> a, int x) => a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];

    private static IEnumerable<(int Lane, int Turn)> WalkOfLanes()
    {
        int x = 1, y = 0;
        for (var step = 0; step < 24; step++)
        {
            (x, y) = (y, ((2 * x) + (3 * y)) % 5);
            yield return (x + (5 * y), (step + 1) * (step + 2) / 2 % 64);
        }
    }
}
