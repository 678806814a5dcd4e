using System.Security.Cryptography;
using Consilience.Arithmetic;
using Consilience.SecureAggregation.Sealing;

namespace Consilience.Protocol.Identity;

/// <summary>Keys could not be loaded or made: says which file, what was expected and the command that mends it.</summary>
public sealed class KeyFolderException(string message) : Exception(message);

/// <summary>
/// A folder with one identity's keys: <c>signing.pem</c> (ECDSA P-256, PKCS 8) and <c>sealing.key</c> (X-Wing seed, base 64). <b>Guarantee:</b> files are made for their
/// owner only, and a file that others can read is refused.
/// </summary>
public sealed class KeyFolder : IDisposable
{
    private const string SigningFile = "signing.pem";
    private const string SealingFile = "sealing.key";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private KeyFolder(string path, SigningKey signing, SealingPrivateKey sealing)
    {
        FolderPath = path;
        Signing = signing;
        Sealing = sealing;
    }

    public string FolderPath { get; }

    public SigningKey Signing { get; }

    public SealingPrivateKey Sealing { get; }

    /// <exception cref="KeyFolderException">The folder already holds keys: they are never overwritten.</exception>
    public static KeyFolder Create(string path, RandomBytes random)
    {
        if (File.Exists(Path.Combine(path, SigningFile)) || File.Exists(Path.Combine(path, SealingFile)))
            throw new KeyFolderException($"{path}: already holds keys; they are never overwritten (name another folder)");
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, OwnerOnly | UnixFileMode.UserExecute);
        var signing = SigningKey.Generate();
        var sealing = SealingPrivateKey.Generate(random);
        WriteSecret(Path.Combine(path, SigningFile), signing.ToPem());
        var seed = sealing.Export();
        WriteSecret(Path.Combine(path, SealingFile), Convert.ToBase64String(seed) + "\n");
        CryptographicOperations.ZeroMemory(seed);
        return new KeyFolder(path, signing, sealing);
    }

    /// <exception cref="KeyFolderException">A file is missing, malformed, or readable by others.</exception>
    public static KeyFolder Open(string path)
    {
        var signing = ReadSecret(path, SigningFile);
        var sealing = ReadSecret(path, SealingFile).Trim();
        try
        {
            var seed = Convert.FromBase64String(sealing);
            var folder = new KeyFolder(path, SigningKey.FromPem(signing), SealingPrivateKey.Import(seed));
            CryptographicOperations.ZeroMemory(seed);
            return folder;
        }
        catch (Exception e) when (e is FormatException or CryptographicException)
        {
            throw new KeyFolderException($"{path}: {SigningFile} or {SealingFile} is damaged (expected a PEM key on P-256 and {SealingPrivateKey.Size} bytes in base 64); restore them from your backup");
        }
    }

    /// <summary>Writes a file that only its owner can read; refuses to replace one.</summary>
    public static void WriteSecret(string path, string text)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        using var writer = new StreamWriter(path, options);
        writer.Write(text);
    }

    /// <summary>Reads a file that only its owner can read.</summary>
    /// <exception cref="KeyFolderException">It is missing, or others can read it.</exception>
    public static string ReadSecret(string folder, string name)
    {
        var path = Path.Combine(folder, name);
        if (!File.Exists(path))
            throw new KeyFolderException($"{path}: not there (expected a key file); make one with 'consilience key create {folder}'");
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ~(OwnerOnly | UnixFileMode.UserExecute)) is not UnixFileMode.None and var open)
            throw new KeyFolderException($"{path}: others can read it (expected its owner alone, got also {open}); run 'chmod 600 {path}'");
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KeyFolderException($"{path}: not readable by this user; run as its owner");
        }
    }

    public void Dispose()
    {
        Signing.Dispose();
        Sealing.Dispose();
    }

    public override string ToString() => $"keys in {FolderPath} (redacted)";
}
