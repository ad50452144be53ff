namespace HealthShare.Fabric.Client;

/// <summary>
/// Remembers which transaction was sent under an idempotency key, so that it is found again before anything else is sent under
/// that key: after a failure, and with a durable store after a restart, too. One store serves one identity on one
/// channel, also over the renewal of its certificate (<see cref="GatewayClient.Renew"/>, or a new client with the renewed one).
/// What the earlier one signed and nobody has ordered by then is refused by the orderers once that has expired, and stays open
/// until <see cref="GatewayClient.ForgetAsync"/>.
/// </summary>
public interface IOutcomeStore
{
    /// <summary>The transaction sent last under a key; null where there is none to remember.</summary>
    Task<SentTransaction?> FindAsync(string key, CancellationToken ct);

    /// <summary>
    /// Remembers a transaction in place of an earlier one of the same key. It is handed to the ordering service only after this
    /// has returned: a durable store must hold it by then.
    /// </summary>
    /// <exception cref="IOException">It cannot be remembered; nothing is sent.</exception>
    Task SaveAsync(SentTransaction transaction, CancellationToken ct);

    /// <summary>Forgets a key whose transaction is certain not to commit. Nothing happens where the key is not known.</summary>
    Task RemoveAsync(string key, CancellationToken ct);
}

/// <summary>A transaction that was, or was about to be, handed to the ordering service under an idempotency key.</summary>
/// <param name="Key">The caller's key.</param>
/// <param name="TransactionId">Id of the transaction.</param>
/// <param name="Fingerprint">SHA-256 of chaincode, function and arguments, to notice a key used for something else.</param>
/// <param name="Envelope">
/// The signed transaction, to hand over again where nobody knows it; empty once it is committed. It holds the arguments and no
/// transient data.
/// </param>
public sealed record SentTransaction(
    string Key, string TransactionId, ReadOnlyMemory<byte> Fingerprint, ReadOnlyMemory<byte> Envelope)
{
    /// <summary>Whether it is known to be committed and valid.</summary>
    public bool IsCommitted => Envelope.IsEmpty;
}
