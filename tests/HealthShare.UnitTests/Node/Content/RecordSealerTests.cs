using System.Security.Cryptography;
using System.Text;
using HealthShare.Node.Content;
using HealthShare.Node.Database;
using HealthShare.UnitTests.Node.Support;
using HealthShare.Vault;
using HealthShare.Vault.Content;
using HealthShare.Vault.Records;
using NSubstitute;

namespace HealthShare.UnitTests.Node.Content;

public sealed class RecordSealerTests
{
    private static readonly byte[] Message = Encoding.Latin1.GetBytes("MSH|^~\\&|LAB|NORTH|||20260301||ORU^R01|1|P|2.5\rPID|1||4711\r");

    public static TheoryData<DatabaseProvider> Providers => KeyedNode.Providers;

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task What_was_sealed_reads_back_byte_for_byte_after_a_restart(DatabaseProvider provider)
    {
        await using var node = await KeyedNode.StartAsync(provider);
        var sealedRecord = await node.Sealer.SealAsync(Record("rc-1", Message), default);
        Assert.Equal(RecordLength.Sealed(Message.Length), sealedRecord.Size);
        await node.RestartAsync();
        Assert.Equal(Message, await node.Reader.ReadOwnAsync(Location(sealedRecord), default));
        Assert.Null(await node.Reader.ReadOwnAsync(Location(sealedRecord) with { Context = new("health", "rc-2") }, default));
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Sealing_again_changes_nothing(DatabaseProvider provider)
    {
        await using var node = await KeyedNode.StartAsync(provider);
        var first = await node.Sealer.SealAsync(Record("rc-1", Message), default);
        await node.RestartAsync();
        var again = await node.Sealer.SealAsync([Record("rc-1", Message), Record("rc-2", Message)], default);
        Assert.Equivalent(first, again[0], strict: true);
        Assert.NotEqual(first.Cid, again[1].Cid);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Concurrent_sealing_of_one_record_gives_one_record_and_leaves_garbage_for_collection(DatabaseProvider provider)
    {
        await using var node = await KeyedNode.StartAsync(provider);
        var all = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => node.Sealer.SealAsync(Record("rc-1", Message), default))));
        Assert.Single(all.Select(one => one.Cid).Distinct());
        await node.Store.CollectGarbageAsync(TimeSpan.Zero, default);
        Assert.Single(Directory.EnumerateFiles(Path.Combine(node.Folder, "content", "objects"), "*", SearchOption.AllDirectories));
        Assert.Equal(Message, await node.Reader.ReadOwnAsync(Location(all[0]), default));
    }

    [Fact]
    public async Task A_crash_between_store_and_key_is_healed_by_the_retry()
    {
        await using var node = await KeyedNode.StartAsync(DatabaseProvider.Sqlite);
        var failing = Substitute.For<IDatabase>();
        failing.OpenAsync(default).ReturnsForAnyArgs(call => node.Database.OpenAsync(call.Arg<CancellationToken>()));
        failing.WriteAsync<IReadOnlyList<SealedRecord>>(default!, default).ReturnsForAnyArgs<IReadOnlyList<SealedRecord>>(
            _ => throw new IOException("The power failed."));
        var interrupted = new RecordSealer(node.Store, new SealedRecords(node.Keys, failing, node.Clock));
        await Assert.ThrowsAsync<IOException>(() => interrupted.SealAsync(Record("rc-1", Message), default));

        await node.RestartAsync();
        Assert.Null(await node.Records.FindAsync("rc-1", default));
        var sealedRecord = await node.Sealer.SealAsync(Record("rc-1", Message), default);
        Assert.Equal(Message, await node.Reader.ReadOwnAsync(Location(sealedRecord), default));
    }

    [Fact]
    public async Task A_store_that_fails_seals_nothing()
    {
        await using var node = await KeyedNode.StartAsync(DatabaseProvider.Sqlite);
        var store = Substitute.For<IContentStore>();
        store.PutAsync(default!, default).ReturnsForAnyArgs<StoredContent>(_ => throw new IOException("No space left."));
        await Assert.ThrowsAsync<IOException>(() => new RecordSealer(store, node.Records).SealAsync(Record("rc-1", Message), default));
        Assert.Null(await node.Records.FindAsync("rc-1", default));
        Assert.Null(await node.Records.FindKeyAsync("rc-1", default));
    }

    [Fact]
    public async Task A_batch_comes_back_in_its_order_and_an_empty_one_is_fine()
    {
        await using var node = await KeyedNode.StartAsync(DatabaseProvider.Sqlite);
        Assert.Empty(await node.Sealer.SealAsync([], default));
        var batch = Enumerable.Range(0, 40).Select(i => Record($"rc-{i}", RandomNumberGenerator.GetBytes(i))).ToArray();
        var sealedRecords = await node.Sealer.SealAsync(batch, default);
        Assert.Equal(batch.Select(one => one.Context.RecordId), sealedRecords.Select(one => one.RecordId));
        foreach (var (record, one) in batch.Zip(sealedRecords))
            Assert.Equal(record.Plaintext.ToArray(), await node.Reader.ReadOwnAsync(Location(one), default));
    }

    [Fact]
    public async Task Another_hospital_reads_with_the_key_it_received_and_only_while_it_may()
    {
        await using var north = await KeyedNode.StartAsync(DatabaseProvider.Sqlite);
        await using var south = await KeyedNode.StartAsync(DatabaseProvider.Sqlite);
        var sealedRecord = await north.Sealer.SealAsync(Record("rc-1", Message), default);
        await using (var ciphertext = await north.Store.OpenAsync(sealedRecord.Cid, default))
            Assert.Equal(sealedRecord.Cid, (await south.Store.PutAsync(ciphertext, default)).Cid);
        Assert.Null(await south.Reader.ReadReceivedAsync("ac-1", Location(sealedRecord), default));

        var key = await north.Records.FindKeyAsync("rc-1", default);
        await south.ReceivedKeys.KeepAsync(new("ac-1", "rc-1", "pt-1", "st-1", south.Clock.Now.AddHours(1)), key!.Key, key.Salt, default);
        Assert.Equal(Message, await south.Reader.ReadReceivedAsync("ac-1", Location(sealedRecord), default));
        Assert.Null(await south.Reader.ReadReceivedAsync("ac-2", Location(sealedRecord), default));
        await south.Database.WriteAsync(transaction => HealthShare.Node.Keys.ReceivedKeys.DeleteByPatientAsync(transaction, "pt-1", default), default);
        Assert.Null(await south.Reader.ReadReceivedAsync("ac-1", Location(sealedRecord), default));
    }

    [Fact]
    public async Task What_does_not_fit_the_ledger_is_refused()
    {
        await using var node = await KeyedNode.StartAsync(DatabaseProvider.Sqlite);
        var one = await node.Sealer.SealAsync(Record("rc-1", Message), default);
        var two = await node.Sealer.SealAsync(Record("rc-2", Message), default);

        var mismatch = await Assert.ThrowsAsync<VaultException>(
            () => node.Reader.ReadOwnAsync(Location(one) with { Commitment = two.Commitment }, default));
        Assert.Equal("key.commitment_mismatch", mismatch.Code);
        var swapped = await Assert.ThrowsAsync<VaultException>(() => node.Reader.ReadOwnAsync(Location(one) with { Cid = two.Cid }, default));
        Assert.Equal("record.not_authentic", swapped.Code);
        await Assert.ThrowsAsync<ContentCorruptException>(() => node.Reader.ReadOwnAsync(Location(one) with { Size = one.Size + 1 }, default));
        await Assert.ThrowsAsync<ContentNotFoundException>(
            () => node.Reader.ReadOwnAsync(Location(one) with { Cid = Cid.Of(CidCodec.Raw, [1]) }, default));
        var otherChannel = await Assert.ThrowsAsync<VaultException>(
            () => node.Reader.ReadOwnAsync(Location(one) with { Context = new("other", "rc-1") }, default));
        Assert.Equal("record.not_authentic", otherChannel.Code);
    }

    private static RecordToSeal Record(string id, byte[] plaintext) => new(new RecordContext("health", id), plaintext);

    private static RecordLocation Location(SealedRecord record) =>
        new(new RecordContext("health", record.RecordId), record.Cid, record.Size, record.Commitment);
}
