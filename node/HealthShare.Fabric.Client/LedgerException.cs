using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.Fabric.Client;

/// <summary>How far a ledger call had come.</summary>
public enum LedgerStage
{
    /// <summary>A query; it changes nothing.</summary>
    Evaluate,
    /// <summary>Endorsements were being collected; nothing is ordered yet.</summary>
    Endorse,
    /// <summary>The endorsed transaction was being handed to the ordering service.</summary>
    Submit,
    /// <summary>The transaction was handed over; its block was being waited for.</summary>
    CommitStatus,
    /// <summary>The transaction is in a block and was found invalid there.</summary>
    Commit,
    /// <summary>Blocks or events were being followed.</summary>
    Events,
}

/// <summary>What one peer or orderer said.</summary>
/// <param name="Address">Its address as the gateway knows it.</param>
/// <param name="MspId">MSP id of its organization.</param>
/// <param name="Message">Its own words.</param>
public sealed record PeerError(string Address, string MspId, string Message);

/// <summary>A ledger call failed; <see cref="Stage"/> says how far the transaction had come.</summary>
public sealed class LedgerException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="stage">How far the call had come.</param>
    /// <param name="transactionId">Id of the transaction; empty where there is none.</param>
    /// <param name="code">A stable code, see <see cref="Code"/>.</param>
    /// <param name="message">What happened.</param>
    /// <param name="inner">What the transport reported, if anything.</param>
    public LedgerException(LedgerStage stage, string transactionId, string code, string message, Exception? inner = null)
        : base(message, inner) => (Stage, TransactionId, Code) = (stage, transactionId, code);

    /// <summary>How far the call had come.</summary>
    public LedgerStage Stage { get; }

    /// <summary>Id of the transaction, to look it up with <see cref="GatewayClient.GetTransactionAsync"/>; empty for events.</summary>
    public string TransactionId { get; }

    /// <summary>
    /// Stable and never translated. The chaincode's own code where it refused (the part before the colon of
    /// <c>code: text</c>, such as <c>asset.not_found</c>, or <c>chaincode.error</c> where it gave none);
    /// <c>commit.</c> and the validation code in snake case, such as <c>commit.mvcc_read_conflict</c>; else one of
    /// <see cref="LedgerCodes"/>.
    /// </summary>
    public string Code { get; }

    /// <summary>The chaincode's own text without its code; null where the chaincode did not speak.</summary>
    public string? ChaincodeMessage { get; init; }

    /// <summary>Status that the chaincode returned, such as 500; null where it did not speak.</summary>
    public int? ChaincodeStatus { get; init; }

    /// <summary>The gRPC status that the gateway answered with; null where it is not the gateway that refused.</summary>
    public StatusCode? Status { get; init; }

    /// <summary>Why the transaction is invalid, where <see cref="Stage"/> is <see cref="LedgerStage.Commit"/>; else null.</summary>
    public TxValidationCode? ValidationCode { get; init; }

    /// <summary>What each peer or orderer said that the gateway asked.</summary>
    public IReadOnlyList<PeerError> PeerErrors { get; init; } = [];

    /// <summary>True when the orderer may hold the transaction: look it up before sending it again.</summary>
    public bool MayHaveCommitted => Stage is LedgerStage.CommitStatus || (Stage is LedgerStage.Submit && !IsRefusal);

    /// <summary>Whether it was refused before any orderer can have taken it.</summary>
    internal bool IsRefusal { get; init; }

    /// <summary>
    /// True when the same request, as a new transaction, may succeed, and nothing of this one can commit: a conflict at
    /// commit, a gateway out of reach or overloaded, peers that were not equally far. Repeat with a bound and a pause.
    /// </summary>
    public bool IsTransient => !MayHaveCommitted && (ValidationCode, Code) switch
    {
        (TxValidationCode.MvccReadConflict or TxValidationCode.PhantomReadConflict, _) => true,
        (_, LedgerCodes.Unavailable or LedgerCodes.Timeout or LedgerCodes.Busy or LedgerCodes.Mismatch
            or LedgerCodes.ChaincodeUnavailable) => true,
        _ => false,
    };
}

/// <summary>The codes of <see cref="LedgerException"/> that this client itself gives.</summary>
public static class LedgerCodes
{
    /// <summary>The gateway cannot be reached, or is shutting down.</summary>
    public const string Unavailable = "ledger.unavailable";
    /// <summary>No answer within the stage's time.</summary>
    public const string Timeout = "ledger.timeout";
    /// <summary>
    /// TLS with every gateway peer fails: a wrong root, server name or client certificate. The message names it; waiting does
    /// not help.
    /// </summary>
    public const string Tls = "ledger.tls";
    /// <summary>The certificate of the signer, of the TLS client or of the server has expired; the message names it.</summary>
    public const string CertificateExpired = "ledger.certificate_expired";
    /// <summary>The gateway has reached a limit, such as its concurrent requests.</summary>
    public const string Busy = "ledger.busy";
    /// <summary>The request or its answer is larger than this client, the gateway or a peer takes; waiting does not help.</summary>
    public const string TooLarge = "ledger.too_large";
    /// <summary>The gateway or the channel does not accept this identity or its signature.</summary>
    public const string Denied = "ledger.denied";
    /// <summary>No such channel, chaincode, or set of peers that could endorse.</summary>
    public const string NotReady = "ledger.not_ready";
    /// <summary>Endorsers answered differently, most often because one of them lags behind.</summary>
    public const string Mismatch = "ledger.endorsements_differ";
    /// <summary>A peer or orderer refused for another reason; <see cref="LedgerException.PeerErrors"/> says which.</summary>
    public const string Refused = "ledger.refused";
    /// <summary>The gateway's answer is not what was asked for, or not readable.</summary>
    public const string BadAnswer = "ledger.bad_answer";
    /// <summary>Whether the transaction committed could not be learned in time; its stage is <see cref="LedgerStage.CommitStatus"/>.</summary>
    public const string Unknown = "ledger.outcome_unknown";
    /// <summary>The idempotency key was used for another request before.</summary>
    public const string KeyReused = "ledger.key_reused";
    /// <summary>The chaincode itself cannot be reached by its peers, or did not answer them; nothing was ordered.</summary>
    public const string ChaincodeUnavailable = "ledger.chaincode_unavailable";
    /// <summary>The chaincode refused and gave no code of its own.</summary>
    public const string ChaincodeError = "chaincode.error";
}
