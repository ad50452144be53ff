using System.Data.Common;
using Dapper;
using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.Node.Database;
using HealthShare.Node.ReadModel;

namespace HealthShare.Node.Receipts;

/// <summary>A valid transaction's place in the channel, as this node's copy has it.</summary>
/// <param name="TransactionId">The transaction.</param>
/// <param name="Block">Number of its block.</param>
/// <param name="Position">Place in the block, from 0.</param>
/// <param name="EnvelopeHash">SHA-256 of its envelope.</param>
/// <param name="PreviousHash">From the block's header.</param>
/// <param name="DataHash">From the block's header.</param>
/// <param name="HeaderHash">Hash of the block's header.</param>
internal sealed record CommittedTransaction(
    string TransactionId, ulong Block, int Position, byte[] EnvelopeHash, byte[] PreviousHash, byte[] DataHash, byte[] HeaderHash);

/// <summary>The headers of the blocks, what stands in them, and which transaction brought each statement.</summary>
internal sealed class BlockIndex(IDatabase database) : IProjection
{
    public async Task ApplyAsync(BlockChanges block, DbTransaction transaction, CancellationToken ct)
    {
        if (block.Facts is not { } facts)
            return;
        var connection = transaction.Connection!;
        var number = (long)block.Block;
        await connection.ExecuteAsync(new CommandDefinition("""
            INSERT INTO block_header (number, previous_hash, data_hash, header_hash, newest_at)
            VALUES (@number, @PreviousHash, @DataHash, @HeaderHash, @newestAt)
            """, new { number, facts.PreviousHash, facts.DataHash, facts.HeaderHash, newestAt = facts.NewestAt?.ToUnixTimeMilliseconds() },
            transaction, cancellationToken: ct));
        await connection.ExecuteAsync(new CommandDefinition("""
            INSERT INTO block_transaction (block, position, transaction_id, code, envelope_hash) VALUES (@number, @Position, @Id, @code, @EnvelopeHash)
            """, facts.Transactions.Select(entry => new { number, entry.Position, entry.Id, code = (long)entry.Code, entry.EnvelopeHash }),
            transaction, cancellationToken: ct));
        await connection.ExecuteAsync(new CommandDefinition("""
            INSERT INTO receipt_source (patient_id, id, transaction_id) VALUES (@patientId, @id, @TransactionId) ON CONFLICT (patient_id, id) DO NOTHING
            """, block.Writes.Where(IsSource).Select(write => new { patientId = write.Parts[0], id = write.Parts[^1], write.TransactionId }),
            transaction, cancellationToken: ct));
        await connection.ExecuteAsync(new CommandDefinition("""
            INSERT INTO receipt_word (patient_id, id, word, transaction_id) VALUES (@patientId, @id, @word, @TransactionId)
            ON CONFLICT (patient_id, id, word) DO UPDATE SET transaction_id = excluded.transaction_id
            """, block.Writes.Select(write => (write, word: ReceiptWord.Of(write))).Where(entry => entry.word is not null)
                .Select(entry => new { patientId = entry.write.Parts[0], id = entry.write.Parts[^1], entry.word, entry.write.TransactionId }),
            transaction, cancellationToken: ct));
    }

    /// <summary>The valid transaction that brought a statement, an attestation or a signer; null where this copy knows of none.</summary>
    public Task<CommittedTransaction?> FindSourceAsync(string patientId, string id, CancellationToken ct) => FindAsync("""
        t.transaction_id = (SELECT transaction_id FROM receipt_source WHERE patient_id = @patientId AND id = @id)
        """, new { patientId, id, valid = (long)TxValidationCode.Valid }, ct);

    /// <summary>The valid transaction that brought what came later under an id; null where this copy knows of none.</summary>
    /// <param name="patientId">Patient.</param>
    /// <param name="id">The id.</param>
    /// <param name="word">One of <see cref="ReceiptWord"/>.</param>
    /// <param name="ct">Stops the reading.</param>
    public Task<CommittedTransaction?> FindWordAsync(string patientId, string id, string word, CancellationToken ct) => FindAsync("""
        t.transaction_id = (SELECT transaction_id FROM receipt_word WHERE patient_id = @patientId AND id = @id AND word = @word)
        """, new { patientId, id, word, valid = (long)TxValidationCode.Valid }, ct);

    /// <summary>A valid transaction; null where this copy knows of none.</summary>
    public Task<CommittedTransaction?> FindAsync(string transactionId, CancellationToken ct) => FindAsync(
        "t.transaction_id = @transactionId", new { transactionId, valid = (long)TxValidationCode.Valid }, ct);

    private async Task<CommittedTransaction?> FindAsync(string which, object values, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        var row = await connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition($"""
            SELECT t.transaction_id AS TransactionId, t.block, t.position, t.envelope_hash AS EnvelopeHash, h.previous_hash AS PreviousHash,
                h.data_hash AS DataHash, h.header_hash AS HeaderHash
            FROM block_transaction t JOIN block_header h ON h.number = t.block WHERE {which} AND t.code = @valid
            """, values, cancellationToken: ct));
        return row is null ? null : new CommittedTransaction(
            row.TransactionId, (ulong)row.Block, (int)row.Position, row.EnvelopeHash, row.PreviousHash, row.DataHash, row.HeaderHash);
    }

    private static bool IsSource(StateWrite write) => write is
    {
        Value: not null, Kind: LedgerKind.Statement or LedgerKind.EndedStatement or LedgerKind.Attestation or LedgerKind.VouchedSigner,
    };

    private sealed record Row(
        string TransactionId, long Block, long Position, byte[] EnvelopeHash, byte[] PreviousHash, byte[] DataHash, byte[] HeaderHash);
}
