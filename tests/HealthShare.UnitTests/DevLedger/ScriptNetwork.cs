using HealthShare.DevLedger;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Client.Verification;
using HealthShare.Fabric.Protocol.Peer;
using static HealthShare.UnitTests.DevLedger.LedgerNetwork;

namespace HealthShare.UnitTests.DevLedger;

/// <summary>A ledger with two scripted chaincodes: <c>script</c>, which two of three endorse, and <c>other</c>, South alone.</summary>
internal sealed class ScriptNetwork : IAsyncDisposable
{
    public const string OfNorth = "_implicit_org_NorthMSP";

    public ScriptChaincode Script { get; private set; } = null!;

    public ScriptChaincode Other { get; private set; } = null!;

    public LedgerNetwork Ledger { get; private set; } = null!;

    public static async Task<ScriptNetwork> StartAsync(Func<DevLedgerOptions, DevLedgerOptions>? change = null)
    {
        var network = new ScriptNetwork
        {
            Script = await ScriptChaincode.StartAsync("script_1:a"),
            Other = await ScriptChaincode.StartAsync("other_1:b"),
        };
        network.Ledger = await LedgerNetwork.StartAsync(options => (change ?? (same => same))(options with
        {
            Chaincodes =
            [
                .. options.Chaincodes,
                options.Chaincodes[0] with { Name = "script", Service = new ChaincodeService(network.Script.Address, "script_1:a") },
                options.Chaincodes[0] with
                {
                    Name = "other",
                    Service = new ChaincodeService(network.Other.Address, "other_1:b"),
                    EndorsementPolicy = "OR('SouthMSP.peer')",
                },
            ],
        }));
        return network;
    }

    public static TransactionRequest Call(params string[] requests) => new("script", requests[0], requests[1..]);

    public static TransactionRequest At(string mspId, params string[] requests) => Call(requests) with { Organizations = [mspId] };

    public async Task<string> EvaluateAsync(params string[] requests) => await EvaluateAsync(Call(requests));

    public async Task<string> EvaluateAsync(TransactionRequest request) => Text(await Ledger.Client().EvaluateAsync(request));

    public Task<TransactionResult> SubmitAsync(params string[] requests) => Ledger.Client().SubmitAsync(Call(requests));

    public async Task<TxValidationCode> SubmitAsync(TransactionRequest request)
    {
        var endorsed = await Ledger.Client().EndorseAsync(request);
        return await Ledger.SubmitAsync(endorsed.TransactionId, endorsed.Envelope);
    }

    /// <summary>Endorses all first, then submits them at once, and returns what became of each.</summary>
    public async Task<TxValidationCode[]> RaceAsync(params TransactionRequest[] requests)
    {
        var client = Ledger.Client();
        List<EndorsedTransaction> endorsed = [];
        foreach (var request in requests)
            endorsed.Add(await client.EndorseAsync(request));
        foreach (var transaction in endorsed)
            await client.SubmitEndorsedAsync(transaction);
        return await Task.WhenAll(endorsed.Select(async transaction =>
            (await client.GetCommitStatusAsync(transaction.TransactionId)).Code));
    }

    /// <summary>Holds every block against the client's verifier, which is written against real peers.</summary>
    public void Verify()
    {
        var verifier = new BlockVerifier();
        using var blocks = new StoredBlocks(Ledger.Host.LedgerDirectory);
        foreach (var block in blocks.ReadAll())
            Assert.Null(verifier.Verify(block));
        Assert.Equal(Ledger.Host.Height, blocks.Height);
    }

    public async ValueTask DisposeAsync()
    {
        await Ledger.DisposeAsync();
        await Script.DisposeAsync();
        await Other.DisposeAsync();
    }
}
