using System.Security.Cryptography;
using Consilience.Arithmetic;
using Consilience.SecureAggregation.Sealing;

namespace Consilience.SecureAggregation.Tests;

public sealed class HpkeVectors
{
    /// <summary>RFC 9180, appendix A.1.1: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-128-GCM, base mode, sequence number 0.</summary>
    [Fact]
    public void The_key_schedule_is_that_of_RFC_9180()
    {
        var schedule = new HpkeKeySchedule(kem: 0x0020, kdf: 0x0001, aead: 0x0001);
        var (key, nonce) = schedule.Derive(
            Convert.FromHexString("fe0e18c9f024ce43799ae393c7e8fe8fce9d218875e8227b0187c04e7d2ea1fc"),
            Convert.FromHexString("4f6465206f6e2061204772656369616e2055726e"),
            16);
        Assert.Equal("4531685d41d65f03dc48f6b8302c05b0", Convert.ToHexStringLower(key));
        Assert.Equal("56d890e5accaaf011cff4b7d", Convert.ToHexStringLower(nonce));

        var plaintext = Convert.FromHexString("4265617574792069732074727574682c20747275746820626561757479");
        var ciphertext = new byte[plaintext.Length];
        var tag = new byte[16];
        using var aead = new AesGcm(key, 16);
        aead.Encrypt(nonce, plaintext, ciphertext, tag, Convert.FromHexString("436f756e742d30"));
        Assert.Equal(
            "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a",
            Convert.ToHexStringLower(ciphertext) + Convert.ToHexStringLower(tag));
    }

    /// <summary>X-Wing put together again from another library's ML-KEM-768, X25519 and SHA-3, as draft-connolly-cfrg-xwing-kem says.</summary>
    [Fact]
    public void X_Wing_agrees_with_an_independent_composition()
    {
        using var key = SealingPrivateKey.Generate(RandomBytes.OperatingSystem);
        var seed = key.Export();
        var (publicKey, decapsulate) = IndependentXWing.FromSeed(seed);
        Assert.Equal(publicKey, key.PublicKey.Bytes.ToArray());

        var ciphertext = new byte[Sodium.CiphertextSize];
        var shared = new byte[Sodium.SharedSecretSize];
        Assert.True(Sodium.Encapsulate(ciphertext, shared, key.PublicKey.Bytes));
        Assert.Equal(shared, decapsulate(ciphertext));
    }
}
