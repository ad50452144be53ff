using System.Data.Common;
using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.Node.ReadModel;

/// <summary>
/// A feature's own tables, kept from the blocks. Called once for every block, in order, within the transaction that moves the
/// checkpoint: both count or neither. Writes to the database only; what else a block sets off is for workers to find there.
/// </summary>
public interface IProjection
{
    /// <summary>Applies one block.</summary>
    /// <param name="block">What the block's valid transactions wrote.</param>
    /// <param name="transaction">The transaction; the copy holds the block's writes already.</param>
    /// <param name="ct">Stops the work.</param>
    Task ApplyAsync(BlockChanges block, DbTransaction transaction, CancellationToken ct);

    /// <summary>
    /// Called once after each start, before the first block: makes up for what the copy held before this version kept it in a table of its own.
    /// </summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="ct">Stops the work.</param>
    Task BeginAsync(DbTransaction transaction, CancellationToken ct) => Task.CompletedTask;
}

/// <summary>What a block's valid transactions wrote to the public state of the chaincode.</summary>
/// <param name="Block">Number of the block.</param>
/// <param name="SeenAt">When this node saw it, by its own clock.</param>
/// <param name="Writes">The writes in their order.</param>
public sealed record BlockChanges(ulong Block, DateTimeOffset SeenAt, IReadOnlyList<StateWrite> Writes)
{
    /// <summary>The block's header and what stands in it; null where only its writes matter.</summary>
    public BlockFacts? Facts { get; init; }
}

/// <summary>A block's header and its transactions, valid or not.</summary>
/// <param name="PreviousHash">Hash of the block before, as the header names it.</param>
/// <param name="DataHash">Hash of the transactions, as the header names it.</param>
/// <param name="HeaderHash">Hash of the header.</param>
/// <param name="Transactions">The transactions in their order.</param>
public sealed record BlockFacts(byte[] PreviousHash, byte[] DataHash, byte[] HeaderHash, IReadOnlyList<TransactionFacts> Transactions)
{
    /// <summary>The latest time that one of its valid transactions names, by the clock of whoever made it; null where none names one.</summary>
    public DateTimeOffset? NewestAt { get; init; }
}

/// <summary>A transaction of a block.</summary>
/// <param name="Position">Place in the block, from 0.</param>
/// <param name="Id">Its id; empty where it has none.</param>
/// <param name="Code">Its validation code.</param>
/// <param name="EnvelopeHash">SHA-256 of its envelope as the block holds it.</param>
public sealed record TransactionFacts(int Position, string Id, TxValidationCode Code, byte[] EnvelopeHash);

/// <summary>One public write.</summary>
/// <param name="Key">Key in the state.</param>
/// <param name="Kind">What it holds.</param>
/// <param name="Parts">The key's parts.</param>
/// <param name="Value">The new value, JSON; null where the key was deleted.</param>
/// <param name="TransactionId">The transaction.</param>
/// <param name="Creator">MSP id of the member that made the transaction.</param>
public sealed record StateWrite(
    string Key, LedgerKind Kind, IReadOnlyList<string> Parts, ReadOnlyMemory<byte>? Value, string TransactionId, string Creator);
