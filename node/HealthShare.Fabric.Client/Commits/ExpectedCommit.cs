namespace HealthShare.Fabric.Client.Commits;

/// <summary>A transaction that a <see cref="CommitFeed"/> watches for. Dispose it when nobody waits any more.</summary>
internal sealed class ExpectedCommit(string transactionId, Action forget) : IDisposable
{
    private readonly TaskCompletionSource<CommitStatus?> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string TransactionId => transactionId;

    /// <summary>False while the feed has still to tell.</summary>
    public bool IsAnswered => answer.Task.IsCompleted;

    /// <summary>Waits for the block. Null where the feed has ended or said nothing in time: ask instead.</summary>
    public async Task<CommitStatus?> WaitAsync(TimeSpan limit, TimeProvider clock, CancellationToken ct)
    {
        try
        {
            return await answer.Task.WaitAsync(limit, clock, ct);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    /// <summary>Says what became of it; the first answer counts. Null: the feed will not know.</summary>
    public void Answer(CommitStatus? status) => answer.TrySetResult(status);

    public void Dispose() => forget();
}
