using System.Reflection;

namespace Consilience.Arithmetic.Tests;

/// <summary>A generator that repeats lets two releases be subtracted and the noise falls out. Each broken generator below is caught by the check the real one passes.</summary>
public sealed class RandomnessNeverRepeats
{
    private const int Blocks = 20_000;

    /// <summary>16-byte blocks, fetched in requests of several lengths: among honest ones a repetition has a probability below 2⁻⁹⁸.</summary>
    private static bool Repeats(RandomBytes random)
    {
        var seen = new HashSet<UInt128>();
        var request = new byte[64];
        for (var i = 0; i < Blocks;)
        {
            var length = 16 << (i % 3);
            random.Fill(request.AsSpan(0, length));
            for (var offset = 0; offset < length; offset += 16, i++)
            {
                if (!seen.Add(System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(request.AsSpan(offset))))
                    return true;
            }
        }

        return false;
    }

    [Fact]
    public void The_operating_system_never_repeats_a_block() => Assert.False(Repeats(RandomBytes.OperatingSystem));

    [Fact]
    public void A_generator_seeded_anew_for_every_request_is_caught() => Assert.True(Repeats(new SeededAnew()));

    [Fact]
    public void A_generator_that_runs_in_a_circle_is_caught() => Assert.True(Repeats(new Circle(period: 65_536)));

    [Fact]
    public void A_generator_that_leaves_the_buffer_as_it_was_is_caught() => Assert.True(Repeats(new Silent()));

    [Fact]
    public async Task Threads_sharing_the_operating_system_never_see_the_same_block()
    {
        var drawn = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Enumerable.Range(0, 5_000).Select(_ =>
        {
            Span<byte> block = stackalloc byte[16];
            RandomBytes.OperatingSystem.Fill(block);
            return System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(block);
        }).ToList())));
        Assert.Equal(20_000, drawn.SelectMany(d => d).Distinct().Count());
    }

    [Fact]
    public void Every_byte_of_a_request_is_filled()
    {
        foreach (var length in new[] { 1, 7, 8, 31, 4096, 100_000 })
        {
            var ever = new byte[length];
            var once = new byte[length];
            for (var i = 0; i < 24; i++)
            {
                RandomBytes.OperatingSystem.Fill(once);
                for (var j = 0; j < length; j++)
                    ever[j] |= once[j];
            }

            Assert.DoesNotContain((byte)0, ever);
        }
    }

    [Fact]
    public void Nobody_outside_can_make_a_generator()
    {
        const BindingFlags all = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
        Assert.All(typeof(RandomBytes).GetConstructors(all), c => Assert.True(c.IsFamilyAndAssembly));
        Assert.DoesNotContain(typeof(RandomBytes).Assembly.GetExportedTypes(), t => t.IsSubclassOf(typeof(RandomBytes)));
        var makers = typeof(RandomBytes).Assembly.GetExportedTypes()
            .SelectMany(t => t.GetMembers(BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public))
            .Where(m => m is PropertyInfo { PropertyType: var p } && p == typeof(RandomBytes) || m is MethodInfo { ReturnType: var r, IsSpecialName: false } && r == typeof(RandomBytes));
        Assert.Equal([nameof(RandomBytes.OperatingSystem)], makers.Select(m => m.Name));
    }

    private sealed class SeededAnew : RandomBytes.ForTests
    {
        public override void Fill(Span<byte> bytes)
        {
            for (var i = 0; i < bytes.Length; i++)
                bytes[i] = unchecked((byte)(((i * 167) ^ (i >> 3)) + 13));
        }
    }

    /// <summary>Good bytes, again and again, as after a restored snapshot.</summary>
    private sealed class Circle : RandomBytes.ForTests
    {
        private readonly byte[] circle;
        private int position;

        internal Circle(int period)
        {
            circle = new byte[period];
            OperatingSystem.Fill(circle);
        }

        public override void Fill(Span<byte> bytes)
        {
            for (var i = 0; i < bytes.Length; i++)
                bytes[i] = circle[position++ % circle.Length];
        }
    }

    private sealed class Silent : RandomBytes.ForTests
    {
        public override void Fill(Span<byte> bytes)
        {
        }
    }
}
