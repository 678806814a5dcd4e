using System.Text.Json;
using Consilience.Client.Publish;
using Consilience.Client.Tests.World;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.Tests.World;

namespace Consilience.Client.Tests;

/// <summary>
/// A receipt with anything changed does not verify, even when the researcher it belongs to signs the change. The broken twin looks at the researcher's signature alone, and
/// believes every one of them.
/// </summary>
public sealed class ReceiptsThatWereChanged
{
    public static TheoryData<string> Changes => [.. Changed.Keys];

    private static readonly Dictionary<string, Func<ReceiptStatement, ReceiptStatement, ReceiptStatement>> Changed = new(StringComparer.Ordinal)
    {
        ["a figure"] = (r, _) => r with { Result = r.Result with { Groups = [r.Result.Groups[0] with { Count = 99 }, .. r.Result.Groups.Skip(1)] } },
        ["a group left out"] = (r, _) => r with { Result = r.Result with { Groups = [.. r.Result.Groups.Skip(1)] } },
        ["the precision shown"] = (r, _) => r with { Result = r.Result with { Precision = Precision.Noised } },
        ["the epsilon shown"] = (r, _) => r with { Result = r.Result with { Epsilon = "1" } },
        ["the charge shown"] = (r, _) => r with { Result = r.Result with { Rho = "0.5" } },
        ["the parameters shown"] = (r, _) => r with { Result = r.Result with { Parameters = JsonDocument.Parse("""{"by":["age"]}""").RootElement } },
        ["a method shown that the agreement does not permit"] = (r, _) => r with { Result = r.Result with { Method = "kaplan-meier" } },
        ["a method shown that nobody knows"] = (r, _) => r with { Result = r.Result with { Method = "oracle" } },
        ["other sums shown"] = (r, _) => r with { Result = r.Result with { Parameters = JsonDocument.Parse("""{"by":["stage",{"variable":"age","edges":[12]}]}""").RootElement } },
        ["the cohort shown"] = (r, _) => r with { Result = r.Result with { Cohort = "age >= 18" } },
        ["the study shown"] = (r, _) => r with { Result = r.Result with { Study = "another" } },
        ["the run shown"] = (r, _) => r with { Result = r.Result with { Run = Questions.FreshRun() } },
        ["the protection shown"] = (r, _) => r with { Result = r.Result with { Privacy = "perfectly private" } },
        ["the key holders shown"] = (r, _) => r with { Result = r.Result with { KeyHolders = [] } },
        ["a site shown as answering that did not"] = (r, _) => r with { Result = r.Result with { Sites = r.Result.Sites with { Answered = [.. r.Result.Sites.Answered, Consortia.Id("cedar")] } } },
        ["a word of a refusal shown"] = (r, _) => r with { Result = r.Result with { Sites = r.Result.Sites with { Refused = [r.Result.Sites.Refused[0] with { Message = "no comment" }] } } },
        ["a bit of the masked sum"] = (r, _) => r with { MaskedSum = Flip(r.MaskedSum!) },
        ["a shorter masked sum"] = (r, _) => r with { MaskedSum = r.MaskedSum![..8] },
        ["a longer masked sum"] = (r, _) => r with { MaskedSum = [.. r.MaskedSum!, 0, 0, 0, 0, 0, 0, 0, 0] },
        ["a masked sum that is not within it"] = (r, _) => r with { MaskedSum = null },
        ["a share that is not within it"] = (r, _) => r with { Shares = [r.Shares[0] with { Share = null }, r.Shares[1]] },
        ["masked sum and shares that are nowhere"] = (r, _) => r with { MaskedSum = null, Shares = [.. r.Shares.Select(s => s with { Share = null })] },
        ["a bit of a share"] = (r, _) => r with { Shares = [r.Shares[0] with { Share = Flip(r.Shares[0].Share!) }, r.Shares[1]] },
        ["a bit of a salt"] = (r, _) => r with { Shares = [r.Shares[0] with { Salt = Flip(r.Shares[0].Salt) }, r.Shares[1]] },
        ["a share left out"] = (r, _) => r with { Shares = [r.Shares[0]] },
        ["a share twice"] = (r, _) => r with { Shares = [r.Shares[0], r.Shares[0]] },
        ["shares in another order"] = (r, _) => r with { Shares = [r.Shares[1], r.Shares[0]] },
        ["a share of another run"] = (r, other) => r with { Shares = [other.Shares[0], r.Shares[1]] },
        ["the request of another run"] = (r, other) => r with { Request = other.Request },
        ["the roll of another run"] = (r, other) => r with { Roll = other.Roll },
        ["the masked sum of another run"] = (r, other) => r with { MaskedSum = other.MaskedSum },
        ["a contribution of another run"] = (r, other) => r with { Contributions = [other.Contributions[0], r.Contributions[1]] },
        ["a contribution left out"] = (r, _) => r with { Contributions = [r.Contributions[0]] },
        ["contributions in another order"] = (r, _) => r with { Contributions = [r.Contributions[1], r.Contributions[0]] },
        ["a bit of the agreement"] = (r, _) => r with { Agreement = Flip(r.Agreement) },
        ["a refusal left out"] = (r, _) => r with { Refusals = [] },
        ["a refusal of another run"] = (r, other) => r with { Refusals = other.Refusals },
        ["an answering site called absent"] = (r, _) => r with { Absent = [Consortia.Id("aster")] },
        ["a site called absent that is in no agreement"] = (r, _) => r with { Absent = [Consortia.Id("dogwood")] },
    };

    [Fact]
    public async Task An_unchanged_receipt_verifies_with_nothing_but_the_consortium_file()
    {
        await using var desk = await Desk.OpenAsync(cedarRefuses: true);
        var answer = await desk.AskAsync();
        var verification = Verification.OfReceipt(answer.Receipt, desk.World.File);
        Assert.True(verification.Holds, string.Join("; ", verification.Steps.Where(s => !s.Holds)));
        Assert.Equal([3, 3], answer.Result.Groups.Select(g => g.Count));
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task A_change_is_found_though_the_researcher_signs_it(string what)
    {
        await using var desk = await Desk.OpenAsync(cedarRefuses: true);
        var (receipt, other) = (desk.Read(await desk.AskAsync()), desk.Read(await desk.AskAsync()));
        Assert.True(desk.Verify(receipt).Holds);
        var changed = Changed[what](receipt, other);
        Assert.False(desk.Verify(changed).Holds);
        Assert.True(TwinBelieves(changed, desk));
    }

    [Fact]
    public async Task A_receipt_signed_by_someone_else_is_found()
    {
        await using var desk = await Desk.OpenAsync();
        var receipt = desk.Read(await desk.AskAsync());
        Assert.False(desk.Verify(receipt, signer: "bo").Holds);
        Assert.False(desk.Verify(receipt, signer: "harbour").Holds);
    }

    [Fact]
    public async Task A_receipt_of_another_consortium_is_found()
    {
        await using var desk = await Desk.OpenAsync();
        using var elsewhere = new Consortia();
        Assert.False(Verification.OfReceipt((await desk.AskAsync()).Receipt, elsewhere.File).Holds);
    }

    [Fact]
    public async Task No_flipped_or_missing_byte_of_the_file_goes_unnoticed_or_throws()
    {
        await using var desk = await Desk.OpenAsync();
        var receipt = (await desk.AskAsync()).Receipt;
        var random = new Random(7);
        for (var i = 0; i < 300; i++)
        {
            var changed = receipt.ToArray();
            changed[random.Next(changed.Length)] ^= (byte)(1 << random.Next(8));
            Assert.False(Verification.OfReceipt(changed, desk.World.File).Holds);
            Assert.False(Verification.OfReceipt(receipt.AsSpan(0, random.Next(receipt.Length)), desk.World.File).Holds);
        }
    }

    private static bool TwinBelieves(ReceiptStatement changed, Desk desk) =>
        Signed<ReceiptStatement>.TryOpen(Signed<ReceiptStatement>.By(desk.Signing, changed).Envelope, desk.Signing.Public, out _);

    private static byte[] Flip(byte[] bytes)
    {
        var changed = bytes.ToArray();
        changed[changed.Length / 2] ^= 1;
        return changed;
    }
}
