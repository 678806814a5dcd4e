using Consilience.Protocol.Analyse;
using Consilience.SecureAggregation.Masking;
using Consilience.Tests.World;

namespace Consilience.KeyHolder.Tests;

/// <summary>A hostile hub with the real key holder: whatever it shows, no sum opens that the agreement does not allow.</summary>
public sealed class RollsThatAreRefused
{
    [Fact]
    public async Task An_honest_roll_opens_to_its_recipient_and_to_nobody_else()
    {
        await using var attacked = await Attacked.StartAsync();
        var world = attacked.World;
        var request = world.Sign(world.Exact(attacked.Agreement));
        var contributions = world.ContributeAll(attacked.Agreement, request);
        var roll = world.RollOf(request, contributions);
        var share = world.ReadShare(request, roll, "aster", await attacked.Hub.AskAsync(roll));
        var other = world.ReadShare(request, roll, "birch", await new CredulousKeyHolder(world.KeysOf("birch"), "birch", _ => world.KeysOf("ada").Sealing.PublicKey).AskAsync(roll));
        Assert.Equal([33, 63], WholeVectors.Unseal(Ring.Bits64, Rolls.MaskedSum(contributions), [share!, other!]));
        Assert.Null(world.ReadShare(request, roll, "aster", await attacked.Hub.AskAsync(roll), recipient: "eve"));
        Assert.Null(world.ReadShare(request, roll, "aster", await attacked.Hub.AskAsync(roll), recipient: "harbour"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_roll_below_the_minimum_of_sites_at_exact_precision_is_refused(int sites)
    {
        await using var attacked = await Attacked.StartAsync();
        var request = attacked.World.Sign(attacked.World.Exact(attacked.Agreement));
        var some = attacked.World.ContributeAll(attacked.Agreement, request).Take(sites).ToList();
        await attacked.OnlyTheTwinOpensAsync(attacked.World.RollOf(request, some), RefusalCode.TooFewSites);
    }

    [Fact]
    public async Task One_sites_contribution_presented_as_a_roll_is_refused()
    {
        await using var attacked = await Attacked.StartAsync();
        var request = attacked.World.Sign(attacked.World.Noised(attacked.Agreement));
        var one = attacked.World.Contribute(attacked.Agreement, request, "cedar", [7, 9]);
        await attacked.OnlyTheTwinOpensAsync(attacked.World.RollOf(request, [one]), RefusalCode.TooFewSites);
    }

    [Fact]
    public async Task An_empty_roll_is_refused()
    {
        await using var attacked = await Attacked.StartAsync();
        var request = attacked.World.Sign(attacked.World.Noised(attacked.Agreement));
        var all = attacked.World.ContributeAll(attacked.Agreement, request);
        var roll = attacked.World.RollOf(request, all, change: r => r with { Sites = [] });
        roll.Contributions.Clear();
        await attacked.OnlyTheTwinOpensAsync(roll, RefusalCode.TooFewSites);
    }

    [Fact]
    public async Task A_site_that_stands_twice_is_refused()
    {
        await using var attacked = await Attacked.StartAsync();
        var request = attacked.World.Sign(attacked.World.Noised(attacked.Agreement));
        var one = attacked.World.Contribute(attacked.Agreement, request, "cedar", [7, 9]);
        await attacked.OnlyTheTwinOpensAsync(attacked.World.RollOf(request, [one, one]), RefusalCode.RollInvalid);
    }

    [Fact]
    public async Task A_site_that_stands_twice_with_two_contributions_is_refused()
    {
        await using var attacked = await Attacked.StartAsync();
        var request = attacked.World.Sign(attacked.World.Noised(attacked.Agreement));
        var twice = new[] { 1L, 2L }.Select(v => attacked.World.Contribute(attacked.Agreement, request, "cedar", [v, v])).ToList();
        await attacked.OnlyTheTwinOpensAsync(attacked.World.RollOf(request, twice), RefusalCode.RollInvalid);
    }

    [Fact]
    public async Task A_member_that_is_no_site_of_the_study_is_refused()
    {
        await using var attacked = await Attacked.StartAsync();
        var request = attacked.World.Sign(attacked.World.Noised(attacked.Agreement));
        var one = attacked.World.Contribute(attacked.Agreement, request, "cedar", [7, 9]);
        var foreign = attacked.World.Contribute(attacked.Agreement, request, "dogwood", [0, 0]);
        await attacked.OnlyTheTwinOpensAsync(attacked.World.RollOf(request, [one, foreign]), RefusalCode.RollInvalid);
    }

    [Fact]
    public async Task A_contribution_the_hub_made_up_in_a_sites_name_is_refused()
    {
        await using var attacked = await Attacked.StartAsync();
        var request = attacked.World.Sign(attacked.World.Noised(attacked.Agreement));
        var one = attacked.World.Contribute(attacked.Agreement, request, "cedar", [7, 9]);
        var forged = attacked.World.Contribute(attacked.Agreement, request, "birch", [0, 0], signer: "harbour");
        await attacked.OnlyTheTwinOpensAsync(attacked.World.RollOf(request, [one, forged]), RefusalCode.SignatureInvalid);
    }

    [Fact]
    public async Task A_roll_that_the_hub_did_not_sign_is_refused()
    {
        await using var attacked = await Attacked.StartAsync();
        var request = attacked.World.Sign(attacked.World.Noised(attacked.Agreement));
        var all = attacked.World.ContributeAll(attacked.Agreement, request);
        await attacked.OnlyTheTwinOpensAsync(attacked.World.RollOf(request, all, signer: "cedar"), RefusalCode.SignatureInvalid);
    }

    [Fact]
    public async Task A_contribution_other_than_the_one_on_the_roll_is_refused()
    {
        await using var attacked = await Attacked.StartAsync();
        var request = attacked.World.Sign(attacked.World.Noised(attacked.Agreement));
        var all = attacked.World.ContributeAll(attacked.Agreement, request);
        var roll = attacked.World.RollOf(request, all);
        roll.Contributions[1] = Google.Protobuf.ByteString.CopyFrom(attacked.World.Contribute(attacked.Agreement, request, "birch", [0, 0]).Signed.Envelope);
        await attacked.OnlyTheTwinOpensAsync(roll, RefusalCode.RollInvalid);
    }

    [Fact]
    public async Task More_contributions_than_the_roll_names_are_refused()
    {
        await using var attacked = await Attacked.StartAsync();
        var request = attacked.World.Sign(attacked.World.Noised(attacked.Agreement));
        var all = attacked.World.ContributeAll(attacked.Agreement, request);
        var roll = attacked.World.RollOf(request, all);
        roll.Contributions.Add(roll.Contributions[0]);
        await attacked.OnlyTheTwinOpensAsync(roll, RefusalCode.RollInvalid);
    }

    [Fact]
    public async Task A_roll_of_garbage_is_refused_and_the_link_goes_on()
    {
        await using var attacked = await Attacked.StartAsync();
        var world = attacked.World;
        var request = world.Sign(world.Noised(attacked.Agreement));
        var roll = world.RollOf(request, world.ContributeAll(attacked.Agreement, request));
        var garbage = roll.Clone();
        garbage.Roll = Google.Protobuf.ByteString.CopyFromUtf8("{");
        Assert.Equal(RefusalCode.RollInvalid, (await attacked.Hub.AskAsync(garbage)).Refusal!.Code);
        Assert.True((await attacked.Hub.AskAsync(roll)).Gave);
    }
}
