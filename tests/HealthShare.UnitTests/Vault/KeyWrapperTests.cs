using System.Security.Cryptography;
using System.Text;
using HealthShare.Vault;
using HealthShare.Vault.Keys;

namespace HealthShare.UnitTests.Vault;

public sealed class KeyWrapperTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly byte[] secret = RandomNumberGenerator.GetBytes(32);

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_wrapped_key_unwraps_for_its_own_purpose_and_id_only()
    {
        using var wrapper = new KeyWrapper(MasterKey.CreateFile(folder.File("master")));
        var wrapped = wrapper.Wrap(secret, "record-key", "rc-1");
        Assert.Equal(secret, wrapper.Unwrap(wrapped, "record-key", "rc-1"));
        using var key = wrapper.UnwrapKey(wrapped, "record-key", "rc-1");
        Assert.Equal(secret, key.Bytes.ToArray());
        AssertRefused("key.not_authentic", () => wrapper.Unwrap(wrapped, "record-key", "rc-2"));
        AssertRefused("key.not_authentic", () => wrapper.Unwrap(wrapped, "label-key", "rc-1"));
        AssertRefused("key.malformed", () => wrapper.UnwrapKey(wrapper.Wrap(secret.AsSpan(1), "p", "i"), "p", "i"));
        Assert.Throws<ArgumentException>(() => wrapper.Wrap(secret, "a\nb", "c"));
    }

    [Fact]
    public void Any_flipped_bit_of_a_wrapped_key_is_refused()
    {
        using var wrapper = new KeyWrapper(MasterKey.CreateFile(folder.File("master")));
        var wrapped = wrapper.Wrap(secret, "record-key", "rc-1");
        for (var at = 0; at < wrapped.Length; at++)
        {
            var forged = (byte[])wrapped.Clone();
            forged[at] ^= 4;
            Assert.Throws<VaultException>(() => wrapper.Unwrap(forged, "record-key", "rc-1"));
        }
        AssertRefused("key.malformed", () => wrapper.Unwrap(wrapped.AsSpan(0, 40), "record-key", "rc-1"));
    }

    [Fact]
    public void After_a_rotation_old_wraps_still_open_and_are_named_for_renewal()
    {
        MasterKey.CreateFile(folder.File("old")).Dispose();
        MasterKey.CreateFile(folder.File("new")).Dispose();
        byte[] wrapped;
        using (var before = new KeyWrapper(MasterKey.FromFile(folder.File("old"))))
        {
            wrapped = before.Wrap(secret, "record-key", "rc-1");
            Assert.False(before.NeedsRewrap(wrapped));
        }
        using var after = new KeyWrapper(MasterKey.FromFile(folder.File("new")), MasterKey.FromFile(folder.File("old")));
        Assert.Equal(secret, after.Unwrap(wrapped, "record-key", "rc-1"));
        Assert.True(after.NeedsRewrap(wrapped));
        Assert.False(after.NeedsRewrap(after.Wrap(secret, "record-key", "rc-1")));

        using var forgotten = new KeyWrapper(MasterKey.FromFile(folder.File("new")));
        AssertRefused("key.unknown_master", () => forgotten.Unwrap(wrapped, "record-key", "rc-1"));
    }

    [Fact]
    public void A_master_key_file_comes_back_as_it_was_and_is_never_overwritten()
    {
        var path = folder.File("master");
        using var made = MasterKey.CreateFile(path);
        using var read = MasterKey.FromFile(path);
        Assert.Equal(made.Id, read.Id);
        Assert.Throws<IOException>(() => MasterKey.CreateFile(path));
        Assert.Throws<FileNotFoundException>(() => MasterKey.FromFile(folder.File("absent")));
    }

    [Fact]
    public void A_master_key_that_others_may_read_is_refused()
    {
        if (OperatingSystem.IsWindows())
            return;
        var path = folder.File("master");
        MasterKey.CreateFile(path).Dispose();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        AssertRefused("key.file_exposed", () => MasterKey.FromFile(path));
    }

    [Theory]
    [InlineData("")]
    [InlineData("short")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA*")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void A_master_key_that_is_none_is_refused_without_being_quoted(string text)
    {
        var path = folder.File("master");
        MasterKey.CreateFile(path).Dispose();
        File.WriteAllText(path, text);
        var refusal = Assert.Throws<VaultException>(() => MasterKey.FromFile(path));
        Assert.Equal("key.malformed", refusal.Code);
        Assert.DoesNotContain(text.Length > 0 ? text : "\n", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_environment_gives_the_same_key_as_the_file()
    {
        var path = folder.File("master");
        using var made = MasterKey.CreateFile(path);
        var variable = $"HEALTHSHARE_TEST_{Guid.NewGuid():N}";
        AssertRefused("key.malformed", () => MasterKey.FromEnvironment(variable));
        Environment.SetEnvironmentVariable(variable, File.ReadAllText(path, Encoding.ASCII));
        using var read = MasterKey.FromEnvironment(variable);
        Environment.SetEnvironmentVariable(variable, null);
        Assert.Equal(made.Id, read.Id);
    }

    [Fact]
    public void Derived_keys_are_stable_and_differ_by_label_and_disposed_ones_are_gone()
    {
        var key = SecretKey.From(secret);
        Assert.Equal(key.Derive("record-id").Bytes.ToArray(), key.Derive("record-id").Bytes.ToArray());
        Assert.NotEqual(key.Derive("record-id").Bytes.ToArray(), key.Derive("journal").Bytes.ToArray());
        key.Dispose();
        Assert.Throws<ObjectDisposedException>(() => key.Bytes.Length);
        Assert.Throws<ArgumentException>(() => SecretKey.From(secret.AsSpan(1)));
    }

    private static void AssertRefused(string code, Action action) => Assert.Equal(code, Assert.Throws<VaultException>(action).Code);
}
