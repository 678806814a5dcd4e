using Consilience.Arithmetic;
using Consilience.KeyHolder.Storage;
using Consilience.Protocol.Identity;
using Consilience.Tests.World;

namespace Consilience.KeyHolder.Tests;

/// <summary>Long byte strings on their way to disk: kept exactly when a record names them, whatever becomes of the process in between.</summary>
public sealed class DraftsThatDied : IDisposable
{
    private const int Size = (9 << 20) + 5;

    private readonly Consortia world = new();
    private readonly byte[] bytes = new byte[Size];

    public DraftsThatDied() => RandomBytes.OperatingSystem.Fill(bytes);

    private string Path => world.Path("keyholder.db");

    [Fact]
    public void A_recorded_draft_reads_back_from_any_offset()
    {
        using var database = Open();
        using var draft = Draft(database);
        database.Write(draft.Record);
        Assert.Equal((Size, Digest.Of(bytes)), ((int)draft.Size, draft.Digest));
        foreach (var from in new[] { 0, 1, 1 << 20, (1 << 20) + 7, Size - 1, Size, Size + 100 })
            Assert.Equal(bytes.Skip(from), ReadFrom(database, draft.Name, from));
    }

    [Fact]
    public void A_draft_that_is_given_up_leaves_nothing()
    {
        using var database = Open();
        using (Draft(database))
            Assert.NotEmpty(Names(database));
        Assert.Empty(Names(database));
    }

    [Fact]
    public void A_record_that_fails_keeps_none_of_its_last_pieces()
    {
        using var database = Open();
        using var draft = Draft(database);
        Assert.Throws<InvalidOperationException>(() => database.Write(t =>
        {
            draft.Record(t);
            throw new InvalidOperationException("the record could not be written");
        }));
        Assert.Equal(8 << 20, ReadFrom(database, draft.Name, 0).Length);
    }

    [Fact]
    public async Task What_a_process_did_not_live_to_record_is_dropped_before_the_next_serves()
    {
        using (var database = Open())
        {
            // Killed: nothing disposes of the draft.
            Draft(database);
            Assert.NotEmpty(Names(database));
        }

        var agreement = world.Agree();
        using var host = new KeyHolderHost(world.PartyOf("aster", NodeRole.KeyHolder), Path, null, world.Clock, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        await using (var link = new HubEnd(host.ServeAsync, world.KeysOf("aster").Signing.Public))
        {
            await link.AgreeAsync(agreement);
            using (var database = Open())
                Assert.Empty(Names(database));

            // What a record names stays, over restarts too.
            var request = world.Sign(world.Noised(agreement));
            var roll = world.RollOf(request, world.ContributeAll(agreement, request));
            var first = await link.AskAsync(roll);
            host.OpenRoll.DropDrafts();
            Assert.Equal(first.Bytes, (await link.AskAsync(roll)).Bytes);
        }
    }

    public void Dispose() => world.Dispose();

    private PartyDatabase Open() => PartyDatabase.Open(Path, PartyDatabaseKind.KeyHolder, KeptBytes.Tables);

    /// <summary>All bytes appended in uneven lengths, nothing recorded.</summary>
    private KeptDraft Draft(PartyDatabase database)
    {
        var draft = new KeptDraft(database, RandomBytes.OperatingSystem);
        for (int at = 0, length = 1; at < Size; at += length, length = (length * 3) + 1)
            draft.Append(bytes.AsSpan(at, Math.Min(length, Size - at)));
        return draft;
    }

    private static byte[] ReadFrom(PartyDatabase database, string name, long offset)
    {
        using var read = new MemoryStream();
        for (var piece = database.Read(t => KeptBytes.Read(t, name, offset)); !piece.IsEmpty; piece = database.Read(t => KeptBytes.Read(t, name, offset + read.Length)))
            read.Write(piece.Span);
        return read.ToArray();
    }

    private static IReadOnlyList<string> Names(PartyDatabase database) => database.Read(KeptBytes.Names);
}
