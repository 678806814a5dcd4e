using Org.BouncyCastle.Crypto.Agreement;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.Kems;
using Org.BouncyCastle.Crypto.Parameters;

namespace Consilience.SecureAggregation.Tests;

/// <summary>X-Wing from BouncyCastle's parts: SHAKE256 expands the seed, SHA3-256 combines ML-KEM-768 and X25519 with the label <c>\./ /^\</c>.</summary>
internal static class IndependentXWing
{
    internal static (byte[] PublicKey, Func<byte[], byte[]> Decapsulate) FromSeed(byte[] seed)
    {
        var expanded = new byte[96];
        var shake = new ShakeDigest(256);
        shake.BlockUpdate(seed, 0, seed.Length);
        shake.OutputFinal(expanded, 0, expanded.Length);
        var mlkem = MLKemPrivateKeyParameters.FromSeed(MLKemParameters.ml_kem_768, expanded[..64]);
        var x25519 = new X25519PrivateKeyParameters(expanded, 64);
        byte[] publicX = x25519.GeneratePublicKey().GetEncoded();
        byte[] publicKey = [.. mlkem.GetPublicKey().GetEncoded(), .. publicX];
        return (publicKey, ciphertext => Decapsulate(ciphertext, mlkem, x25519, publicX));
    }

    private static byte[] Decapsulate(byte[] ciphertext, MLKemPrivateKeyParameters mlkem, X25519PrivateKeyParameters x25519, byte[] publicX)
    {
        var decapsulator = new MLKemDecapsulator(MLKemParameters.ml_kem_768);
        decapsulator.Init(mlkem);
        var sharedM = new byte[32];
        decapsulator.Decapsulate(ciphertext, 0, 1088, sharedM, 0, 32);
        var sharedX = new byte[32];
        var agreement = new X25519Agreement();
        agreement.Init(x25519);
        agreement.CalculateAgreement(new X25519PublicKeyParameters(ciphertext, 1088), sharedX, 0);
        var hash = new Sha3Digest(256);
        foreach (var part in new[] { sharedM, sharedX, ciphertext[1088..], publicX, @"\.//^\"u8.ToArray() })
            hash.BlockUpdate(part, 0, part.Length);
        var shared = new byte[32];
        hash.DoFinal(shared, 0);
        return shared;
    }
}
