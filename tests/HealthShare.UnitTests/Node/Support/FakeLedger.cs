using System.Runtime.CompilerServices;
using System.Threading.Channels;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Node.Ledger;
using HealthShare.Node.Receipts;

namespace HealthShare.UnitTests.Node.Support;

/// <summary>A ledger whose blocks and answers the test gives.</summary>
internal sealed class FakeLedger : ILedger
{
    private readonly Channel<Block> blocks = System.Threading.Channels.Channel.CreateUnbounded<Block>();
    private ulong height;

    public string Channel => "health";

    public string MspId { get; init; } = "NorthMSP";

    public LedgerConnection Connection { get; set; } = new([], null);

    /// <summary>Answers a transaction; throws what the test wants.</summary>
    public Func<LedgerCall, LedgerCommit>? OnSubmit { get; set; }

    public Func<LedgerCall, ReadOnlyMemory<byte>>? OnEvaluate { get; set; }

    public bool IsAway { get; set; }

    public List<LedgerCall> Submitted { get; } = [];

    public void Add(Block block)
    {
        height = block.Header.Number + 1;
        blocks.Writer.TryWrite(block);
    }

    public Task<LedgerCommit> SubmitAsync(LedgerCall call, CancellationToken ct)
    {
        Submitted.Add(call);
        return Task.FromResult((OnSubmit ?? throw Away(LedgerStage.Endorse))(call));
    }

    public int MembersWithPeers { get; set; } = 2;

    public Task<LedgerCommit> SubmitElsewhereAsync(LedgerCall call, CancellationToken ct) => throw Away(LedgerStage.Endorse);

    public Task<IReadOnlyList<string>> CommittedByAsync(string transactionId, int wanted, CancellationToken ct) =>
        Task.FromResult<IReadOnlyList<string>>([MspId]);

    public Task<ReadOnlyMemory<byte>> EvaluateAsync(LedgerCall call, CancellationToken ct) =>
        Task.FromResult((OnEvaluate ?? throw Away(LedgerStage.Evaluate))(call));

    public async IAsyncEnumerable<Block> BlocksAsync(ulong from, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var block in blocks.Reader.ReadAllAsync(ct))
            yield return block;
    }

    public Task<ulong> HeightAsync(CancellationToken ct) =>
        IsAway ? throw Away(LedgerStage.Evaluate) : Task.FromResult(height);

    /// <summary>Answers what is signed for receipts; a name stands for an identity.</summary>
    public (ReadOnlyMemory<byte> Identity, ReadOnlyMemory<byte> Signature) Sign(ReceiptClaim claim) =>
        (System.Text.Encoding.UTF8.GetBytes(MspId), System.Security.Cryptography.SHA256.HashData(claim.ToBytes([])));

    public static LedgerException Away(LedgerStage stage) =>
        new(stage, "", LedgerCodes.Unavailable, "Nobody answers.");

    public static LedgerException Refusal(string code) =>
        new(LedgerStage.Endorse, "tx", code, "Refused.") { ChaincodeMessage = "It may not.", ChaincodeStatus = 500 };
}
