using System.Data.Common;
using System.Security.Cryptography;
using HealthShare.Fabric.Client;
using HealthShare.Node.Database;
using HealthShare.Node.Intake.Classification;
using HealthShare.Node.Intake.Identity;
using HealthShare.Node.Intake.Journal;
using HealthShare.Node.Intake.Receiving;
using HealthShare.Node.Patients;
using HealthShare.Node.Patients.Erasures;
using HealthShare.Vault;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Intake.Pipeline;

/// <summary>
/// What becomes of messages whose step failed: what may go well later waits, with growing pauses; what can never succeed goes to quarantine;
/// what nobody foresaw is tried a few times and then goes there too, so that no message can stop the others.
/// </summary>
internal sealed partial class StageFailures(
    IntakeTable table, IDatabase database, IntakeMetrics metrics, IOptions<IntakeOptions> options, TimeProvider clock, ILogger<StageFailures> logger)
{
    /// <summary>Why a message is put aside whose patient erased what is shared.</summary>
    public const string Erased = "patient.erased";

    /// <summary>Why a message is put aside whose record id has another content on the ledger.</summary>
    public const string IdTaken = "record.id_taken";

    /// <summary>Why a message waits whose record id is on the ledger, and this node's copy does not have the record yet: it may be the message's own.</summary>
    public const string NotSeenYet = "readmodel.behind";

    private const int MostUnforeseen = 3;

    /// <summary>True when the failure may be one message's own, so that the others of its batch deserve a try without it.</summary>
    public static bool IsAboutContent(Exception e) => e is LedgerException { ChaincodeMessage: not null } || IsFinal(e) || IsUnforeseen(e);

    /// <summary>True for what is no message's failure: the node stops, or its database is away and nothing can be noted.</summary>
    public static bool EndsTurn(Exception e, CancellationToken ct) => e is DbException || (e is OperationCanceledException && ct.IsCancellationRequested);

    /// <summary>Puts messages off, or aside.</summary>
    /// <returns>What the stage's turn came to by this.</returns>
    /// <exception cref="DbException">The database is away.</exception>
    public async Task<Turn> HandleAsync(IReadOnlyCollection<IntakeMessage> messages, Exception failure, CancellationToken ct)
    {
        var code = CodeOf(failure);
        if (messages.Count > 1 && (IsFinal(failure) || IsUnforeseen(failure)))
        {
            // What ends the way of one of them ends that of each, as each has its own number of tries.
            foreach (var message in messages)
                await HandleAsync([message], failure, ct);
            return Turn.Moved;
        }
        if (messages.Count == 1)
        {
            var single = messages.First();
            if (IsFinal(failure))
                return await QuarantineAsync(single, code, ReasonOf(failure, code), failure is MalformedMessageException, ct);
            if (IsUnforeseen(failure) && single.Attempts + 1 >= MostUnforeseen)
            {
                LogFault(single.Id, failure.GetType().Name, failure.StackTrace);
                return await QuarantineAsync(single, code, $"This program failed on the message with {failure.GetType().Name}: please report it.", false, ct);
            }
        }
        await PutOffAsync(messages, code, ct);
        return IsAboutContent(failure) ? Turn.Moved : Turn.Held;
    }

    /// <summary>Puts messages off, for longer the more often they were.</summary>
    /// <exception cref="DbException">The database is away.</exception>
    public async Task PutOffAsync(IReadOnlyCollection<IntakeMessage> messages, string code, CancellationToken ct)
    {
        var pause = PauseAfter((int)Math.Min(messages.Max(message => message.Attempts), 20));
        LogPostponed(messages.Count, code, pause);
        await table.PostponeAsync(messages, code, clock.GetUtcNow() + pause, ct);
        metrics.Postponed(code, messages.Count);
    }

    /// <summary>
    /// Puts a message off whose record is on the ledger already, and what could not be noted of it is a fault of this program: it is tried again for ever, since
    /// in quarantine it would pass for one without a record. Its patient's later messages go on meanwhile.
    /// </summary>
    /// <exception cref="DbException">The database is away.</exception>
    public async Task<Turn> HoldAsync(IntakeMessage message, Exception fault, CancellationToken ct)
    {
        LogNotNoted(message.Id, fault.GetType().Name, fault.StackTrace);
        var code = CodeOf(fault);
        await table.PostponeNoteAsync(message, code, clock.GetUtcNow() + PauseAfter((int)Math.Min(message.Attempts, 20)), ct);
        metrics.Postponed(code, 1);
        return Turn.Held;
    }

    // Whole, for the hospital's staff.
    private async Task<Turn> QuarantineAsync(IntakeMessage message, string code, string reason, bool isForDoor, CancellationToken ct)
    {
        await database.WriteAsync(async transaction =>
        {
            await table.QuarantinedAsync(transaction, message, code, reason, ct, isForDoor && message.PatientId is null);
            // It may be sealed by now, and its record will never be: the erasure takes key and content with its next turn.
            if (code == Erased && message.PatientId is { } patientId)
                await ErasureTasks.AgainAsync(transaction, patientId, ct);
        }, ct);
        metrics.Moved(IntakeState.Quarantined, 1);
        LogQuarantined(message.Id, code);
        return Turn.Moved;
    }

    /// <summary>How long to wait after so many failures in a row.</summary>
    public TimeSpan PauseAfter(int attempts)
    {
        var pause = options.Value.FirstRetryDelay * Math.Pow(2, Math.Min(attempts, 20));
        return pause < options.Value.LongestRetryDelay ? pause : options.Value.LongestRetryDelay;
    }

    // Final is only what no time can heal. A patient not known yet may be a peer that lags behind; a member not known, a network
    // that is still being set up: such messages wait, and their state says for what.
    private static bool IsFinal(Exception e) => e switch
    {
        LedgerException ledger => ledger is { ChaincodeMessage: not null, Code: "arguments.invalid" or IdTaken or Erased },
        VaultException or CryptographicException or PatientConflictException or PatientErasedException or NumberRetiredException or IdentityException or ClassificationException or MalformedMessageException => true,
        _ => false,
    };

    private static bool IsUnforeseen(Exception e) => !IsFinal(e) && e is not (LedgerException or IOException or DbException or OperationCanceledException);

    private static string CodeOf(Exception e) => e switch
    {
        LedgerException ledger => ledger.Code,
        VaultException vault => vault.Code,
        CryptographicException => "journal.not_authentic",
        PatientConflictException => "patient.conflict",
        PatientErasedException => Erased,
        NumberRetiredException => "patient.number_replaced",
        IdentityException identity => identity.Code,
        ClassificationException => "message.not_classified",
        MalformedMessageException malformed => malformed.Code,
        IOException => "content.unavailable",
        OperationCanceledException => "intake.timeout",
        _ => "intake.fault",
    };

    // Of the other kinds the words may come from a library, and may hold content.
    private static string ReasonOf(Exception e, string code) => e is PatientConflictException or PatientErasedException or NumberRetiredException or IdentityException or ClassificationException or MalformedMessageException
        ? e.Message
        : $"The message's record cannot be made: {code}.";

    [LoggerMessage(4132, LogLevel.Warning, "{Count} messages wait {Pause} before their next attempt: {Code}.")]
    private partial void LogPostponed(int count, string code, TimeSpan pause);

    [LoggerMessage(4133, LogLevel.Error, "Message {Id} is in quarantine: {Code}.")]
    private partial void LogQuarantined(string id, string code);

    [LoggerMessage(4136, LogLevel.Critical, "A fault of this program, brought out by message {Id}: {Kind}\n{Stack}")]
    private partial void LogFault(string id, string kind, string? stack);

    [LoggerMessage(4138, LogLevel.Critical, "The ledger has the record of message {Id}, and a fault of this program keeps it from being noted; it is tried again. {Kind}\n{Stack}")]
    private partial void LogNotNoted(string id, string kind, string? stack);
}
