using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Client;
using HealthShare.Node.ReadModel;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Consents;

/// <summary>What a signed revocation ends, as it stands on the channel.</summary>
/// <param name="Code">What the contract answers where it was revoked before.</param>
/// <param name="Key">Its key in the state, which the revocation was the last to write.</param>
/// <param name="IsTakenAsync">True where it was revoked as the patient wanted it, false where it ended otherwise; null where it stands.</param>
internal sealed record RevocationTarget<T>(string Code, string Key, Func<T, CancellationToken, Task<bool?>> IsTakenAsync);

/// <summary>
/// Brings a signed revocation to the channel, by the way of <see cref="RevocationRelay"/>. A patient who signs it again, since the page was
/// closed or the answer got lost, is answered with the first one: it is done, and nothing is to be done about it.
/// </summary>
internal sealed class RepeatedRevocations(RevocationRelay relay, Replica replica, IReadModel readModel, IOptions<ConsentsOptions> options)
{
    /// <summary>What the answers mean, for the descriptions of endpoints; goes on from <see cref="RevocationRelay.Description"/>.</summary>
    public const string Description = " What the patient revoked before is answered in the same way, with the first revocation.";

    /// <summary>Submits it and waits for two members' commits; of what was revoked before, for those of the first revocation.</summary>
    /// <param name="transaction"><c>Contract:Transaction</c>.</param>
    /// <param name="signed">The revocation.</param>
    /// <param name="type">JSON form of what it ends.</param>
    /// <param name="target">What it ends.</param>
    /// <param name="ct">Stops the wait, and nothing else.</param>
    /// <exception cref="LedgerException">The ledger refuses, or nobody could be reached.</exception>
    public async Task<Withheld<T>> SubmitAsync<T>(
        string transaction, SignedStatement signed, JsonTypeInfo<T> type, RevocationTarget<T> target, CancellationToken ct)
        where T : class
    {
        try
        {
            return await relay.SubmitAsync(transaction, signed, type, ct);
        }
        // The contract has verified the signature before it says so. A delegate is told no more: what the patient took back may be none of theirs.
        catch (LedgerException e) when (e.ChaincodeStatus is not null && e.Code == target.Code
            && SignedStatementReader.Read(signed).Signer.Delegate is null)
        {
            if (await FindAsync(type, target, ct) is not var (first, transactionId))
                throw;
            return await relay.TakenAsync(first, transactionId, ct);
        }
    }

    // The endorser may be some blocks ahead of this copy, as where two revocations come at once.
    private async Task<(T Entry, string TransactionId)?> FindAsync<T>(JsonTypeInfo<T> type, RevocationTarget<T> target, CancellationToken ct)
        where T : class
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(options.Value.RevocationPatience);
        while (true)
        {
            var next = readModel.Height;
            if (await replica.FindAsync(target.Key, ct) is { } found && JsonSerializer.Deserialize(found.Value, type) is { } entry
                && await target.IsTakenAsync(entry, ct) is { } isTaken)
                return isTaken ? (entry, found.TransactionId) : null;
            try
            {
                await readModel.WaitForAsync(next, patience.Token);
            }
            catch (Exception e) when (e is InvalidOperationException || (e is OperationCanceledException && !ct.IsCancellationRequested))
            {
                return null; // the copy has stopped, or comes no further: the contract's answer holds
            }
        }
    }
}
