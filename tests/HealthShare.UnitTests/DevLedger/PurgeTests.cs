using System.Text;
using HealthShare.DevLedger;
using HealthShare.Fabric.Protocol.Peer;
using static HealthShare.UnitTests.DevLedger.ScriptNetwork;

namespace HealthShare.UnitTests.DevLedger;

/// <summary>A purged value is nowhere any more, and the ledger still opens, verifies and answers.</summary>
public sealed class PurgeTests : IAsyncLifetime
{
    private ScriptNetwork network = null!;

    private string ValuesFile => Path.Combine(network.Ledger.Host.LedgerDirectory, "private.dat");

    public async Task InitializeAsync() => network = await StartAsync();

    public async Task DisposeAsync() => await network.DisposeAsync();

    [Fact]
    public async Task Every_value_the_key_ever_had_leaves_the_disk_and_its_neighbours_stay()
    {
        await PutAsync("p", "first-secret");
        await PutAsync("p", "second-secret");
        await Submit($"putp|{OfNorth}|p|third-secret", $"putp|{OfNorth}|q|kept");
        Assert.Contains("first-secret", OnDisk(), StringComparison.Ordinal);
        Assert.Equal(TxValidationCode.Valid, await network.SubmitAsync(At("NorthMSP", $"purge|{OfNorth}|p")));
        Check();
        await network.Ledger.RestartAsync();
        Check();
        Assert.Equal("\n\nkept", await network.EvaluateAsync(At("NorthMSP", $"getp|{OfNorth}|p", $"hash|{OfNorth}|p", $"getp|{OfNorth}|q")));
        await PutAsync("p", "fourth");
        await network.Ledger.RestartAsync();
        Assert.Equal("fourth", await network.EvaluateAsync(At("NorthMSP", $"getp|{OfNorth}|p")));
        network.Verify();

        void Check()
        {
            Assert.DoesNotContain("-secret", OnDisk(), StringComparison.Ordinal);
            Assert.Contains("kept", OnDisk(), StringComparison.Ordinal);
            Assert.False(File.Exists(ValuesFile + ".new"));
        }
    }

    [Fact]
    public async Task Only_the_collections_organization_can_have_it_purged()
    {
        await PutAsync("p", "secret");
        Assert.Equal(TxValidationCode.EndorsementPolicyFailure, await network.SubmitAsync(At("SouthMSP", $"purge|{OfNorth}|p")));
        Assert.Equal("secret", await network.EvaluateAsync(At("NorthMSP", $"getp|{OfNorth}|p")));
        Assert.Contains("only applicable for private data", await network.EvaluateAsync("purge||p"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_deletion_leaves_past_values_where_they_are()
    {
        await PutAsync("p", "secret");
        Assert.Equal(TxValidationCode.Valid, await network.SubmitAsync(At("NorthMSP", $"delp|{OfNorth}|p")));
        Assert.Equal("", await network.EvaluateAsync(At("NorthMSP", $"getp|{OfNorth}|p")));
        Assert.Contains("secret", OnDisk(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_crash_left_unpurged_is_purged_when_the_ledger_opens()
    {
        await PutAsync("p", "secret");
        byte[] before = [];
        await network.Ledger.RestartAsync(() => before = File.ReadAllBytes(ValuesFile));
        await Submit($"purge|{OfNorth}|p");
        // As if the process had ended between the block and the rewritten file: the old values, then the purge's own.
        await network.Ledger.RestartAsync(() =>
        {
            var after = File.ReadAllBytes(ValuesFile);
            File.WriteAllBytes(ValuesFile, [.. before, .. after.AsSpan(after.Length - LastFrame(after))]);
            File.WriteAllText(ValuesFile + ".new", "half a file");
        });
        Assert.DoesNotContain("secret", OnDisk(), StringComparison.Ordinal);
        Assert.False(File.Exists(ValuesFile + ".new"));
        network.Verify();
    }

    [Fact]
    public async Task Values_that_are_missing_without_a_purge_are_damage()
    {
        await PutAsync("p", "secret");
        await PutAsync("q", "other");
        await Assert.ThrowsAsync<LedgerCorruptException>(() => network.Ledger.RestartAsync(() =>
        {
            var bytes = File.ReadAllBytes(ValuesFile);
            File.WriteAllBytes(ValuesFile, bytes[..^LastFrame(bytes)]);
        }));
        // The host that failed to open must not stand in the way of the fixture's end.
        Directory.Delete(network.Ledger.Host.LedgerDirectory, recursive: true);
        await network.Ledger.RestartAsync();
    }

    private async Task PutAsync(string key, string value) => await Submit($"putp|{OfNorth}|{key}|{value}");

    private async Task Submit(params string[] requests) =>
        Assert.Equal(TxValidationCode.Valid, await network.SubmitAsync(At("NorthMSP", requests)));

    private string OnDisk()
    {
        using var file = new FileStream(ValuesFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return Encoding.Latin1.GetString(bytes);
    }

    private static int LastFrame(byte[] bytes)
    {
        const int head = 48;
        var offset = 0;
        while (true)
        {
            var length = head + BitConverter.ToInt32(bytes, offset);
            if (offset + length == bytes.Length)
                return length;
            offset += length;
        }
    }
}
