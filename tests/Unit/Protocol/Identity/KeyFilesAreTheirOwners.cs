using System.Runtime.Versioning;
using Consilience.Arithmetic;
using Consilience.Protocol.Identity;

namespace Consilience.Protocol.Tests.Identity;

/// <summary>Key files: made for their owner alone, refused when others could read them, never overwritten, never printed.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class KeyFilesAreTheirOwners : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string root = Directory.CreateTempSubdirectory("consilience-").FullName;

    private string Keys => Path.Combine(root, "keys");

    public void Dispose() => Directory.Delete(root, recursive: true);

    private string Make(string file = "signing.pem")
    {
        using var folder = KeyFolder.Create(Keys, RandomBytes.OperatingSystem);
        return Path.Combine(Keys, file);
    }

    private string Refused() => Assert.Throws<KeyFolderException>(() => KeyFolder.Open(Keys)).Message;

    /// <summary>Broken: reads whatever is there.</summary>
    private static bool ReadsAnyway(string path) => SigningKey.FromPem(File.ReadAllText(path)).Public.Id.Length == 64;

    [Fact]
    public void Keys_made_are_the_keys_opened()
    {
        using var made = KeyFolder.Create(Keys, RandomBytes.OperatingSystem);
        using var opened = KeyFolder.Open(Keys);
        Assert.Equal(made.Signing.Public, opened.Signing.Public);
        Assert.Equal(made.Sealing.PublicKey, opened.Sealing.PublicKey);
        Assert.True(made.Signing.Public.Verify([1, 2], opened.Signing.Sign([1, 2])));
    }

    [Fact]
    public void The_folder_and_its_files_are_for_their_owner_alone()
    {
        Make();
        Assert.Equal(OwnerOnly | UnixFileMode.UserExecute, File.GetUnixFileMode(Keys));
        Assert.All(Directory.GetFiles(Keys), f => Assert.Equal(OwnerOnly, File.GetUnixFileMode(f)));
        Assert.Equal(2, Directory.GetFiles(Keys).Length);
    }

    [Theory]
    [InlineData("signing.pem", UnixFileMode.GroupRead)]
    [InlineData("signing.pem", UnixFileMode.OtherRead)]
    [InlineData("signing.pem", UnixFileMode.GroupWrite)]
    [InlineData("signing.pem", UnixFileMode.OtherWrite)]
    [InlineData("sealing.key", UnixFileMode.GroupRead)]
    [InlineData("sealing.key", UnixFileMode.OtherRead)]
    public void A_file_that_others_can_reach_is_refused_and_the_mending_command_named(string file, UnixFileMode open)
    {
        var path = Make(file);
        File.SetUnixFileMode(path, OwnerOnly | open);
        var message = Refused();
        Assert.Contains($"run 'chmod 600 {path}'", message, StringComparison.Ordinal);
        Assert.Contains(open.ToString(), message, StringComparison.Ordinal);
        if (file == "signing.pem")
            Assert.True(ReadsAnyway(path));
        File.SetUnixFileMode(path, OwnerOnly);
        KeyFolder.Open(Keys).Dispose();
    }

    [Fact]
    public void A_link_to_a_file_that_others_can_read_is_refused()
    {
        var path = Make();
        var elsewhere = Path.Combine(root, "elsewhere.pem");
        File.Move(path, elsewhere);
        File.CreateSymbolicLink(path, elsewhere);
        KeyFolder.Open(Keys).Dispose();
        File.SetUnixFileMode(elsewhere, OwnerOnly | UnixFileMode.OtherRead);
        Assert.Contains("others can read it", Refused(), StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_are_never_overwritten()
    {
        var before = File.ReadAllText(Make());
        Assert.Contains("never overwritten", Assert.Throws<KeyFolderException>(() => KeyFolder.Create(Keys, RandomBytes.OperatingSystem)).Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllText(Path.Combine(Keys, "signing.pem")));
        Assert.Throws<IOException>(() => KeyFolder.WriteSecret(Path.Combine(Keys, "signing.pem"), "x"));
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        File.Delete(Make("sealing.key"));
        Assert.Contains("sealing.key: not there", Refused(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("signing.pem", "")]
    [InlineData("signing.pem", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")]
    [InlineData("sealing.key", "!!")]
    [InlineData("sealing.key", "AAAA")]
    public void A_damaged_file_is_refused_without_showing_it(string file, string text)
    {
        File.WriteAllText(Make(file), text);
        var message = Refused();
        Assert.Contains("damaged", message, StringComparison.Ordinal);
        if (text.Length > 0)
            Assert.DoesNotContain(text.Trim(), message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_on_another_curve_is_refused()
    {
        using var other = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP384);
        File.WriteAllText(Make(), other.ExportPkcs8PrivateKeyPem());
        Assert.Contains("P-256", Refused(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_public_key_in_the_place_of_the_private_one_is_refused()
    {
        using var key = SigningKey.Generate();
        File.WriteAllText(Make(), System.Security.Cryptography.PemEncoding.WriteString("PUBLIC KEY", key.Public.Bytes));
        Assert.Contains("damaged", Refused(), StringComparison.Ordinal);
    }

    [Fact]
    public void Secrets_do_not_print()
    {
        using var folder = KeyFolder.Create(Keys, RandomBytes.OperatingSystem);
        var pem = folder.Signing.ToPem().Split('\n')[1];
        var seed = Convert.ToBase64String(folder.Sealing.Export());
        foreach (var shown in new[] { folder.ToString(), folder.Signing.ToString(), folder.Sealing.ToString(), $"{folder.Signing.Public}" })
        {
            Assert.DoesNotContain(pem, shown, StringComparison.Ordinal);
            Assert.DoesNotContain(seed, shown, StringComparison.Ordinal);
        }
    }
}
