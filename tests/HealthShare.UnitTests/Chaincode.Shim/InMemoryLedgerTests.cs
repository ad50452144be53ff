using System.Security.Cryptography;
using System.Text;
using HealthShare.Chaincode.Shim;
using HealthShare.Chaincode.Shim.Testing;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.UnitTests.Chaincode.Shim;

public sealed class InMemoryLedgerTests
{
    private static readonly ReadOnlyMemory<byte> North = TestIdentity.Create("NorthMSP");
    private readonly InMemoryLedger ledger = new();

    [Fact]
    public async Task A_key_written_in_a_transaction_reads_back_as_before_it()
    {
        await PutAsync("k", "old");
        var tx = ledger.Begin(North);
        await tx.PutStateAsync("k", Bytes("new"));
        Assert.Equal("old", Text(await tx.GetStateAsync("k")));
        Assert.Equal(TxValidationCode.Valid, tx.Commit());
        Assert.Equal("new", Text(await ledger.Begin(North).GetStateAsync("k")));
    }

    [Fact]
    public async Task A_transaction_is_committed_once_and_a_second_time_is_a_duplicate_whatever_became_of_the_first()
    {
        var (valid, invalid) = (ledger.Begin(North), ledger.Begin(North));
        foreach (var tx in new[] { valid, invalid })
        {
            await tx.GetStateAsync("k");
            await tx.PutStateAsync("k", Bytes(tx.TransactionId));
            tx.SetEvent("Put", Bytes(tx.TransactionId));
        }
        Assert.Equal([TxValidationCode.Valid, TxValidationCode.MvccReadConflict], [valid.Commit(), invalid.Commit()]);

        Assert.Equal([TxValidationCode.DuplicateTxid, TxValidationCode.DuplicateTxid], [valid.Commit(), invalid.Commit()]);

        Assert.Equal(valid.TransactionId, Encoding.UTF8.GetString(ledger.State["k"]));
        Assert.Equal("Put", Assert.Single(ledger.Events).Name);
        Assert.Single(await ledger.Begin(North).GetHistoryForKeyAsync("k").ToListAsync());
    }

    [Fact]
    public async Task Two_updates_of_one_key_conflict_at_commit()
    {
        await PutAsync("k", "0");
        var (first, second) = (ledger.Begin(North), ledger.Begin(North));
        foreach (var tx in new[] { first, second })
        {
            await tx.GetStateAsync("k");
            await tx.PutStateAsync("k", Bytes(tx.TransactionId));
        }
        Assert.Equal(TxValidationCode.Valid, first.Commit());
        Assert.Equal(TxValidationCode.MvccReadConflict, second.Commit());
        Assert.Equal(first.TransactionId, Text(await ledger.Begin(North).GetStateAsync("k")));
    }

    [Fact]
    public async Task An_insert_into_a_range_that_was_read_is_a_phantom()
    {
        var reader = ledger.Begin(North);
        await foreach (var unused in reader.GetStateByPartialCompositeKeyAsync("thing", ["a"]))
            Assert.Fail($"{unused.Key} is not there yet.");
        await reader.PutStateAsync("done", Bytes("1"));
        await PutAsync(CompositeKey.Make("other", "a", "1"), "x");
        await PutAsync(CompositeKey.Make("thing", "a", "1"), "x");
        Assert.Equal(TxValidationCode.PhantomReadConflict, reader.Commit());
        Assert.False(ledger.State.ContainsKey("done"));
    }

    [Fact]
    public async Task Ranges_come_in_the_order_of_utf8_bytes_without_composite_keys()
    {
        string[] keys = ["b", "a", "\uFFFD", "\U00010000", "ä"];
        foreach (var key in keys.Append(CompositeKey.Make("t", "x")))
            await PutAsync(key, "v");
        Assert.Equal(["a", "b", "ä", "\uFFFD", "\U00010000"], await KeysAsync("", ""));
        Assert.Equal(["b", "ä"], await KeysAsync("b", "\uFFFD"));
    }

    [Fact]
    public async Task Pages_follow_one_another_and_refuse_writes()
    {
        foreach (var key in new[] { "a", "b", "c" })
            await PutAsync(key, "v");
        var tx = ledger.Begin(North);
        var first = await tx.GetStateByRangeWithPaginationAsync("", "", 2, "");
        var second = await tx.GetStateByRangeWithPaginationAsync("", "", 2, first.Bookmark);
        Assert.Equal(("a b", "c", ""), (string.Join(' ', first.Entries.Select(e => e.Key)), second.Entries.Single().Key, second.Bookmark));
        await Assert.ThrowsAsync<LedgerCallException>(() => tx.PutStateAsync("d", Bytes("v")));
    }

    [Fact]
    public async Task Private_data_stays_in_its_collection_and_its_hash_is_everywhere()
    {
        const string own = "_implicit_org_NorthMSP";
        var tx = ledger.Begin(North);
        await tx.PutPrivateDataAsync(own, "k", Bytes("secret"));
        tx.Commit();
        var read = ledger.Begin(North);
        Assert.Equal("secret", Text(await read.GetPrivateDataAsync(own, "k")));
        Assert.Null(await read.GetPrivateDataAsync("_implicit_org_SouthMSP", "k"));
        Assert.Null(await read.GetStateAsync("k"));
        ledger.PeerMspId = "SouthMSP";
        await Assert.ThrowsAsync<LedgerCallException>(() => ledger.Begin(North).GetPrivateDataAsync(own, "k"));
        Assert.Equal(SHA256.HashData(Bytes("secret")), await ledger.Begin(North).GetPrivateDataHashAsync(own, "k"));
    }

    [Fact]
    public async Task History_is_newest_first_and_tells_deletions()
    {
        await PutAsync("k", "1");
        await PutAsync("k", "2");
        var tx = ledger.Begin(North);
        await tx.DeleteStateAsync("k");
        tx.Commit();
        var changes = new List<string>();
        await foreach (var change in ledger.Begin(North).GetHistoryForKeyAsync("k"))
            changes.Add(change.IsDelete ? "deleted" : Text(change.Value.ToArray()));
        Assert.Equal(["deleted", "2", "1"], changes);
    }

    [Fact]
    public async Task Empty_keys_and_values_are_refused()
    {
        var tx = ledger.Begin(North);
        await Assert.ThrowsAsync<ContractException>(() => tx.GetStateAsync(""));
        await Assert.ThrowsAsync<ContractException>(() => tx.GetStateAsync("\uDC00"));
        await Assert.ThrowsAsync<ArgumentException>(() => tx.PutStateAsync("k", default));
        await Assert.ThrowsAsync<ArgumentException>(() => tx.PutPrivateDataAsync("c", "k", default));
        Assert.Throws<ContractException>(() => { tx.GetStateByRangeAsync("\0a", ""); });
        Assert.Empty(tx.Writes);
    }

    [Fact]
    public async Task A_stored_value_of_another_shape_is_reported_without_its_content()
    {
        await PutAsync("k", """{"name":"SECRET","count":"SECRET"}""");
        var failure = await Assert.ThrowsAsync<ContractException>(() => ledger.Begin(North).Context.GetAsync("k", ThingsJson.Default.Thing));
        Assert.Equal("state.corrupt", failure.Code);
        Assert.DoesNotContain("SECRET", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Transient_values_reach_the_contract_and_absent_ones_are_null()
    {
        var tx = ledger.Begin(North);
        tx.Transient["value"] = Bytes("secret");
        Assert.Equal("secret", Text(tx.Context.Transient("value")?.ToArray()));
        Assert.Null(tx.Context.Transient("other"));
        await tx.DeleteStateAsync("k");
        Assert.Null(Assert.Single(tx.Writes).Value);
    }

    private async Task PutAsync(string key, string value)
    {
        var tx = ledger.Begin(North);
        await tx.PutStateAsync(key, Bytes(value));
        Assert.Equal(TxValidationCode.Valid, tx.Commit());
    }

    private async Task<List<string>> KeysAsync(string start, string end)
    {
        var keys = new List<string>();
        await foreach (var entry in ledger.Begin(North).GetStateByRangeAsync(start, end))
            keys.Add(entry.Key);
        return keys;
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string Text(byte[]? bytes) => Encoding.UTF8.GetString(Assert.IsType<byte[]>(bytes));
}
