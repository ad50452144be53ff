using System.Diagnostics;
using Google.Protobuf;
using HealthShare.Fabric.Client.Outcomes;
using HealthShare.Fabric.Protocol.Peer;
using Microsoft.Extensions.Logging;

namespace HealthShare.Fabric.Client;

public sealed partial class GatewayClient
{
    private const int LongestKey = 256;

    private readonly SharedSubmits shared = new();

    /// <summary>Takes a transaction all the way: endorses, submits and waits until its block is committed.</summary>
    /// <remarks>
    /// Where submit or commit wait fails, the transaction is looked up by its id at every peer and, where none has it, the same
    /// signed transaction is handed over again: its id can become valid only once. With a
    /// <see cref="TransactionRequest.IdempotencyKey"/> what is certain to have had no effect is proposed anew, as
    /// <see cref="GatewayOptions.Retry"/> says; without one, never.
    /// </remarks>
    /// <exception cref="LedgerException">
    /// Some stage failed; the exception names it. Where it <see cref="LedgerException.MayHaveCommitted"/>, it is still open
    /// after <see cref="GatewayOptions.CommitTimeout"/>: call again with the same key, or look it up.
    /// </exception>
    /// <exception cref="ArgumentException">The idempotency key is empty or longer than 256 characters.</exception>
    /// <exception cref="IOException">
    /// Under a key only: the <see cref="IOutcomeStore"/> cannot be read, or cannot take the transaction, which then was not sent.
    /// </exception>
    /// <exception cref="InvalidDataException">Under a key only: what the store holds of it is damaged; nothing was sent.</exception>
    public Task<TransactionResult> SubmitAsync(TransactionRequest request, CancellationToken ct = default) =>
        GatewayTelemetry.Source.HasListeners() ? SubmitTracedAsync(request, ct) : SubmitUntracedAsync(request, ct);

    /// <summary>
    /// Forgets what was sent under an idempotency key whose outcome stays unknown, so that the key can be used again. The caller
    /// takes it upon itself that the earlier transaction has no effect: it may still commit.
    /// </summary>
    public Task ForgetAsync(string idempotencyKey, CancellationToken ct = default) =>
        (options.Outcomes ?? memory).RemoveAsync(idempotencyKey, ct);

    private Task<TransactionResult> SubmitUntracedAsync(TransactionRequest request, CancellationToken ct)
    {
        if (request.IdempotencyKey is not { } key)
        {
            return SubmitAnewAsync(request, ct);
        }
        if (key.Length is 0 or > LongestKey)
        {
            throw new ArgumentException($"An idempotency key has 1 to {LongestKey} characters.", nameof(request));
        }
        var fingerprint = RequestFingerprint.Of(request);
        return shared.RunAsync(key, fingerprint, token => SubmitUnderKeyAsync(request, key, fingerprint, token), ct);
    }

    /// <summary>
    /// Takes an endorsed transaction the rest of the way, as <see cref="SubmitAsync"/>
    /// does: submits it and waits until its block is committed, over as many peers and attempts as it takes.
    /// </summary>
    /// <exception cref="LedgerException">
    /// It is invalid, or its outcome stays unknown; of a transaction that was submitted before, a refusal says nothing.
    /// </exception>
    public Task<TransactionResult> CommitAsync(EndorsedTransaction transaction, CancellationToken ct = default) =>
        CommitAsync(transaction, sentBefore: false, ct);

    private async Task<TransactionResult> CommitAsync(EndorsedTransaction transaction, bool sentBefore, CancellationToken ct)
    {
        var commit = await SettleAsync(transaction, sentBefore, ct);
        if (!commit.IsValid)
        {
            LogInvalid(transaction.TransactionId, commit.BlockNumber, commit.Code);
            if (commit.Code is TxValidationCode.MvccReadConflict or TxValidationCode.PhantomReadConflict)
            {
                GatewayTelemetry.Conflicts.Add(1, new("fabric.channel", ChannelName), new("fabric.validation_code", commit.Code.ToString()));
            }
            throw LedgerErrors.Invalid(transaction.TransactionId, commit.Code, commit.BlockNumber);
        }
        LogCommitted(transaction.TransactionId, commit.BlockNumber);
        return new TransactionResult(transaction.TransactionId, commit.BlockNumber, transaction.Result);
    }

    private async Task<TransactionResult> SubmitTracedAsync(TransactionRequest request, CancellationToken ct)
    {
        using var activity = GatewayTelemetry.Source.StartActivity("fabric transaction");
        activity?.SetTag("fabric.channel", ChannelName);
        activity?.SetTag("fabric.chaincode", request.Chaincode);
        activity?.SetTag("fabric.function", request.Function);
        try
        {
            var result = await SubmitUntracedAsync(request, ct);
            activity?.SetTag("fabric.transaction_id", result.TransactionId);
            activity?.SetTag("fabric.block", (long)result.BlockNumber);
            return result;
        }
        catch (LedgerException e)
        {
            activity?.SetTag("fabric.transaction_id", e.TransactionId);
            activity?.SetTag("error.type", e.Code);
            activity?.SetStatus(ActivityStatusCode.Error);
            throw;
        }
    }

    private async Task<TransactionResult> SubmitAnewAsync(TransactionRequest request, CancellationToken ct) =>
        await CommitAsync(await EndorseAsync(request, ct), ct);

    private async Task<TransactionResult> SubmitUnderKeyAsync(
        TransactionRequest request, string key, byte[] fingerprint, CancellationToken ct)
    {
        var store = options.Outcomes ?? memory;
        var earlier = await store.FindAsync(key, ct);
        if (earlier is not null && !earlier.Fingerprint.Span.SequenceEqual(fingerprint))
        {
            throw LedgerErrors.KeyReused(key);
        }
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                if (earlier is not null && await FindEarlierAsync(earlier, ct) is { } done)
                {
                    return done;
                }
                var transaction = earlier is null ? await EndorseAsync(request, ct) : Restore(earlier);
                var open = new SentTransaction(key, transaction.TransactionId, fingerprint, transaction.Envelope.ToByteArray());
                if (earlier is null)
                {
                    await store.SaveAsync(open, ct);
                }
                else if (await FindOutcomeAsync(transaction.TransactionId, ct) is { IsValid: true } known)
                {
                    await RememberAsync(store, open);
                    return new TransactionResult(transaction.TransactionId, known.BlockNumber, transaction.Result);
                }
                var result = await CommitAsync(transaction, sentBefore: earlier is not null, ct);
                await RememberAsync(store, open);
                return result;
            }
            catch (LedgerException e) when (e.Stage is LedgerStage.Endorse or LedgerStage.Commit || e is { Stage: LedgerStage.Submit, MayHaveCommitted: false })
            {
                // Certain to have no effect, now and later: the key is free.
                if (e.Stage is not LedgerStage.Endorse)
                {
                    await FreeAsync(store, key, e.TransactionId);
                }
                earlier = null;
                if (!IsWorthRepeating(e) || attempt >= options.Retry.Attempts)
                {
                    throw;
                }
                GatewayTelemetry.Retries.Add(1, new("fabric.channel", ChannelName), new("error.type", e.Code));
                LogTriesAgain(request.Chaincode, request.Function, e.TransactionId, attempt, e.Code);
            }
            await Task.Delay(options.Retry.DelayAfter(attempt), options.TimeProvider, ct);
        }
    }

    // Submits until the outcome is known. Failing to learn it is no reason to propose anything else. A refusal is the last word
    // only where nobody can have taken the transaction before. An orderer's never is: a gateway asks one after the other and tells
    // what the last one said, and another may have taken what it did not live to acknowledge, and order it when it is back.
    private async Task<CommitStatus> SettleAsync(EndorsedTransaction transaction, bool sentBefore, CancellationToken ct)
    {
        var (clock, started, pause) = (options.TimeProvider, options.TimeProvider.GetTimestamp(), new Backoff(options));
        using var expected = feed is null ? null : await feed.ExpectAsync(transaction.TransactionId, ct);
        var limit = options.SubmitTimeout; // a channel that orders nothing at all is told sooner than one that is slow
        long? handedOver = null;
        for (var attempt = 1; ; attempt++)
        {
            LedgerException unknown;
            try
            {
                // What an orderer has taken just now is given time, also where nobody can be asked about it.
                if (handedOver is not { } then || clock.GetElapsedTime(then) >= options.ResubmitAfter)
                {
                    await SubmitEndorsedAsync(transaction, ct);
                    handedOver = clock.GetTimestamp();
                }
                limit = options.CommitTimeout;
                var left = limit - clock.GetElapsedTime(started); // none where handing over took it all: what is known by now is looked up
                var commit = await WaitForCommitAsync(
                    transaction.TransactionId, expected, left < options.ResubmitAfter ? left : options.ResubmitAfter, ct);
                if (commit.Code is not TxValidationCode.DuplicateTxid)
                {
                    return commit;
                }
                // A second copy, invalid because of the first, which is the one that counts.
                unknown = LedgerErrors.Invalid(transaction.TransactionId, commit.Code, commit.BlockNumber);
            }
            catch (LedgerException e)
            {
                unknown = e;
            }
            if (attempt == 1 && !sentBefore && unknown.IsRefusal)
            {
                throw unknown;
            }
            GatewayTelemetry.Retries.Add(1, new("fabric.channel", ChannelName), new("error.type", unknown.Code));
            LogUnknown(transaction.TransactionId, unknown.Stage, unknown.Code);
            if (await FindOutcomeAsync(transaction.TransactionId, ct) is { Code: not TxValidationCode.DuplicateTxid } outcome)
            {
                return outcome;
            }
            if (limit - clock.GetElapsedTime(started) <= pause.Next)
            {
                throw LedgerErrors.StillUnknown(unknown);
            }
            await pause.WaitAsync(ct);
        }
    }

    // What the ledger says of a transaction; null where no peer has it, or none can be asked.
    private async Task<CommitStatus?> FindOutcomeAsync(string transactionId, CancellationToken ct)
    {
        try
        {
            return await GetTransactionAsync(transactionId, ct) is { }
                ? await AskForCommitAsync(transactionId, SignStatusRequest(transactionId), options.EvaluateTimeout, ct) // at once: a block has it
                : null;
        }
        catch (LedgerException e)
        {
            LogLookupFailed(transactionId, e.Code);
            return null;
        }
    }

    // What is known to be committed. Failing to read it again is no sign that it is not.
    private async Task<TransactionResult?> FindEarlierAsync(SentTransaction earlier, CancellationToken ct)
    {
        if (!earlier.IsCommitted)
        {
            return null;
        }
        var transactionId = earlier.TransactionId;
        try
        {
            // Every peer has it in the end; one that lags is waited for.
            var commit = await GetCommitStatusAsync(transactionId, ct);
            var found = await GetTransactionAsync(transactionId, ct)
                ?? throw LedgerErrors.BadAnswer(LedgerStage.CommitStatus, transactionId, "a committed transaction cannot be found.");
            return new TransactionResult(transactionId, commit.BlockNumber, PreparedTransaction.ReadResult(found.Envelope, transactionId));
        }
        catch (LedgerException e)
        {
            throw LedgerErrors.StillUnknown(e);
        }
    }

    private static EndorsedTransaction Restore(SentTransaction earlier)
    {
        try
        {
            return PreparedTransaction.Restore(earlier);
        }
        catch (LedgerException e)
        {
            throw LedgerErrors.StillUnknown(e);
        }
    }

    // The transaction has no effect, which is what the caller is to hear. A key that stays is found free the next time where a
    // block says so; what was refused is submitted again under it.
    private async Task FreeAsync(IOutcomeStore store, string key, string transactionId)
    {
        try
        {
            await store.RemoveAsync(key, CancellationToken.None);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogNotFreed(transactionId, e);
        }
    }

    // The transaction is committed: what cannot be remembered of that is looked up the next time.
    private async Task RememberAsync(IOutcomeStore store, SentTransaction open)
    {
        try
        {
            await store.SaveAsync(open with { Envelope = ReadOnlyMemory<byte>.Empty }, CancellationToken.None);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogNotRemembered(open.TransactionId, e);
        }
    }

    private static bool IsWorthRepeating(LedgerException e) =>
        e.IsTransient && (e.Stage is LedgerStage.Commit || e.Code is LedgerCodes.Mismatch or LedgerCodes.Busy);

    // Ids and numbers only: arguments may hold what belongs into no log.
    [LoggerMessage(2001, LogLevel.Information, "{TransactionId} committed in block {Block}.")]
    private partial void LogCommitted(string transactionId, ulong block);

    [LoggerMessage(2002, LogLevel.Information, "{TransactionId} is invalid in block {Block}: {Code}.")]
    private partial void LogInvalid(string transactionId, ulong block, TxValidationCode code);

    [LoggerMessage(2005, LogLevel.Information, "{Chaincode} {Function} {TransactionId}, attempt {Attempt}, is tried again: {Code}.")]
    private partial void LogTriesAgain(string chaincode, string function, string transactionId, int attempt, string code);

    [LoggerMessage(2006, LogLevel.Warning, "The outcome of {TransactionId} is unknown after {Stage} ({Code}); it is looked up.")]
    private partial void LogUnknown(string transactionId, LedgerStage stage, string code);

    [LoggerMessage(2007, LogLevel.Warning, "{TransactionId} cannot be looked up now: {Code}.")]
    private partial void LogLookupFailed(string transactionId, string code);

    [LoggerMessage(2008, LogLevel.Warning, "{TransactionId} is committed, which the outcome store could not take down.")]
    private partial void LogNotRemembered(string transactionId, Exception error);

    [LoggerMessage(2013, LogLevel.Warning, "{TransactionId} has no effect, and the outcome store could not let go of its key.")]
    private partial void LogNotFreed(string transactionId, Exception error);
}
