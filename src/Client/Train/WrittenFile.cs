using System.Security.Cryptography;
using Consilience.Protocol.Identity;

namespace Consilience.Client.Train;

/// <summary>A file that is still to be written, because it may be larger than one would hold.</summary>
/// <param name="Name">In its folder, with slashes.</param>
/// <param name="Write">The same bytes each time.</param>
internal sealed record WrittenFile(string Name, Action<Stream> Write)
{
    internal static WrittenFile Of(string name, byte[] bytes) => new(name, file => file.Write(bytes));

    /// <summary>One that is a copy of another.</summary>
    internal static WrittenFile CopyOf(string path, string name) => new(name, file =>
    {
        using var from = File.OpenRead(path);
        from.CopyTo(file);
    });

    /// <summary>Writes it, in folders that are made where they are not there; and digests what it wrote.</summary>
    internal ReleasedFile WriteInto(string folder)
    {
        var path = Path.Combine(folder, Name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var file = new FileStream(path, FileMode.Create, FileAccess.ReadWrite);
        Write(file);
        file.Position = 0;
        return new(Name, file.Length, Protocol.Identity.Digest.Of(file));
    }

    /// <summary>Of what would be written.</summary>
    internal Digest Digest()
    {
        using var sha256 = SHA256.Create();
        using (var digested = new CryptoStream(Stream.Null, sha256, CryptoStreamMode.Write))
            Write(digested);
        return Protocol.Identity.Digest.FromHash(sha256.Hash);
    }
}
