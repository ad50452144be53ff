using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Node.Ledger;
using HealthShare.Node.Receipts;

namespace HealthShare.UnitTests.Node.Support;

/// <summary>A member's way to the channel that the test can close for single transactions, count, and tamper with.</summary>
internal sealed class GatedLedger(ILedger inner) : ILedger
{
    private readonly System.Collections.Concurrent.ConcurrentQueue<string> submitted = new();

    public string Channel => inner.Channel;

    public string MspId => inner.MspId;

    public LedgerConnection Connection => inner.Connection;

    /// <summary>Transactions that do not get through.</summary>
    public System.Collections.Concurrent.ConcurrentDictionary<string, bool> Closed { get; } = new(StringComparer.Ordinal);

    /// <summary>Changes answers of queries.</summary>
    public Func<LedgerCall, ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>? OnAnswer { get; set; }

    /// <summary>What a transaction waits for before it gets through, on this member's own way.</summary>
    public Func<LedgerCall, CancellationToken, Task>? BeforeSubmit { get; set; }

    public int CountOf(string transaction) => submitted.Count(name => name == transaction);

    public async Task<LedgerCommit> SubmitAsync(LedgerCall call, CancellationToken ct)
    {
        submitted.Enqueue(call.Transaction);
        if (BeforeSubmit is { } wait)
            await wait(call, ct);
        return Closed.ContainsKey(call.Transaction) ? throw FakeLedger.Away(LedgerStage.Endorse) : await inner.SubmitAsync(call, ct);
    }

    public int MembersWithPeers => inner.MembersWithPeers;

    /// <summary>Transactions that went through another member.</summary>
    public System.Collections.Concurrent.ConcurrentQueue<string> Elsewhere { get; } = new();

    /// <summary>Members that have committed a transaction, by how often that was asked; null for all.</summary>
    public Func<int, IReadOnlyList<string>>? OnCommittedBy { get; set; }

    private int asked;

    /// <summary>What a transaction waits for before it gets through by another member's way.</summary>
    public Func<LedgerCall, CancellationToken, Task>? BeforeElsewhere { get; set; }

    public async Task<LedgerCommit> SubmitElsewhereAsync(LedgerCall call, CancellationToken ct)
    {
        Elsewhere.Enqueue(call.Transaction);
        if (BeforeElsewhere is { } wait)
            await wait(call, ct);
        return await inner.SubmitElsewhereAsync(call, ct);
    }

    public Task<IReadOnlyList<string>> CommittedByAsync(string transactionId, int wanted, CancellationToken ct) =>
        OnCommittedBy is { } answer ? Task.FromResult(answer(Interlocked.Increment(ref asked))) : inner.CommittedByAsync(transactionId, wanted, ct);

    public async Task<ReadOnlyMemory<byte>> EvaluateAsync(LedgerCall call, CancellationToken ct)
    {
        if (Closed.ContainsKey(call.Transaction))
            throw FakeLedger.Away(LedgerStage.Evaluate);
        var answer = await inner.EvaluateAsync(call, ct);
        return OnAnswer is { } change ? change(call, answer) : answer;
    }

    public IAsyncEnumerable<Block> BlocksAsync(ulong from, CancellationToken ct) => inner.BlocksAsync(from, ct);

    public Task<ulong> HeightAsync(CancellationToken ct) => inner.HeightAsync(ct);

    public (ReadOnlyMemory<byte> Identity, ReadOnlyMemory<byte> Signature) Sign(ReceiptClaim claim) => inner.Sign(claim);
}
