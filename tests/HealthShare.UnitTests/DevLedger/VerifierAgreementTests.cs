using HealthShare.Fabric.Client;
using HealthShare.Fabric.Client.Verification;
using HealthShare.Fabric.Protocol.Peer;
using static HealthShare.UnitTests.DevLedger.LedgerNetwork;

namespace HealthShare.UnitTests.DevLedger;

/// <summary>The block verifier, which is written against real peers, comes to the same flags as this ledger.</summary>
public sealed class VerifierAgreementTests
{
    [Fact]
    public async Task Every_flag_of_a_ledger_with_all_kinds_of_transactions_is_confirmed_from_genesis()
    {
        await using var network = await StartAsync();
        var client = network.Client();
        await client.SubmitAsync(Call("put", "k", "0"));
        await client.SubmitAsync(Call("countInto", "a", "z", "counted"));
        await client.SubmitAsync(PutPrivate());
        await SubmitAllAsync(client, await client.EndorseAsync(Call("update", "k", "1")), await client.EndorseAsync(Call("update", "k", "2")));
        await SubmitAllAsync(client,
            await client.EndorseAsync(Call("put", "inserted", "1")), await client.EndorseAsync(Call("countInto", "a", "z", "again")));
        await SubmitAllAsync(client, await client.EndorseAsync(Call("put", "alone", "1") with { Organizations = ["NorthMSP"] }));
        var endorsed = await client.EndorseAsync(Call("del", "k"));
        await SubmitAllAsync(client, endorsed, endorsed);
        var tampered = await client.EndorseAsync(Call("put", "tampered", "1"));
        await network.SubmitAsync(tampered.TransactionId, Sign(network.Identity(),
            Tampering.Change(tampered.Envelope, action => action.Endorsements[0].Signature = action.Endorsements[1].Signature)));
        await network.RestartAsync();
        await network.Client().SubmitAsync(Call("update", "counted", "x"));

        var verifier = new BlockVerifier();
        using var blocks = new StoredBlocks(network.Host.LedgerDirectory);
        foreach (var block in blocks.ReadAll())
            Assert.Null(verifier.Verify(block));
        Assert.Equal(network.Host.Height, blocks.Height);
        Assert.Superset(
            new HashSet<TxValidationCode>
            {
                TxValidationCode.Valid, TxValidationCode.MvccReadConflict, TxValidationCode.PhantomReadConflict,
                TxValidationCode.EndorsementPolicyFailure, TxValidationCode.DuplicateTxid,
            },
            verifier.Summary.Outcomes.Keys.ToHashSet());
    }

    private static TransactionRequest PutPrivate() => Call("putPrivate", "_implicit_org_NorthMSP", "p") with
    {
        Organizations = ["NorthMSP"],
        Transient = new Dictionary<string, ReadOnlyMemory<byte>> { ["value"] = new byte[] { 1 } },
    };

    private static async Task SubmitAllAsync(GatewayClient client, params EndorsedTransaction[] transactions)
    {
        foreach (var transaction in transactions)
            await client.SubmitEndorsedAsync(transaction);
        foreach (var transaction in transactions)
            await client.GetCommitStatusAsync(transaction.TransactionId);
    }
}
