using System.Globalization;
using Consilience.Cli.Demo;
using Consilience.Client.Publish;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;

namespace Consilience.EndToEnd.Tests;

/// <summary>
/// The memory of a running hub after an exact answer: the masked sum is in it, which shows that the search finds what is there, and the opened table is not. The broken twin is a
/// process that opened it: the researcher's.
/// </summary>
[Trait("speed", "slow")]
public sealed class WhatTheHubHolds
{
    [Fact]
    public async Task Its_memory_holds_the_masked_sum_and_never_the_opened_one()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var network = RestartingNetwork.Start();
        var answer = await network.AskAsync("memory", cancellation, Precision.Exact);
        var table = answer.Result.Groups.SelectMany(g => BitConverter.GetBytes(g.Count!.Value)).ToArray();
        var masked = Signed<ReceiptStatement>.PeekUnverified(answer.Receipt)!.MaskedSum;
        Assert.Equal(64, table.Length);
        var hub = network.ProcessOf("hub", DemoFolder.Hub);
        Assert.True(Holds(hub, masked));
        Assert.False(Holds(hub, table));
        Assert.True(Holds(Environment.ProcessId, table));
    }

    /// <summary>Whether a process's writable memory holds these bytes.</summary>
    private static bool Holds(int process, byte[] wanted)
    {
        using var memory = new FileStream($"/proc/{process}/mem", FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        var buffer = new byte[1 << 20];
        foreach (var (start, end) in Writable(process))
        {
            // Windows overlap by the length of what is searched, so that nothing hides on a border.
            for (var at = start; at < end; at += buffer.Length - wanted.Length)
            {
                var read = Read(memory, at, buffer.AsSpan(0, (int)Math.Min(buffer.Length, end - at)));
                if (buffer.AsSpan(0, read).IndexOf(wanted) >= 0)
                    return true;
            }
        }

        return false;
    }

    private static IEnumerable<(long Start, long End)> Writable(int process) =>
        from line in File.ReadAllLines($"/proc/{process}/maps")
        let fields = line.Split(' ')
        where fields[1].StartsWith("rw", StringComparison.Ordinal)
        let range = fields[0].Split('-')
        where range[1].Length < 16
        select (long.Parse(range[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture), long.Parse(range[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture));

    private static int Read(FileStream memory, long at, Span<byte> destination)
    {
        try
        {
            memory.Position = at;
            return memory.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false);
        }
        catch (IOException)
        {
            // Reserved, but never backed by a page.
            return 0;
        }
    }
}
