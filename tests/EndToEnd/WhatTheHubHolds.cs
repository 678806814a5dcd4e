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
        var masked = Signed<ReceiptStatement>.PeekUnverified(answer.Receipt)!.MaskedSum!;
        Assert.Equal(64, table.Length);
        var hub = network.ProcessOf("hub", DemoFolder.Hub);
        Assert.True(ProcessMemory.Holds(hub, masked));
        Assert.False(ProcessMemory.Holds(hub, table));
        Assert.True(ProcessMemory.Holds(Environment.ProcessId, table));
    }
}
