using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.IntegrationTests.Intake;
using HealthShare.Node;
using HealthShare.Node.Hosting;
using HealthShare.Node.Keys;
using HealthShare.Node.Ledger;
using HealthShare.Node.Receipts;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace HealthShare.IntegrationTests.Nodes;

/// <summary>North's node in a process of its own, which kills itself at a point of a revocation. It prints where it listens and its sealing key.</summary>
internal static class RevokingNodeProgram
{
    public const string Token = "revocation-test";

    public static async Task<int> RunAsync(string folder, string connectionFile, string point)
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Logging:LogLevel:Default"] = "None",
            ["HealthShare:Node:MspId"] = "NorthMSP",
            ["HealthShare:Node:DataFolder"] = folder,
            ["HealthShare:Http:Url"] = "http://127.0.0.1:0",
            // Of what must succeed nothing ends on a busy machine.
            ["HealthShare:Fabric:EvaluateTimeout"] = "00:01:00",
            ["HealthShare:Fabric:EndorseTimeout"] = "00:01:00",
            ["HealthShare:Fabric:CommitTimeout"] = "00:02:00",
            ["HealthShare:ReadModel:WaitForBlock"] = "00:01:00",
            ["HealthShare:Consents:RevocationPatience"] = "00:02:00", // what takes longer goes another way as well
            ["HealthShare:Fabric:ConnectionFile"] = connectionFile,
            ["HealthShare:Fabric:User"] = "User1",
            ["HealthShare:Auth:Callers:0:Name"] = "test",
            ["HealthShare:Auth:Callers:0:Role"] = "registrar",
            ["HealthShare:Auth:Callers:0:StaffId"] = "staff-0",
            ["HealthShare:Auth:Callers:0:TokenSha256"] = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(Token))),
        }).Build();
        await using var app = NodeApplication.Create(settings, services => services.AddSingleton<ILedger>(provider => new StrikingGateway(
            GatewayLedgerFactory.Create(provider.GetRequiredService<IOptions<FabricOptions>>().Value,
                provider.GetRequiredService<IOptions<NodeOptions>>().Value, provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<GatewayClient>>()), point)));
        await app.StartAsync();
        var key = app.Services.GetRequiredService<NodeKeys>().SealingKey;
        Console.WriteLine($"ready {app.Urls.Single()} {key.KeyId} {key}");
        await app.WaitForShutdownAsync();
        return 0;
    }

    /// <summary>A way to the channel that strikes before a revocation is sent, or when it is committed and not yet counted.</summary>
    private sealed class StrikingGateway(ILedger inner, string point) : ILedger
    {
        public string Channel => inner.Channel;

        public string MspId => inner.MspId;

        public int MembersWithPeers => inner.MembersWithPeers;

        public LedgerConnection Connection => inner.Connection;

        public async Task<LedgerCommit> SubmitAsync(LedgerCall call, CancellationToken ct)
        {
            if (call.Transaction == LedgerTransactions.RevokeConsent && point == "before:submit")
                KillPoints.Strike();
            return await inner.SubmitAsync(call, ct);
        }

        public Task<LedgerCommit> SubmitElsewhereAsync(LedgerCall call, CancellationToken ct) => inner.SubmitElsewhereAsync(call, ct);

        public Task<IReadOnlyList<string>> CommittedByAsync(string transactionId, int wanted, CancellationToken ct)
        {
            if (point == "before:count")
                KillPoints.Strike();
            return inner.CommittedByAsync(transactionId, wanted, ct);
        }

        public Task<ReadOnlyMemory<byte>> EvaluateAsync(LedgerCall call, CancellationToken ct) => inner.EvaluateAsync(call, ct);

        public async IAsyncEnumerable<Block> BlocksAsync(ulong from, [EnumeratorCancellation] CancellationToken ct)
        {
            await foreach (var block in inner.BlocksAsync(from, ct))
                yield return block;
        }

        public Task<ulong> HeightAsync(CancellationToken ct) => inner.HeightAsync(ct);

        public (ReadOnlyMemory<byte> Identity, ReadOnlyMemory<byte> Signature) Sign(ReceiptClaim claim) => inner.Sign(claim);
    }
}
