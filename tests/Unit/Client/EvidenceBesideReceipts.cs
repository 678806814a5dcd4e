using Consilience.Client.Analyse;
using Consilience.Client.Publish;
using Consilience.Client.Tests.Train;
using Consilience.Client.Tests.World;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Wire;
using Consilience.SecureAggregation;
using Consilience.SecureAggregation.Masking;

namespace Consilience.Client.Tests;

/// <summary>
/// Masked sums and shares that are too large for a receipt lie beside it. Nobody signs that file: whatever is changed in it is noticed by what the hub and the key holders signed. The broken twin opens it without looking there, and gives
/// another total.
/// </summary>
public sealed class EvidenceBesideReceipts
{
    private const int Vectors = 3;

    /// <summary>Their sum is the same, and yet each is not the one that was committed to.</summary>
    private const string InAnotherOrder = "shares in another order";

    /// <summary>The evidence, and that of another run, which has as many bytes; null takes it away.</summary>
    private static readonly Dictionary<string, Func<byte[], byte[], byte[]?>> Changed = new(StringComparer.Ordinal)
    {
        ["a bit of the masked sum"] = (e, _) => Flip(e, 100),
        ["the last bit of the masked sum"] = (e, _) => Flip(e, (e.Length / Vectors) - 1),
        ["the first bit of a share"] = (e, _) => Flip(e, e.Length / Vectors),
        ["the last byte"] = (e, _) => Flip(e, e.Length - 1),
        ["cut short"] = (e, _) => e[..^1],
        ["a vector cut off"] = (e, _) => e[..(2 * e.Length / Vectors)],
        ["longer"] = (e, _) => [.. e, 0],
        ["empty"] = (_, _) => [],
        ["taken away"] = (_, _) => null,
        ["of another run"] = (_, other) => other,
        ["a masked sum of another run"] = (e, other) => [.. other[..(e.Length / Vectors)], .. e[(e.Length / Vectors)..]],
        [InAnotherOrder] = (e, _) => [.. e[..(e.Length / Vectors)], .. e[(2 * e.Length / Vectors)..], .. e[(e.Length / Vectors)..(2 * e.Length / Vectors)]],
        ["a share twice"] = (e, _) => [.. e[..(2 * e.Length / Vectors)], .. e[(e.Length / Vectors)..(2 * e.Length / Vectors)]],
    };

    [Fact]
    public async Task A_receipt_stays_small_and_verifies_with_what_lies_beside_it()
    {
        await using var desk = await Stages.OpenAsync();
        var (answer, kept, evidence) = await AskAsync(desk);
        Assert.InRange(answer.Receipt.Length, 1, 100_000);
        Assert.Equal(Vectors * 4L * answer.Total.Length, new FileInfo(evidence).Length);
        var verification = kept.Verify(desk.World.File);
        Assert.True(verification.Holds, string.Join("; ", verification.Steps.Where(s => !s.Holds)));
        Assert.Equal(answer.Total.ToArray(), verification.Total.ToArray());
        Assert.Equal([kept.Path, evidence], Everything(desk));

        // Held in memory, the same question has the same total, and its receipt holds all of it.
        var whole = await desk.AskAsync(Large(desk));
        Assert.Equal(answer.Total.ToArray(), whole.Total.ToArray());
        Assert.True(Verification.OfReceipt(whole.Receipt, desk.World.File).Holds);
    }

    [Fact]
    public async Task A_receipt_without_its_folder_says_what_is_missing()
    {
        await using var desk = await Stages.OpenAsync();
        var (answer, kept, evidence) = await AskAsync(desk);
        Assert.Contains(Path.GetFileName(evidence), Verification.OfReceipt(answer.Receipt, desk.World.File).Steps[^1].Detail, StringComparison.Ordinal);
        File.Delete(evidence);
        var step = kept.Verify(desk.World.File).Steps[^1];
        Assert.Equal(("evidence", false), (step.What, step.Holds));
        Assert.Contains($"expected its masked sum and shares, {Vectors * 4L * answer.Total.Length} bytes", step.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Evidence_that_was_changed_is_noticed()
    {
        await using var desk = await Stages.OpenAsync();
        var (answer, kept, file) = await AskAsync(desk);
        var (evidence, other) = (File.ReadAllBytes(file), File.ReadAllBytes((await AskAsync(desk, "another", Large(desk, seed: 8))).Evidence));
        Assert.Equal(evidence.Length, other.Length);
        Assert.Equal(answer.Total.ToArray(), TwinOpens(desk, kept, evidence));
        foreach (var (what, change) in Changed)
        {
            File.Delete(file);
            if (change(evidence, other) is { } changed)
            {
                File.WriteAllBytes(file, changed);
                if (changed.Length == evidence.Length && what != InAnotherOrder)
                    Assert.NotEqual(answer.Total.ToArray(), TwinOpens(desk, kept, changed));
            }

            var verification = kept.Verify(desk.World.File);
            Assert.False(verification.Holds, what);
            Assert.True(verification.Total.IsEmpty && verification.Recomputed is null, what);
            Assert.Contains(verification.Steps[^1].What, (string[])["evidence", "masked sum", "share"]);
        }

        File.WriteAllBytes(file, evidence);
        Assert.True(kept.Verify(desk.World.File).Holds);
    }

    [Fact]
    public async Task Receipts_of_one_run_share_their_evidence()
    {
        await using var desk = await Stages.OpenAsync();
        var folder = Directory.CreateDirectory(desk.World.Path("kept")).FullName;
        var question = Large(desk);
        var answers = await desk.Asking().AskTogetherAsync([question, question with { Name = "the same again" }], null, CancellationToken.None, folder: folder);
        Assert.Equal(answers[0].Result.Run, answers[1].Result.Run);
        Assert.All(answers, a => Assert.True(Verification.OfReceipt(a.Receipt, desk.World.File, folder).Holds));
        Assert.Single(Directory.EnumerateFileSystemEntries(folder));
    }

    /// <summary>A broken connection costs no more than the piece that was on its way.</summary>
    [Fact]
    public async Task A_connection_that_breaks_while_evidence_arrives_is_taken_up_where_it_broke()
    {
        await using var desk = await Stages.OpenAsync();
        var (chunks, bytes) = (0, 0L);
        var (answer, kept, evidence) = await AskAsync(desk, alter: f =>
        {
            if (f.FrameCase != RunFrame.FrameOneofCase.Chunk)
                return f;
            if (++chunks is 2 or 5)
                throw Desk.Broken();
            bytes += f.Chunk.Data.Length;
            return f;
        });
        Assert.True(chunks > 6);
        Assert.InRange(bytes, new FileInfo(evidence).Length, new FileInfo(evidence).Length + 10_000);
        Assert.True(kept.Verify(desk.World.File).Holds);
        Assert.Equal(3, answer.Result.Sites.Answered.Count);
    }

    /// <summary>A hub that announces others each time the connection breaks would fill the researcher's disk.</summary>
    [Fact]
    public async Task Other_transfers_than_before_are_refused()
    {
        await using var desk = await Stages.OpenAsync();
        var announced = 0;
        var failure = await Assert.ThrowsAsync<AskFailedException>(() => AskAsync(desk, alter: f =>
        {
            if (f.FrameCase == RunFrame.FrameOneofCase.Chunk)
                throw Desk.Broken();
            if (f.FrameCase == RunFrame.FrameOneofCase.Opening)
                f.Opening.MaskedSumTransfer = Digest.Of([(byte)++announced]).ToString();
            return f;
        }));
        Assert.Equal(2, announced);
        Assert.Contains("more transfers", failure.Message, StringComparison.Ordinal);
        Assert.Empty(Everything(desk));
    }

    /// <summary>A hub that changes a byte, at noised precision, where the same release comes again: nothing of it is kept, and what was kept before is not written over.</summary>
    [Fact]
    public async Task What_does_not_verify_is_not_kept()
    {
        await using var desk = await Stages.OpenAsync();
        var noised = Stages.Course(desk, LargeModel(Stages.Plan).Replace("local: {epochs: 2, batch: 2, rate: 0.1}\n", "", StringComparison.Ordinal).Replace("precision: exact", "precision: noised\nrho: 1.6\npatients: 9", StringComparison.Ordinal));
        var question = noised.Ask(noised.Start());
        await FailsAsync();
        Assert.Empty(Everything(desk));
        var (answer, kept, evidence) = await AskAsync(desk, question: question);
        await FailsAsync();
        Assert.Equal([kept.Path, evidence], Everything(desk));
        var again = await desk.Asking().AskAsync(question, null, CancellationToken.None, folder: desk.World.Path("kept"));
        Assert.True(again.IsRepeated);
        Assert.Equal(answer.Total.ToArray(), again.Total.ToArray());
        Assert.Equal([kept.Path, evidence], Everything(desk));
        Assert.True(kept.Verify(desk.World.File).Holds);

        async Task FailsAsync() => await Assert.ThrowsAsync<AskFailedException>(() => AskAsync(desk, question: question, alter: f =>
        {
            if (f.FrameCase == RunFrame.FrameOneofCase.Chunk)
                f.Chunk.Data = Google.Protobuf.ByteString.CopyFrom(Flip(f.Chunk.Data.ToByteArray(), 0));
            return f;
        }));
    }

    /// <summary>Without the receipt, evidence computes as much as with it.</summary>
    [Fact]
    public async Task Evidence_left_among_what_is_published_is_noticed()
    {
        await using var desk = await Stages.OpenAsync();
        var (answer, kept, evidence) = await AskAsync(desk);
        var (root, result) = (Path.GetDirectoryName(Path.GetDirectoryName(kept.Path)!)!, answer.Result with { Receipt = "kept/1.receipt.json" });
        Assert.True(CheckPublication.HasReceipt(result, root));
        File.Delete(kept.Path);
        Assert.True(CheckPublication.HasReceipt(result, root));
        File.Delete(evidence);
        Assert.False(CheckPublication.HasReceipt(result, root));
    }

    /// <summary>A plan whose model is larger than a receipt should be.</summary>
    internal static string LargeModel(string plan) => plan.Replace("inputs: [age], head", "inputs: [age], layers: [{dense: 1024}, {dense: 600}], head", StringComparison.Ordinal);

    private static Question Large(Desk desk, int seed = 7)
    {
        var course = Stages.Course(desk, LargeModel(Stages.Plan).Replace("seed: 7", $"seed: {seed}", StringComparison.Ordinal));
        return course.Ask(course.Start());
    }

    private static async Task<(Answer Answer, ReceiptFile Kept, string Evidence)> AskAsync(Desk desk, string folder = "kept", Question? question = null, Func<RunFrame, RunFrame>? alter = null)
    {
        var answer = await desk.Asking(alter).AskAsync(question ?? Large(desk), null, CancellationToken.None, folder: Directory.CreateDirectory(desk.World.Path(folder)).FullName);
        return (answer, desk.Keep(answer, folder), Path.Combine(desk.World.Path(folder), $"{answer.Result.Run}.evidence"));
    }

    private static List<string> Everything(Desk desk) => [.. Directory.EnumerateFileSystemEntries(desk.World.Path("kept"), "*", SearchOption.AllDirectories).OrderBy(f => f.EndsWith(".evidence", StringComparison.Ordinal))];

    private static long[] TwinOpens(Desk desk, ReceiptFile kept, byte[] evidence)
    {
        Assert.True(Signed<ReceiptStatement>.TryOpen(kept.Read(), desk.Signing.Public, out var signed));
        var size = evidence.Length / Vectors;
        return SealedSums.Unseal(Ring.Bits32, size / 4, new MemoryStream(evidence), [.. signed.Statement.Shares.Select((s, i) => new SaltedShare(s.Salt, new MemoryStream(evidence, (i + 1) * size, size)))]).Total;
    }

    private static byte[] Flip(byte[] bytes, int place)
    {
        var changed = bytes.ToArray();
        changed[place] ^= 1;
        return changed;
    }
}
