using System.Runtime.InteropServices;

namespace Consilience.SecureAggregation.Sealing;

/// <summary>The few calls to libsodium. Every return code is tested; zero is success.</summary>
internal static partial class Sodium
{
    internal const int PublicKeySize = 1216;
    internal const int PrivateKeySize = 32;
    internal const int CiphertextSize = 1120;
    internal const int SharedSecretSize = 32;

    private const string Library = "libsodium";

    static Sodium()
    {
        // 1 means: already initialised.
        if (sodium_init() is not (0 or 1))
            throw new PlatformNotSupportedException("libsodium could not be initialised");
    }

    internal static bool DerivePublicKey(Span<byte> publicKey, ReadOnlySpan<byte> seed)
    {
        Span<byte> privateKey = stackalloc byte[PrivateKeySize];
        var derived = crypto_kem_xwing_seed_keypair(publicKey, privateKey, seed) == 0 && privateKey.SequenceEqual(seed);
        privateKey.Clear();
        return derived;
    }

    internal static bool Encapsulate(Span<byte> ciphertext, Span<byte> sharedSecret, ReadOnlySpan<byte> publicKey) =>
        crypto_kem_xwing_enc(ciphertext, sharedSecret, publicKey) == 0;

    internal static bool Decapsulate(Span<byte> sharedSecret, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> privateKey) =>
        crypto_kem_xwing_dec(sharedSecret, ciphertext, privateKey) == 0;

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories | DllImportSearchPath.AssemblyDirectory)]
    private static partial int sodium_init();

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories | DllImportSearchPath.AssemblyDirectory)]
    private static partial int crypto_kem_xwing_seed_keypair(Span<byte> publicKey, Span<byte> privateKey, ReadOnlySpan<byte> seed);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories | DllImportSearchPath.AssemblyDirectory)]
    private static partial int crypto_kem_xwing_enc(Span<byte> ciphertext, Span<byte> sharedSecret, ReadOnlySpan<byte> publicKey);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories | DllImportSearchPath.AssemblyDirectory)]
    private static partial int crypto_kem_xwing_dec(Span<byte> sharedSecret, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> privateKey);
}
