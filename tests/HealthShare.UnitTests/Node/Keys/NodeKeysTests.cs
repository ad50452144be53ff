using System.Text;
using Dapper;
using HealthShare.Node;
using HealthShare.Node.Database;
using HealthShare.Node.Keys;
using HealthShare.UnitTests.Node.Support;
using HealthShare.Vault;
using HealthShare.Vault.Keys;
using HealthShare.Vault.Sealing;

namespace HealthShare.UnitTests.Node.Keys;

public sealed class NodeKeysTests
{
    public static TheoryData<DatabaseProvider> Providers => KeyedNode.Providers;

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task The_first_start_makes_keys_that_later_starts_find_again(DatabaseProvider provider)
    {
        await using var node = await KeyedNode.StartAsync(provider);
        var (sealing, subkey) = (node.Keys.SealingKey.ToString(), Subkey(node, "record-id"));
        Assert.NotEqual(subkey, Subkey(node, "journal"));
        await node.RestartAsync();
        Assert.Equal(sealing, node.Keys.SealingKey.ToString());
        Assert.Equal(subkey, Subkey(node, "record-id"));
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Nothing_in_the_database_shows_a_secret(DatabaseProvider provider)
    {
        await using var node = await KeyedNode.StartAsync(provider);
        using var label = await node.LabelKeys.GetOrCreateAsync("pt-1", default);
        await using var connection = await node.Database.OpenAsync(default);
        var rows = (await connection.QueryAsync<byte[]>("SELECT wrapped FROM secret")).ToList();
        Assert.Equal(3, rows.Count); // root, sealing key, label key
        Assert.DoesNotContain(rows, row => row.AsSpan().IndexOf(label.Bytes) >= 0);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task After_a_rotation_the_old_master_key_can_be_retired(DatabaseProvider provider)
    {
        await using var node = await KeyedNode.StartAsync(provider);
        var (sealing, subkey) = (node.Keys.SealingKey.KeyId, Subkey(node, "record-id"));
        byte[] label;
        using (var key = await node.LabelKeys.GetOrCreateAsync("pt-1", default))
            label = key.Bytes.ToArray();
        var old = node.Options.MasterKeyFile!;
        var rotated = Path.Combine(node.Folder, "master-2.key");
        MasterKey.CreateFile(rotated).Dispose();

        node.Options = new KeysOptions { MasterKeyFile = rotated, PreviousMasterKeyFiles = { old } };
        await node.RestartAsync();
        File.Delete(old);
        node.Options = new KeysOptions { MasterKeyFile = rotated };
        await node.RestartAsync();

        Assert.Equal(sealing, node.Keys.SealingKey.KeyId);
        Assert.Equal(subkey, Subkey(node, "record-id"));
        using var again = await node.LabelKeys.FindAsync("pt-1", default);
        Assert.Equal(label, again!.Bytes.ToArray());
    }

    [Fact]
    public async Task A_lost_master_key_stops_the_start_and_no_new_one_is_made()
    {
        await using var node = await KeyedNode.StartAsync(DatabaseProvider.Sqlite);
        File.Move(node.Options.MasterKeyFile!, node.Options.MasterKeyFile + ".away");
        var refusal = await Assert.ThrowsAsync<NodeStartException>(node.RestartAsync);
        Assert.Contains("backup", refusal.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(node.Options.MasterKeyFile));
    }

    [Fact]
    public async Task Another_master_key_stops_the_start()
    {
        await using var node = await KeyedNode.StartAsync(DatabaseProvider.Sqlite);
        node.Options = new KeysOptions { MasterKeyFile = Path.Combine(node.Folder, "other.key") };
        MasterKey.CreateFile(node.Options.MasterKeyFile).Dispose();
        var refusal = await Assert.ThrowsAsync<NodeStartException>(node.RestartAsync);
        Assert.Equal("key.unknown_master", Assert.IsType<VaultException>(refusal.InnerException).Code);
    }

    [Fact]
    public async Task Without_leave_to_make_one_a_missing_master_key_stops_the_first_start()
    {
        await using var test = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        var path = Path.Combine(Path.GetTempPath(), $"absent-{Guid.NewGuid():N}.key");
        var source = new MasterKeySource(Microsoft.Extensions.Options.Options.Create(new KeysOptions { MasterKeyFile = path, CreateMasterKey = false }),
            Microsoft.Extensions.Options.Options.Create(new HealthShare.Node.Hosting.NodeOptions()), test.Instance);
        await Assert.ThrowsAsync<NodeStartException>(() => source.OpenAsync(default));
        Assert.False(File.Exists(path));
    }

    [Fact]
    public async Task The_node_opens_envelopes_that_are_sealed_for_it_and_no_others()
    {
        await using var node = await KeyedNode.StartAsync(DatabaseProvider.Sqlite);
        var info = Encoding.UTF8.GetBytes("{}");
        EnvelopeKey[] keys = [new("rc-1", new byte[32], new byte[16])];
        var envelope = KeyEnvelope.Seal(keys, SealingPublicKey.Parse(node.Keys.SealingKey.ToString()), info);
        await node.RestartAsync();
        Assert.Equal("rc-1", Assert.Single(node.Keys.Open(envelope, info)).Record);
        using var other = SealingKeyPair.Create();
        var refusal = Assert.Throws<VaultException>(() => node.Keys.Open(KeyEnvelope.Seal(keys, other.Public, info), info));
        Assert.Equal("envelope.other_key", refusal.Code);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task A_label_key_is_made_once_kept_and_erased(DatabaseProvider provider)
    {
        await using var node = await KeyedNode.StartAsync(provider);
        Assert.Null(await node.LabelKeys.FindAsync("pt-1", default));
        var made = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => node.LabelKeys.GetOrCreateAsync("pt-1", default))));
        Assert.Single(made.Select(key => Convert.ToHexString(key.Bytes)).Distinct());
        Assert.True(await node.LabelKeys.KeepAsync("pt-1", made[0], default));
        using var another = SecretKey.Create();
        Assert.False(await node.LabelKeys.KeepAsync("pt-1", another, default));
        await node.LabelKeys.EraseAsync("pt-1", default);
        await node.LabelKeys.EraseAsync("pt-1", default);
        Assert.Null(await node.LabelKeys.FindAsync("pt-1", default));
    }

    [Fact]
    public async Task Many_secrets_are_wrapped_anew_in_batches()
    {
        await using var node = await KeyedNode.StartAsync(DatabaseProvider.Sqlite);
        await node.Database.WriteAsync(async transaction =>
        {
            for (var i = 0; i < 1203; i++)
                await node.Keys.Secrets.AddAsync(transaction, SecretPurpose.LabelKey, $"pt-{i}", new byte[32]);
        }, default);
        var old = node.Options.MasterKeyFile!;
        node.Options = new KeysOptions { MasterKeyFile = Path.Combine(node.Folder, "2.key"), PreviousMasterKeyFiles = { old } };
        MasterKey.CreateFile(node.Options.MasterKeyFile).Dispose();
        await node.RestartAsync();
        Assert.Equal(0, await node.Keys.Secrets.RewrapAsync(default));
        await using var connection = await node.Database.OpenAsync(default);
        var wrapped = await connection.QueryAsync<byte[]>("SELECT wrapped FROM secret");
        Assert.DoesNotContain(wrapped, row => node.Keys.Secrets.Wrapper.NeedsRewrap(row));
    }

    private static string Subkey(KeyedNode node, string label)
    {
        using var key = node.Keys.Subkey(label);
        return Convert.ToHexString(key.Bytes);
    }
}

