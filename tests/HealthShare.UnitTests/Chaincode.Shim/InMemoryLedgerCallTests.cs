using System.Security.Cryptography;
using HealthShare.Chaincode.Shim;
using HealthShare.Chaincode.Shim.Testing;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.UnitTests.Chaincode.Shim;

/// <summary>The in-memory ledger takes and refuses what a peer does.</summary>
public sealed class InMemoryLedgerCallTests
{
    private const string Collection = "_implicit_org_NorthMSP";
    private static readonly ReadOnlyMemory<byte> North = TestIdentity.Create("NorthMSP");
    private static readonly byte[] SouthAlone = new KeyEndorsementPolicy().Add(EndorserRole.Peer, "SouthMSP").ToBytes();
    private readonly InMemoryLedger ledger = new();

    [Fact]
    public async Task A_query_of_private_data_and_a_write_exclude_one_another()
    {
        var reads = ledger.Begin(North);
        Assert.Empty(await KeysAsync(reads.GetPrivateDataByRangeAsync(Collection, "", "")));
        await Assert.ThrowsAsync<LedgerCallException>(() => reads.PutStateAsync("k", new byte[] { 1 }));
        await Assert.ThrowsAsync<LedgerCallException>(() => reads.SetStateValidationParameterAsync("k", SouthAlone));
        var writes = ledger.Begin(North);
        await writes.PutPrivateDataAsync(Collection, "k", new byte[] { 1 });
        await Assert.ThrowsAsync<LedgerCallException>(() => KeysAsync(writes.GetPrivateDataByPartialCompositeKeyAsync(Collection, "t", [])));
        await Assert.ThrowsAsync<LedgerCallException>(() => writes.GetStateByPartialCompositeKeyWithPaginationAsync("t", [], 1, ""));
    }

    [Fact]
    public async Task A_range_of_another_organizations_collection_is_refused()
    {
        ledger.PeerMspId = "SouthMSP";
        await Assert.ThrowsAsync<LedgerCallException>(() => KeysAsync(ledger.Begin(North).GetPrivateDataByRangeAsync(Collection, "", "")));
    }

    [Fact]
    public async Task A_policy_needs_a_value_goes_with_it_and_is_a_new_version_of_it()
    {
        await CommitAsync(tx => tx.SetStateValidationParameterAsync("k", SouthAlone));
        Assert.Null(await ledger.Begin(North).GetStateValidationParameterAsync("k"));
        await CommitAsync(tx => tx.PutStateAsync("k", new byte[] { 1 }));
        var reader = ledger.Begin(North);
        await reader.GetStateAsync("k");
        await CommitAsync(tx => tx.SetStateValidationParameterAsync("k", SouthAlone));
        Assert.Equal(TxValidationCode.MvccReadConflict, reader.Commit());
        await CommitAsync(tx => tx.PutStateAsync("k", new byte[] { 2 }));
        Assert.Equal(SouthAlone, await ledger.Begin(North).GetStateValidationParameterAsync("k"));
        await CommitAsync(tx => tx.DeleteStateAsync("k"));
        Assert.Null(await ledger.Begin(North).GetStateValidationParameterAsync("k"));
    }

    [Fact]
    public async Task A_private_keys_policy_is_held_at_commit()
    {
        await CommitAsync(tx => tx.PutPrivateDataAsync(Collection, "k", new byte[] { 1 }));
        await CommitAsync(tx => tx.SetPrivateDataValidationParameterAsync(Collection, "k", SouthAlone));
        Assert.Equal(SouthAlone, await ledger.Begin(North).GetPrivateDataValidationParameterAsync(Collection, "k"));
        Assert.Equal(TxValidationCode.EndorsementPolicyFailure, await TryAsync(tx => tx.PurgePrivateDataAsync(Collection, "k"), "NorthMSP"));
        Assert.Equal(TxValidationCode.Valid, await TryAsync(tx => tx.PurgePrivateDataAsync(Collection, "k"), "SouthMSP"));
        Assert.Null(await ledger.Begin(North).GetPrivateDataHashAsync(Collection, "k"));
    }

    [Fact]
    public async Task Two_ledgers_that_call_one_another_commit_together_from_many_threads()
    {
        var other = new InMemoryLedger();
        ledger.Install("other", new Counter(null), other);
        other.Install("this", new Counter(null), ledger);
        var valid = 0;
        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(async () =>
        {
            var (from, name) = i % 2 == 0 ? (ledger, "other") : (other, "this");
            for (var attempt = 0; attempt < 1000; attempt++)
            {
                var (response, _, commit) = await from.SubmitAsync(new Counter(name), North);
                Assert.True(response.IsSuccess);
                if (commit is not TxValidationCode.Valid)
                    continue;
                Interlocked.Increment(ref valid);
                return;
            }
        })));
        Assert.Equal((40, 40, 40), (valid, (int)ledger.State["n"][0], (int)other.State["n"][0]));
    }

    [Fact]
    public async Task An_absent_chaincode_cannot_be_called() => await Assert.ThrowsAsync<LedgerCallException>(
        () => ledger.Begin(North).InvokeChaincodeAsync("absent", []));

    [Fact]
    public void The_proposal_holds_the_transactions_facts()
    {
        var tx = ledger.Begin(North);
        var header = Header.Parser.ParseFrom(Proposal.Parser.ParseFrom(tx.SignedProposal.ProposalBytes).Header);
        var signer = SignatureHeader.Parser.ParseFrom(header.SignatureHeader);
        Assert.Equal((tx.TransactionId, "channel"), (ChannelHeader.Parser.ParseFrom(header.ChannelHeader).TxId, tx.ChannelId));
        Assert.Equal(SHA256.HashData([.. signer.Nonce.Span, .. North.Span, .. new byte[8]]), tx.Binding.ToArray());
    }

    private async Task CommitAsync(Func<TestStub, Task> run) => Assert.Equal(TxValidationCode.Valid, await TryAsync(run, endorsers: null));

    private async Task<TxValidationCode> TryAsync(Func<TestStub, Task> run, params string[]? endorsers)
    {
        var tx = ledger.Begin(North);
        tx.Endorsers = endorsers;
        await run(tx);
        return tx.Commit();
    }

    private static async Task<List<string>> KeysAsync(IAsyncEnumerable<StateEntry> entries)
    {
        var keys = new List<string>();
        await foreach (var entry in entries)
            keys.Add(entry.Key);
        return keys;
    }

    /// <summary>Counts up a key of its own, and of another chaincode where one is named.</summary>
    private sealed class Counter(string? other) : IChaincode
    {
        public async Task<ChaincodeResponse> InvokeAsync(IChaincodeStub stub, CancellationToken ct)
        {
            var value = (await stub.GetStateAsync("n", ct))?[0] ?? 0;
            await stub.PutStateAsync("n", new[] { (byte)(value + 1) }, ct);
            return other is null ? ChaincodeResponse.Success() : await stub.InvokeChaincodeAsync(other, [], "", ct);
        }
    }
}
