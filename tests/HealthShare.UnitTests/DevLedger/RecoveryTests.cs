using HealthShare.DevLedger;
using HealthShare.DevLedger.Storage;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Peer;
using static HealthShare.UnitTests.DevLedger.LedgerNetwork;

namespace HealthShare.UnitTests.DevLedger;

/// <summary>What was reported as committed is there after any stop; what was damaged is reported.</summary>
public sealed class RecoveryTests : IAsyncLifetime
{
    private LedgerNetwork network = null!;

    private string Blocks => Path.Combine(network.Host.LedgerDirectory, "blocks.dat");

    private string Values => Path.Combine(network.Host.LedgerDirectory, "private.dat");

    public async Task InitializeAsync() => network = await StartAsync();

    public async Task DisposeAsync() => await network.DisposeAsync();

    [Fact]
    public async Task A_restart_keeps_blocks_state_identities_and_history()
    {
        var result = await network.Client().SubmitAsync(Call("put", "kept", "1"));
        network.Host.IssueUser("NorthMSP", "signer", new Dictionary<string, string> { ["role"] = "reviewer" });
        var (height, users) = (network.Host.Height, network.Connection.Organization("NorthMSP").Users.Select(u => u.Name).ToArray());
        await network.RestartAsync();
        Assert.Equal(height, network.Host.Height);
        Assert.Equal(["User1", "User2", "signer", "Admin"], users);
        Assert.Equal(users, network.Connection.Organization("NorthMSP").Users.Select(u => u.Name));
        Assert.Equal("1", Text(await network.Client(user: "signer").EvaluateAsync(Call("get", "kept"))));
        Assert.Equal("1", Text(await network.Client().EvaluateAsync(Call("history", "kept"))));
        Assert.Equal(TxValidationCode.Valid, (await network.Client().GetCommitStatusAsync(result.TransactionId)).Code);
    }

    [Fact]
    public async Task Cut_at_any_byte_of_the_last_frames_the_ledger_opens_with_the_blocks_before()
    {
        await PutPrivateAsync("one");
        var (blocksBefore, valuesBefore) = (Length(Blocks), Length(Values));
        var height = network.Host.Height;
        await PutPrivateAsync("two");
        await network.Host.DisposeAsync();
        var (blocks, values) = (File.ReadAllBytes(Blocks), File.ReadAllBytes(Values));
        // The values are on the disk before their block: while they are cut, the block is not there at all.
        foreach (var length in Cuts(valuesBefore, values.Length))
            Assert.Equal(height, Reopen(blocks[..(int)blocksBefore], values[..length]));
        foreach (var length in Cuts(blocksBefore, blocks.Length))
            Assert.Equal(height, Reopen(blocks[..length], values));
        Assert.Equal(height + 1, Reopen(blocks, values));
    }

    [Fact]
    public async Task A_ledger_that_was_cut_goes_on_with_the_next_block()
    {
        await PutPrivateAsync("one");
        var before = Length(Blocks);
        await PutPrivateAsync("two");
        await network.RestartAsync(() =>
        {
            using var file = File.OpenWrite(Blocks);
            file.SetLength(before + 30);
        });
        await PutPrivateAsync("three");
        Assert.Equal("three", Text(await network.Client().EvaluateAsync(Call("getPrivate", "_implicit_org_NorthMSP", "p"))));
        await network.RestartAsync();
        Assert.Equal("three", Text(await network.Client().EvaluateAsync(Call("getPrivate", "_implicit_org_NorthMSP", "p"))));
    }

    [Theory]
    [InlineData("blocks.dat")]
    [InlineData("private.dat")]
    public async Task A_flipped_byte_anywhere_is_reported_and_nothing_is_cut(string name)
    {
        await PutPrivateAsync("one");
        await PutPrivateAsync("two");
        await network.Host.DisposeAsync();
        var path = Path.Combine(network.Host.LedgerDirectory, name);
        var whole = File.ReadAllBytes(path);
        for (var at = 0; at < whole.Length; at += (whole.Length / 40) + 1)
        {
            var damaged = (byte[])whole.Clone();
            damaged[at] ^= 0x20;
            File.WriteAllBytes(path, damaged);
            Assert.Throws<LedgerCorruptException>(() => ChannelLedger.Open(network.Host.LedgerDirectory, CancellationToken.None));
            Assert.Equal(damaged, File.ReadAllBytes(path));
        }
        File.WriteAllBytes(path, whole);
    }

    [Fact]
    public async Task Missing_private_values_are_reported()
    {
        await PutPrivateAsync("one");
        await network.Host.DisposeAsync();
        File.Delete(Values);
        var error = Assert.Throws<LedgerCorruptException>(
            () => ChannelLedger.Open(network.Host.LedgerDirectory, CancellationToken.None));
        Assert.Contains("private values are missing", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_process_on_the_same_directory_and_another_channel_in_it_are_refused()
    {
        await Assert.ThrowsAnyAsync<IOException>(() => DevLedgerHost.StartAsync(network.Options()));
        var error = await Assert.ThrowsAsync<InvalidOperationException>(async () =>
        {
            await network.Host.DisposeAsync();
            await DevLedgerHost.StartAsync(network.Options() with { Channel = "another" });
        });
        Assert.Contains("channel 'trial'", error.Message, StringComparison.Ordinal);
        error = await Assert.ThrowsAsync<InvalidOperationException>(() => DevLedgerHost.StartAsync(network.Options() with
        {
            Organizations = [.. network.Options().Organizations.Take(3)],
        }));
        Assert.Contains("WatchMSP", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_changed_endorsement_policy_is_defined_anew_at_the_next_start()
    {
        await network.Host.DisposeAsync();
        var options = network.Options();
        var chaincode = options.Chaincodes[0] with { EndorsementPolicy = "OR('NorthMSP.peer', 'SouthMSP.peer')" };
        await using (var changed = await DevLedgerHost.StartAsync(options with { Chaincodes = [chaincode] }))
            Assert.Equal(3UL, changed.Height);
        await using (var same = await DevLedgerHost.StartAsync(options with { Chaincodes = [chaincode] }))
            Assert.Equal(3UL, same.Height);
        await network.RestartAsync();
        Assert.Equal(2, Tampering.Endorsers((await network.Client().EndorseAsync(Call("put", "a", "1"))).Envelope).Count);
    }

    // Every byte of a frame's head and of its end; between them one is like the other.
    private static IEnumerable<int> Cuts(long from, int to) =>
        Enumerable.Range((int)from, to - (int)from).Where(at => at - from < 60 || to - at < 20 || at % 101 == 0);

    private ulong Reopen(byte[] blocks, byte[] values)
    {
        File.WriteAllBytes(Blocks, blocks);
        File.WriteAllBytes(Values, values);
        using var ledger = ChannelLedger.Open(network.Host.LedgerDirectory, CancellationToken.None);
        return ledger.Height;
    }

    private Task<TransactionResult> PutPrivateAsync(string value) => network.Client().SubmitAsync(
        Call("putPrivate", "_implicit_org_NorthMSP", "p") with
        {
            Organizations = ["NorthMSP"],
            Transient = new Dictionary<string, ReadOnlyMemory<byte>> { ["value"] = System.Text.Encoding.UTF8.GetBytes(value) },
        });

    private static long Length(string path) => new FileInfo(path).Length;
}
