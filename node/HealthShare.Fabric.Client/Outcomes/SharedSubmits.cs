namespace HealthShare.Fabric.Client.Outcomes;

/// <summary>
/// Calls with the same idempotency key at the same time are one: the first sends, all get its outcome. It is cancelled when all
/// of its callers have cancelled, and nobody begins again under the key before it has ended.
/// </summary>
internal sealed class SharedSubmits
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, Run> running = new(StringComparer.Ordinal);

    /// <exception cref="LedgerException">As <paramref name="submit"/> throws it, or the key is in use for something else.</exception>
    public async Task<TransactionResult> RunAsync(
        string key, ReadOnlyMemory<byte> fingerprint, Func<CancellationToken, Task<TransactionResult>> submit, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var run = await JoinAsync(key, fingerprint, submit, ct);
        try
        {
            return await run.Outcome.WaitAsync(ct);
        }
        finally
        {
            await LeaveAsync(run);
        }
    }

    private async Task<Run> JoinAsync(
        string key, ReadOnlyMemory<byte> fingerprint, Func<CancellationToken, Task<TransactionResult>> submit, CancellationToken ct)
    {
        while (true)
        {
            Run? run;
            lock (gate)
            {
                if (!running.TryGetValue(key, out run))
                {
                    run = running[key] = new Run(fingerprint) { Callers = 1 };
                    var started = run;
                    run.Outcome = Task.Run(() => RunAsync(key, started, submit), CancellationToken.None);
                    return run;
                }
                if (run.Callers > 0)
                {
                    if (!run.Fingerprint.Span.SequenceEqual(fingerprint.Span))
                    {
                        throw LedgerErrors.KeyReused(key);
                    }
                    run.Callers++;
                    return run;
                }
            }
            // Abandoned by all of its callers; it has to end first, however it does.
            await ((Task)run.Outcome).WaitAsync(ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ct.ThrowIfCancellationRequested();
        }
    }

    private async Task<TransactionResult> RunAsync(string key, Run run, Func<CancellationToken, Task<TransactionResult>> submit)
    {
        try
        {
            return await submit(run.Stop.Token);
        }
        finally
        {
            lock (gate)
            {
                running.Remove(key);
            }
        }
    }

    private async Task LeaveAsync(Run run)
    {
        lock (gate)
        {
            if (--run.Callers > 0)
            {
                return;
            }
        }
        await run.Stop.CancelAsync();
        // Nobody is left to hear of it.
        _ = run.Outcome.ContinueWith(
            static (outcome, stop) =>
            {
                _ = outcome.Exception;
                ((CancellationTokenSource)stop!).Dispose();
            },
            run.Stop, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private sealed class Run(ReadOnlyMemory<byte> fingerprint)
    {
        public ReadOnlyMemory<byte> Fingerprint { get; } = fingerprint;

        public CancellationTokenSource Stop { get; } = new();

        public Task<TransactionResult> Outcome { get; set; } = null!;

        public int Callers { get; set; }
    }
}
