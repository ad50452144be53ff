using System.Text;
using HealthShare.Chaincode.Shim;
using HealthShare.Chaincode.Shim.Server;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Client.Verification;
using HealthShare.Fabric.Protocol.Connection;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.IntegrationTests.Support;

namespace HealthShare.IntegrationTests.Ledger;

/// <summary>A ledger that is killed under its writers, and started again on its state.</summary>
public sealed class KilledLedgerTests : IDisposable
{
    private const int Writers = 12, Kills = 4, CommitsARun = 60;
    private readonly DirectoryInfo state = Directory.CreateTempSubdirectory("devledger-killed-");

    [DevLedgerFact("kills its ledger")]
    public async Task What_was_reported_as_committed_is_there_and_nothing_is_there_twice()
    {
        await using var chaincode = new ChaincodeServer(
            new Register(), new ChaincodeServerOptions { Address = "127.0.0.1:0", PackageId = "register:1" });
        await chaincode.StartAsync();
        string[] arguments = ["--orgs", "A,B,C", "--chaincode", $"register={chaincode.Endpoint}"];
        List<string> committed = [];
        for (var run = 0; run < Kills; run++)
        {
            using var ledger = await LedgerProcess.StartAsync(state.FullName, arguments);
            await using var client = Connect();
            var until = committed.Count + CommitsARun;
            using var killed = new CancellationTokenSource();
            var writers = Enumerable.Range(0, Writers).Select(writer => WriteAsync(client, $"{run}-{writer}", committed, killed.Token)).ToList();
            while (Count(committed) < until && !writers.Exists(writer => writer.IsFaulted))
                await Task.Delay(1);
            await ledger.KillAsync();
            await killed.CancelAsync();
            await Task.WhenAll(writers);
        }

        using (await LedgerProcess.StartAsync(state.FullName, arguments))
        {
            await using var client = Connect();
            foreach (var member in (string[])["AMSP", "BMSP", "CMSP"])
                await Patient.AskAsync(client, new TransactionRequest("register", "count", ["last"]) { Organizations = [member] });
            foreach (var key in committed)
                Assert.Equal("1", Encoding.UTF8.GetString((await client.EvaluateAsync(new TransactionRequest("register", "count", [key]))).Span));
            await client.SubmitAsync(new TransactionRequest("register", "add", ["last"]) { IdempotencyKey = "last" });
        }
        var verifier = new BlockVerifier();
        using var blocks = new StoredBlocks(Path.Combine(state.FullName, "ledger"));
        HashSet<string> seen = [];
        foreach (var block in blocks.ReadAll())
        {
            Assert.Null(verifier.Verify(block));
            Assert.All(new BlockView(block).Transactions.Where(transaction => transaction.IsValid), transaction => Assert.True(seen.Add(transaction.Id)));
        }
        Assert.True(seen.Count > committed.Count);
    }

    public void Dispose() => state.Delete(recursive: true);

    private GatewayClient Connect() => GatewayClient.Connect(
        ConnectionFile.Read(Path.Combine(state.FullName, "connection.json")), "AMSP", "User1", Patient.Options);

    private static async Task WriteAsync(GatewayClient client, string name, List<string> committed, CancellationToken killed)
    {
        for (var i = 0; !killed.IsCancellationRequested; i++)
        {
            try
            {
                await client.SubmitAsync(new TransactionRequest("register", "add", [$"{name}-{i}"]), killed);
                lock (committed)
                    committed.Add($"{name}-{i}");
            }
            catch (LedgerException)
            {
                // The ledger is gone, or busy; whether this one was committed nobody was told, so another one is next.
                await Task.Delay(10, CancellationToken.None);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private static int Count(List<string> committed)
    {
        lock (committed)
            return committed.Count;
    }

    /// <summary>Counts how often a key was added.</summary>
    private sealed class Register : IChaincode
    {
        public async Task<ChaincodeResponse> InvokeAsync(IChaincodeStub stub, CancellationToken ct)
        {
            var (function, key) = (Text(stub.Arguments[0]), Text(stub.Arguments[1]));
            var count = await stub.GetStateAsync(key, ct) is { } found ? int.Parse(Encoding.UTF8.GetString(found)) : 0;
            if (function == "add")
                await stub.PutStateAsync(key, Encoding.UTF8.GetBytes($"{count + 1}"), ct);
            return ChaincodeResponse.Success(Encoding.UTF8.GetBytes($"{count}"));
        }

        private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);
    }
}
