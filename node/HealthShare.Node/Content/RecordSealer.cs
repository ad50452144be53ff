using HealthShare.Node.Content.Parts;
using HealthShare.Vault.Content;
using HealthShare.Vault.Keys;
using HealthShare.Vault.Records;

namespace HealthShare.Node.Content;

/// <summary>A plaintext that becomes a record.</summary>
/// <param name="Context">Channel and record id that the ciphertext is bound to.</param>
/// <param name="Plaintext">The exact bytes received.</param>
public sealed record RecordToSeal(RecordContext Context, ReadOnlyMemory<byte> Plaintext)
{
    /// <summary>What was cut out of the record's content, to be sealed with it; the content tells where it belongs. Empty for most.</summary>
    internal IReadOnlyList<PartToSeal> Parts { get; init; } = [];

    /// <summary>Names the record only.</summary>
    public override string ToString() => Context.RecordId;
}

/// <summary>A part of a record's content.</summary>
/// <param name="RecordId">The part's own id.</param>
/// <param name="Plaintext">Its bytes.</param>
internal sealed record PartToSeal(string RecordId, ReadOnlyMemory<byte> Plaintext)
{
    /// <summary>Names the record only.</summary>
    public override string ToString() => RecordId;
}

/// <summary>Turns plaintexts into stored, pinned ciphertexts whose keys are kept. What it returns survives a power failure.</summary>
public sealed class RecordSealer(IContentStore store, SealedRecords records)
{
    // Stores wait for the disk most of the time; those at once share the wait.
    private const int Parallel = 16;

    /// <summary>Seals one record.</summary>
    /// <inheritdoc cref="SealAsync(IReadOnlyList{RecordToSeal}, CancellationToken)"/>
    public async Task<SealedRecord> SealAsync(RecordToSeal record, CancellationToken ct) => (await SealAsync([record], ct))[0];

    /// <summary>Seals records: one commit for all their keys.</summary>
    /// <remarks>
    /// A record id that was sealed before gives what it gave then, so a retry after a crash changes nothing; record ids must
    /// therefore follow from the content.
    /// </remarks>
    /// <returns>What to register, in the order given.</returns>
    /// <exception cref="IOException">The store could not write; records not returned may be sealed again.</exception>
    public async Task<IReadOnlyList<SealedRecord>> SealAsync(IReadOnlyList<RecordToSeal> batch, CancellationToken ct)
    {
        SealedRecord?[] done = [.. await records.FindAsync([.. batch.Select(record => record.Context.RecordId)], ct)];
        var fresh = new FreshlySealed?[batch.Count];
        try
        {
            await System.Threading.Tasks.Parallel.ForAsync(0, batch.Count,
                new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = ct }, async (i, token) =>
                {
                    if (done[i] is null)
                        fresh[i] = await StoreAsync(batch[i], token);
                });
            await RememberAsync(done, fresh, ct);
            return done!;
        }
        finally
        {
            foreach (var one in fresh)
                one?.Key.Dispose();
        }
    }

    private async Task<FreshlySealed> StoreAsync(RecordToSeal record, CancellationToken ct)
    {
        var key = SecretKey.Create();
        try
        {
            var parts = new List<(SealedRecord, byte[])>(record.Parts.Count);
            foreach (var part in record.Parts)
            {
                using var partKey = RecordParts.KeyOf(key, part.RecordId);
                var partSalt = RecordParts.SaltOf(key, part.RecordId);
                parts.Add((await StoreAsync(record.Context with { RecordId = part.RecordId }, part.Plaintext, partKey, partSalt, ct), partSalt));
            }
            var salt = RecordKeyCommitment.CreateSalt();
            return new(await StoreAsync(record.Context, record.Plaintext, key, salt, ct), key, salt) { Parts = parts };
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    private async Task<SealedRecord> StoreAsync(RecordContext context, ReadOnlyMemory<byte> plaintext, SecretKey key, byte[] salt, CancellationToken ct)
    {
        await using var sealing = new RecordSealStream(plaintext, key.Bytes, context.ToBytes());
        var stored = await store.PutAsync(sealing, ct);
        return new(context.RecordId, stored.Cid, stored.Size, RecordKeyCommitment.Compute(salt, key.Bytes));
    }

    private async Task RememberAsync(SealedRecord?[] done, FreshlySealed?[] fresh, CancellationToken ct)
    {
        var at = Enumerable.Range(0, fresh.Length).Where(i => fresh[i] is not null).ToList();
        if (at.Count == 0)
            return;
        var remembered = await records.RememberAsync([.. at.Select(i => fresh[i]!)], ct);
        for (var i = 0; i < at.Count; i++)
        {
            done[at[i]] = remembered[i];
            // Someone else sealed the same record meanwhile: theirs counts, ours is garbage.
            if (remembered[i].Cid.Equals(fresh[at[i]]!.Record.Cid))
                continue;
            foreach (var (part, _) in fresh[at[i]]!.Parts)
                await store.UnpinAsync(part.Cid, ct);
            await store.UnpinAsync(fresh[at[i]]!.Record.Cid, ct);
        }
    }
}
