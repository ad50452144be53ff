using System.Data.Common;
using System.Security.Cryptography;
using HealthShare.Fabric.Client;
using HealthShare.Node.Intake.Journal;
using HealthShare.Vault;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Intake.Pipeline;

/// <summary>
/// Takes messages from the journal to the ledger, where they left off. What fails for now is tried again with growing pauses; what can
/// never succeed goes to quarantine; neither holds up the others.
/// </summary>
internal sealed partial class IntakeWorker(
    IntakeTable table, IntakeSteps steps, IntakeSignal signal, IntakeMetrics metrics, IOptions<IntakeOptions> options, TimeProvider clock,
    ILogger<IntakeWorker> logger) : BackgroundService
{
    private const int ParsedAtOnce = 8; // new patients wait for their enrolment, and share blocks this way
    private const long MostBytesAtOnce = 32 * 1024 * 1024;
    private static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(1);

    /// <summary>Takes one batch through each step.</summary>
    /// <returns>True when something moved, so that there may be more to do at once.</returns>
    public async Task<bool> RunOnceAsync(CancellationToken ct)
    {
        var limit = options.Value.RecordsPerTransaction;
        // The last step first: what is nearest its end gets there, and its place becomes free.
        var moved = await RegisterAsync(await table.DueAsync(IntakeState.Stored, limit, ct), ct);
        moved |= await StoreAsync(Bounded(await table.DueAsync(IntakeState.Parsed, limit, ct)), ct);
        var parsed = 0;
        await Parallel.ForEachAsync(
            await table.DueAsync(IntakeState.Received, limit, ct), new ParallelOptions { MaxDegreeOfParallelism = ParsedAtOnce, CancellationToken = ct },
            async (message, token) =>
            {
                if (await ParseAsync(message, token))
                    Interlocked.Increment(ref parsed);
            });
        return moved || parsed > 0;
    }

    // Contents are in memory while they are sealed: few large ones, or many small ones.
    private static List<IntakeMessage> Bounded(List<IntakeMessage> messages)
    {
        var bytes = 0L;
        return [.. messages.TakeWhile((message, i) => (bytes += message.Size) <= MostBytesAtOnce || i == 0)];
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var moved = false;
            try
            {
                moved = await RunOnceAsync(stoppingToken);
            }
            catch (DbException e)
            {
                LogDatabaseAway(e);
            }
            if (!moved)
                await signal.WaitAsync(LongestSleep, clock, stoppingToken);
        }
    }

    private async Task<bool> ParseAsync(IntakeMessage message, CancellationToken ct)
    {
        try
        {
            var reached = await steps.ParseAsync(message, ct);
            metrics.Moved(reached, 1);
            if (reached is IntakeState.Quarantined)
                LogQuarantined(message.Id);
            return true;
        }
        catch (Exception e) when (IsExpected(e))
        {
            return await FailedAsync([message], e, ct);
        }
    }

    private async Task<bool> StoreAsync(IReadOnlyList<IntakeMessage> messages, CancellationToken ct)
    {
        if (messages.Count == 0)
            return false;
        try
        {
            await steps.StoreAsync(messages, ct);
            metrics.Moved(IntakeState.Stored, messages.Count);
            return true;
        }
        catch (Exception e) when (IsExpected(e))
        {
            // One bad message must not hold up its batch.
            return messages.Count == 1 || e is IOException ? await FailedAsync(messages, e, ct) : await EachAsync(messages, StoreAsync, ct);
        }
    }

    private async Task<bool> RegisterAsync(IReadOnlyList<IntakeMessage> messages, CancellationToken ct)
    {
        if (messages.Count == 0)
            return false;
        try
        {
            await steps.RegisterAsync(messages, ct);
            metrics.Moved(IntakeState.Registered, messages.Count);
            LogRegistered(messages.Count);
            return true;
        }
        catch (Exception e) when (IsExpected(e))
        {
            // The chaincode refuses a batch as a whole: alone, each shows whether it is the one.
            return messages.Count == 1 || !IsAboutContent(e) ? await FailedAsync(messages, e, ct) : await EachAsync(messages, RegisterAsync, ct);
        }
    }

    private static async Task<bool> EachAsync(
        IReadOnlyList<IntakeMessage> messages, Func<IReadOnlyList<IntakeMessage>, CancellationToken, Task<bool>> step, CancellationToken ct)
    {
        var moved = false;
        foreach (var message in messages)
            moved |= await step([message], ct);
        return moved;
    }

    private async Task<bool> FailedAsync(IReadOnlyList<IntakeMessage> messages, Exception failure, CancellationToken ct)
    {
        var code = CodeOf(failure);
        if (messages is [var single] && IsFinal(failure))
        {
            LogRefused(single.Id, code, failure);
            await steps.QuarantineAsync(single, code, "The message's record cannot be made: " + code + ".", ct);
            metrics.Moved(IntakeState.Quarantined, 1);
            return true;
        }
        var attempts = (int)Math.Min(messages.Max(message => message.Attempts), 20);
        var pause = options.Value.FirstRetryDelay * Math.Pow(2, attempts);
        pause = pause < options.Value.LongestRetryDelay ? pause : options.Value.LongestRetryDelay;
        LogPostponed(messages.Count, code, pause);
        await table.PostponeAsync(messages, code, clock.GetUtcNow() + pause, ct);
        metrics.Postponed(code, messages.Count);
        return false;
    }

    // Every failure that a step can meet; anything else is a fault of this program and stops the node where all can see it.
    private static bool IsExpected(Exception e) => e is LedgerException or IOException or VaultException or CryptographicException;

    private static bool IsAboutContent(Exception e) => e is LedgerException { ChaincodeMessage: not null } || IsFinal(e);

    // Final is only what no time can heal. A patient not known yet may be a peer that lags behind; a member not known, a network
    // that is still being set up: such messages wait, and their state says for what.
    private static bool IsFinal(Exception e) => e switch
    {
        LedgerException ledger => ledger is { ChaincodeMessage: not null, Code: "arguments.invalid" or "record.id_taken" },
        IOException => false,
        _ => true,
    };

    private static string CodeOf(Exception e) => e switch
    {
        LedgerException ledger => ledger.Code,
        VaultException vault => vault.Code,
        IOException => "content.unavailable",
        _ => "journal.not_authentic",
    };

    [LoggerMessage(4131, LogLevel.Debug, "{Count} records are on the ledger.")]
    private partial void LogRegistered(int count);

    [LoggerMessage(4132, LogLevel.Warning, "{Count} messages wait {Pause} before their next attempt: {Code}.")]
    private partial void LogPostponed(int count, string code, TimeSpan pause);

    [LoggerMessage(4133, LogLevel.Error, "Message {Id} is in quarantine: {Code}.")]
    private partial void LogRefused(string id, string code, Exception failure);

    [LoggerMessage(4135, LogLevel.Warning, "Message {Id} is in quarantine; its status tells why.")]
    private partial void LogQuarantined(string id);

    [LoggerMessage(4134, LogLevel.Error, "The database is away; the intake waits for it.")]
    private partial void LogDatabaseAway(Exception e);
}
