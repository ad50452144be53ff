using HealthShare.DevLedger.Simulation;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.DevLedger.Chaincode;

/// <summary>One transaction that a chaincode is executing: its simulation, its open queries and its answer.</summary>
internal sealed class TransactionExecution(
    string channel, string transactionId, SignedProposal proposal, TransactionSimulator simulator, IKeyHistory history) : IDisposable
{
    private readonly TaskCompletionSource<ChaincodeMessage> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Channel { get; } = channel;

    public string TransactionId { get; } = transactionId;

    public SignedProposal Proposal { get; } = proposal;

    public TransactionSimulator Simulator { get; } = simulator;

    public IKeyHistory History { get; } = history;

    public OpenQueries Queries { get; } = new();

    /// <summary>Guards simulation and queries: a message may still be in work when the wait for the answer ends.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Whether messages of the chaincode are still answered.</summary>
    public bool Ended { get; private set; }

    /// <summary>The chaincode's COMPLETED or ERROR.</summary>
    public Task<ChaincodeMessage> Answer => answer.Task;

    public void Complete(ChaincodeMessage message) => answer.TrySetResult(message);

    public void Fail(Exception reason) => answer.TrySetException(reason);

    public void Dispose()
    {
        lock (Gate)
        {
            Ended = true;
            Queries.Dispose();
        }
    }
}
