using HealthShare.DevLedger.Simulation;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.DevLedger.Chaincode;

/// <summary>Runs a chaincode on behalf of another one, inside the same transaction.</summary>
/// <param name="caller">The execution that asks.</param>
/// <param name="spec">Whom it calls, with what.</param>
/// <returns>The callee's COMPLETED or ERROR.</returns>
internal delegate Task<ChaincodeMessage> ChaincodeCall(TransactionExecution caller, ChaincodeSpec spec);

/// <summary>One transaction that a chaincode is executing: its simulation, its open queries and its answer.</summary>
internal sealed class TransactionExecution(
    string channel, string transactionId, SignedProposal proposal, TransactionSimulator simulator, IKeyHistory history,
    ChaincodeCall call) : IDisposable
{
    private readonly TaskCompletionSource<ChaincodeMessage> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource ending = new();
    private int busy;

    public string Channel { get; } = channel;

    public string TransactionId { get; } = transactionId;

    public SignedProposal Proposal { get; } = proposal;

    public TransactionSimulator Simulator { get; } = simulator;

    public IKeyHistory History { get; } = history;

    /// <summary>Reaches other chaincodes.</summary>
    public ChaincodeCall Call { get; } = call;

    /// <summary>Whether it initializes the chaincode, where private data is out of reach.</summary>
    public bool IsInit { get; init; }

    public OpenQueries Queries { get; } = new();

    /// <summary>Whether messages of the chaincode are still answered.</summary>
    public bool Ended { get; private set; }

    /// <summary>Cancelled when the execution ends: what it called need not go on.</summary>
    public CancellationToken Ending => ending.Token;

    /// <summary>The chaincode's COMPLETED or ERROR.</summary>
    public Task<ChaincodeMessage> Answer => answer.Task;

    public void Complete(ChaincodeMessage message) => answer.TrySetResult(message);

    public void Fail(Exception reason) => answer.TrySetException(reason);

    /// <summary>Takes up a request; false while another one is in work, for a chaincode has one at a time.</summary>
    public bool TryBegin() => Interlocked.Exchange(ref busy, 1) == 0;

    /// <summary>The request in work is answered.</summary>
    public void EndRequest() => Volatile.Write(ref busy, 0);

    public void Dispose()
    {
        lock (Simulator.Gate)
        {
            if (Ended)
                return;
            Ended = true;
            Queries.Dispose();
        }
        ending.Cancel();
        ending.Dispose();
    }
}
