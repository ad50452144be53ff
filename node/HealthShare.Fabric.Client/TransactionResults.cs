using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.Fabric.Client;

/// <summary>A transaction that is endorsed, signed and not yet ordered. It may be held and submitted later.</summary>
/// <param name="TransactionId">Id of the transaction.</param>
/// <param name="Envelope">What is handed to the ordering service.</param>
/// <param name="Result">What the chaincode returned, not copied.</param>
public sealed record EndorsedTransaction(string TransactionId, Envelope Envelope, ReadOnlyMemory<byte> Result);

/// <summary>What became of an ordered transaction.</summary>
/// <param name="TransactionId">Id of the transaction.</param>
/// <param name="Code">Valid, or why not.</param>
/// <param name="BlockNumber">The block that holds it, valid or not.</param>
public sealed record CommitStatus(string TransactionId, TxValidationCode Code, ulong BlockNumber)
{
    /// <summary>Whether its writes were applied.</summary>
    public bool IsValid => Code is TxValidationCode.Valid;
}

/// <summary>A transaction that is committed and valid.</summary>
/// <param name="TransactionId">Id of the transaction.</param>
/// <param name="BlockNumber">The block that holds it.</param>
/// <param name="Result">What the chaincode returned, not copied.</param>
public sealed record TransactionResult(string TransactionId, ulong BlockNumber, ReadOnlyMemory<byte> Result);

/// <summary>A transaction as a peer's ledger holds it.</summary>
/// <param name="TransactionId">Id of the transaction.</param>
/// <param name="Code">Valid, or why not.</param>
/// <param name="Envelope">The transaction itself, with its submitter's signature.</param>
public sealed record LedgerTransaction(string TransactionId, TxValidationCode Code, Envelope Envelope)
{
    /// <summary>Reads what the chaincode returned, not copied.</summary>
    /// <exception cref="LedgerException">It is no chaincode's transaction, or not readable.</exception>
    public ReadOnlyMemory<byte> ReadResult() => PreparedTransaction.ReadResult(Envelope, TransactionId);
}

/// <summary>An event that a valid transaction set.</summary>
/// <param name="BlockNumber">Block of the transaction.</param>
/// <param name="TransactionId">Id of the transaction; a transaction has one event at most.</param>
/// <param name="Chaincode">Name of the chaincode.</param>
/// <param name="Name">Name of the event.</param>
/// <param name="Payload">What the chaincode put into it, not copied.</param>
public sealed record LedgerEvent(
    ulong BlockNumber, string TransactionId, string Chaincode, string Name, ReadOnlyMemory<byte> Payload);
