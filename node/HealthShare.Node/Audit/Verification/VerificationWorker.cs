using System.Data.Common;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Node.Ledger;

namespace HealthShare.Node.Audit.Verification;

/// <summary>Verifies the whole channel on demand, in the background, one run at a time.</summary>
internal sealed partial class VerificationWorker(ILedger ledger, VerificationTable table, TimeProvider clock, ILogger<VerificationWorker> logger)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWaitForBlock = TimeSpan.FromMinutes(2);
    private readonly Channel<VerificationRun> orders = System.Threading.Channels.Channel.CreateUnbounded<VerificationRun>();

    /// <summary>Begins a run; null where one is under way.</summary>
    public async Task<VerificationRun?> TryBeginAsync(VerificationOrder order)
    {
        // Not to be given up between the note and the work: a run that is noted and that nobody does would bar all others.
        var run = await table.TryAddAsync(order.Genesis, CancellationToken.None);
        if (run is not null)
            orders.Writer.TryWrite(run);
        return run;
    }

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await table.InterruptAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        try
        {
            await foreach (var run in orders.Reader.ReadAllAsync(stoppingToken))
                await RunAsync(run, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The next start says of the run under way that it was interrupted.
        }
    }

    private async Task RunAsync(VerificationRun run, CancellationToken ct)
    {
        using var verification = new ChannelVerification(run.Genesis);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        VerificationState state;
        var (height, told) = (0ul, clock.GetTimestamp());
        AuditResult? result = null;
        string? reason = null;
        try
        {
            height = await ledger.HeightAsync(stop.Token);
            await NoteAsync(0);
            var fault = await verification.RunAsync(BlocksAsync(height, stop.Token), height,
                done => clock.GetElapsedTime(told) < Interval ? Task.CompletedTask : NoteAsync(done), stop.Token);
            if (verification.Cause is { } cause)
                LogUnforeseen(cause, run.Id);
            (state, result) = (fault is null ? VerificationState.Passed : VerificationState.FaultFound,
                AuditResult.Of(verification.Summary, fault, verification.Replay));
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            throw;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            LogStopped(run.Id, verification.Summary.Blocks);
            return;
        }
        catch (Exception e) // whatever kept it from reading on says nothing about the channel, and must not end the worker
        {
            reason = e switch
            {
                LedgerException failed => failed.Code, OperationCanceledException => LedgerCodes.Timeout, FabricDataException => "ledger.unreadable",
                DbException => "database.unavailable", _ => "verification.failed",
            };
            LogFailed(e, run.Id, reason);
            state = VerificationState.Failed;
        }
        await FinishAsync(run.Id, state, verification.Summary.Blocks, result, reason, ct);
        LogFinished(run.Id, state, verification.Summary.Blocks);

        async Task NoteAsync(ulong done)
        {
            told = clock.GetTimestamp();
            try
            {
                if (await table.NoteAsync(run.Id, done, height, ct))
                    return;
            }
            catch (DbException e) // the work does not hang on it
            {
                LogNoProgress(e, run.Id);
                return;
            }
            await stop.CancelAsync();
            stop.Token.ThrowIfCancellationRequested();
        }
    }

    // The result must not be lost because the database is away for a moment.
    private async Task FinishAsync(string id, VerificationState state, ulong done, AuditResult? result, string? reason, CancellationToken ct)
    {
        while (true)
        {
            try
            {
                await table.FinishAsync(id, state, done, result, reason, ct);
                return;
            }
            catch (DbException e)
            {
                LogNotNoted(e, id);
                await Task.Delay(Interval, clock, ct);
            }
        }
    }

    // A peer that stays behind the others would keep the run waiting for ever.
    private async IAsyncEnumerable<Block> BlocksAsync(ulong height, [EnumeratorCancellation] CancellationToken ct)
    {
        using var patience = new CancellationTokenSource(LongestWaitForBlock, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, ct);
        if (height == 0)
            yield break;
        await foreach (var block in ledger.BlocksAsync(0, both.Token))
        {
            patience.CancelAfter(Timeout.InfiniteTimeSpan);
            yield return block;
            if (block.Header.Number + 1 >= height)
                yield break; // what is committed later belongs to the next verification
            patience.CancelAfter(LongestWaitForBlock);
        }
    }

    [LoggerMessage(3941, LogLevel.Information, "Verification {Id} ended: {State} after {Blocks} blocks.")]
    private partial void LogFinished(string id, VerificationState state, ulong blocks);

    [LoggerMessage(3942, LogLevel.Error, "Verification {Id} could not go on: {Reason}")]
    private partial void LogFailed(Exception e, string id, string reason);

    [LoggerMessage(3943, LogLevel.Error, "Verification {Id} met what no rule foresaw.")]
    private partial void LogUnforeseen(Exception e, string id);

    [LoggerMessage(3944, LogLevel.Warning, "The result of verification {Id} waits for the database.")]
    private partial void LogNotNoted(Exception e, string id);

    [LoggerMessage(3945, LogLevel.Warning, "How far verification {Id} is waits for the database.")]
    private partial void LogNoProgress(Exception e, string id);

    [LoggerMessage(3946, LogLevel.Information, "Verification {Id} was stopped after {Blocks} blocks.")]
    private partial void LogStopped(string id, ulong blocks);
}
