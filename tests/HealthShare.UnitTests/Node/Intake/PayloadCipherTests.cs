using System.Security.Cryptography;
using System.Text;
using HealthShare.Node.Intake;
using HealthShare.Vault.Keys;

namespace HealthShare.UnitTests.Node.Intake;

/// <summary>What the journal keeps can be read by the node alone, at its place alone, also after a restart.</summary>
public sealed class PayloadCipherTests
{
    private static readonly byte[] Secret = [.. Enumerable.Range(0, SecretKey.Size).Select(i => (byte)i)];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5000)]
    public void What_one_run_wrote_another_reads(int length)
    {
        var content = RandomNumberGenerator.GetBytes(length);
        using var before = Open();
        var kept = before.Protect(content, "im-1", "payload");
        Assert.Equal(content, before.Unprotect(kept, "im-1", "payload"));
        using var after = Open();
        Assert.Equal(content, after.Unprotect(kept, "im-1", "payload"));
        Assert.NotEqual(kept, before.Protect(content, "im-1", "payload"));
    }

    [Fact]
    public void Nothing_reads_at_another_place_changed_or_cut()
    {
        using var cipher = Open();
        var kept = cipher.Protect("MSH|"u8, "im-1", "payload");
        Assert.ThrowsAny<CryptographicException>(() => cipher.Unprotect(kept, "im-2", "payload"));
        Assert.ThrowsAny<CryptographicException>(() => cipher.Unprotect(kept, "im-1", "meaning"));
        for (var i = 0; i < kept.Length; i++)
        {
            var changed = kept.ToArray();
            changed[i] ^= 1;
            Assert.ThrowsAny<CryptographicException>(() => cipher.Unprotect(changed, "im-1", "payload"));
            Assert.ThrowsAny<CryptographicException>(() => cipher.Unprotect(kept.AsSpan(0, i), "im-1", "payload"));
        }
        Assert.Equal("MSH|"u8.ToArray(), cipher.Unprotect(kept, "im-1", "payload"));
    }

    [Fact]
    public void What_was_written_with_a_key_per_entry_is_still_read()
    {
        var key = HKDF.DeriveKey(HashAlgorithmName.SHA256, Secret, 32, [], Encoding.UTF8.GetBytes("healthshare-journal-v1\nim-1"));
        var kept = new byte[1 + 12 + 4 + 16];
        kept[0] = 1;
        using (var aes = new AesGcm(key, 16))
            aes.Encrypt(kept.AsSpan(1, 12), "MSH|"u8, kept.AsSpan(13, 4), kept.AsSpan(17), "payload\nim-1"u8);
        using var cipher = Open();
        Assert.Equal("MSH|"u8.ToArray(), cipher.Unprotect(kept, "im-1", "payload"));
        Assert.ThrowsAny<CryptographicException>(() => cipher.Unprotect(kept, "im-2", "payload"));
    }

    [Fact]
    public async Task Many_at_once_and_the_entries_of_many_runs_are_read()
    {
        var kept = Enumerable.Range(0, 40).Select(run =>
        {
            using var earlier = Open();
            return earlier.Protect([(byte)run], $"im-{run}", "payload");
        }).ToList();
        using var cipher = Open();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            foreach (var (run, one) in kept.Index())
            {
                Assert.Equal([(byte)run], cipher.Unprotect(one, $"im-{run}", "payload"));
                Assert.Equal([7], cipher.Unprotect(cipher.Protect([7], "im-x", "meaning"), "im-x", "meaning"));
            }
        })));
    }

    private static PayloadCipher Open() => new(SecretKey.From(Secret));
}
