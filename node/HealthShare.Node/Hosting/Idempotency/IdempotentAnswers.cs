using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Dapper;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Auth;
using HealthShare.Node.Database;
using HealthShare.Node.Keys;
using HealthShare.Node.ReadModel;

namespace HealthShare.Node.Hosting.Idempotency;

/// <summary>An answer as it was given.</summary>
/// <param name="Status">Its status.</param>
/// <param name="ContentType">Type of its body; null without one.</param>
/// <param name="Location">Its header Location; null without one.</param>
/// <param name="Body">Its body.</param>
internal sealed record IdempotentAnswer(int Status, string? ContentType, string? Location, byte[] Body);

/// <summary>What came of taking a key.</summary>
/// <param name="Standing">What is known of it.</param>
/// <param name="Answer">The kept answer, where there is one.</param>
/// <param name="Holder">Where the key was taken: names this request, which alone may keep an answer under it or let it go.</param>
/// <param name="Seed">Where the key was taken: what the ids of all that the request makes come from, the same as long as the key is known.</param>
internal sealed record TakenKey(KeyStanding Standing, IdempotentAnswer? Answer = null, string? Holder = null, string? Seed = null);

/// <summary>What is known of a key.</summary>
internal enum KeyStanding
{
    /// <summary>Nothing: this request has the key now and is to be served.</summary>
    Taken,

    /// <summary>The same request is being served.</summary>
    Running,

    /// <summary>The same request was served.</summary>
    Answered,

    /// <summary>The same request was served, and its answer was too large to keep, or must not be kept.</summary>
    NotKept,

    /// <summary>Another request came with it.</summary>
    OtherRequest,

    /// <summary>The caller has as many keys as there may be.</summary>
    TooMany,
}

/// <summary>Keeps the answers of requests that came with a key, for a day, or until the patient whom the address names erases.</summary>
internal sealed class IdempotentAnswers(IDatabase database, NodeKeys keys, TimeProvider clock) : IPruned, IProjection
{
    /// <summary>Keys that a caller may use in a day.</summary>
    public const int MostKeys = 10_000;

    /// <summary>Largest body of an answer that is kept, in bytes.</summary>
    public const int MostBytes = 256 * 1024;

    private const int NonceSize = 12, TagSize = 16;
    private static readonly TimeSpan KeptFor = TimeSpan.FromHours(24);

    /// <summary>How long a request is served under its key at most.</summary>
    public static readonly TimeSpan LongestRun = TimeSpan.FromMinutes(2);

    /// <summary>How long this one serves a request; <see cref="LongestRun"/> at most.</summary>
    public TimeSpan Patience { get; init => field = value <= LongestRun ? value : throw new ArgumentOutOfRangeException(nameof(value)); } = LongestRun;

    /// <summary>From when on a key without an answer is nobody's: whoever served it is dead, or knew no outcome.</summary>
    public static readonly TimeSpan Abandoned = LongestRun + TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    public string Name => "kept answers";

    /// <summary>Under what a caller's keys are kept; tells nobody who it is.</summary>
    public string SpaceOf(Caller caller)
    {
        using var secret = keys.Subkey("idempotency-lookup");
        return Convert.ToBase64String(HMACSHA256.HashData(secret.Bytes, Encoding.UTF8.GetBytes(caller.Standing)));
    }

    /// <summary>A keyed hash for a request: what it names, such as a patient's number, cannot be guessed from it.</summary>
    public IncrementalHash NewDigest()
    {
        using var secret = keys.Subkey("idempotency-lookup");
        return IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, secret.Bytes);
    }

    /// <summary>Takes a key, or says what is known of it.</summary>
    /// <param name="caller">Whose key, see <see cref="SpaceOf"/>.</param>
    /// <param name="key">The key.</param>
    /// <param name="request">Digest of the request.</param>
    /// <param name="patientId">The patient whom the address names; null for none.</param>
    /// <param name="ct">Stops the taking.</param>
    public Task<TakenKey> TakeAsync(string caller, string key, byte[] request, string? patientId, CancellationToken ct) =>
        database.WriteAsync(async transaction =>
        {
            var (now, holder) = (clock.GetUtcNow(), Guid.NewGuid().ToString("n"));
            var values = new
            {
                caller, key, request, holder, patient = patientId is null ? null : HashOf(patientId), now = now.ToUnixTimeMilliseconds(),
                old = (now - KeptFor).ToUnixTimeMilliseconds(), late = (now - Abandoned).ToUnixTimeMilliseconds(),
            };
            await transaction.Connection!.ExecuteAsync(Command("DELETE FROM idempotent_answer WHERE caller = @caller AND key = @key AND created_at < @old"));
            var known = await transaction.Connection!.QuerySingleOrDefaultAsync<Row>(
                Command("SELECT request AS Request, answer AS Answer FROM idempotent_answer WHERE caller = @caller AND key = @key"));
            if (known is not null && !known.Request.AsSpan().SequenceEqual(request))
                return new TakenKey(KeyStanding.OtherRequest);
            if (known?.Answer is { } answer)
                return answer.Length == 0 ? new TakenKey(KeyStanding.NotKept) : new TakenKey(KeyStanding.Answered, Open(answer, caller, key));
            if (known is null && await transaction.Connection!.ExecuteScalarAsync<long>(
                Command("SELECT count(*) FROM idempotent_answer WHERE caller = @caller AND created_at >= @old")) >= MostKeys)
                return new TakenKey(KeyStanding.TooMany);
            // By age alone: several processes may serve one database, and none knows which of the others still lives.
            var seed = await transaction.Connection!.ExecuteScalarAsync<string?>(Command("""
                INSERT INTO idempotent_answer (caller, key, request, run, seed, patient, created_at)
                VALUES (@caller, @key, @request, @holder, @holder, @patient, @now)
                ON CONFLICT (caller, key) DO UPDATE SET run = excluded.run, created_at = excluded.created_at,
                    seed = CASE WHEN idempotent_answer.seed IS NULL THEN excluded.seed ELSE idempotent_answer.seed END
                WHERE idempotent_answer.answer IS NULL AND idempotent_answer.request = excluded.request AND idempotent_answer.created_at < @late
                RETURNING seed
                """));
            return seed is null ? new TakenKey(KeyStanding.Running) : new TakenKey(KeyStanding.Taken, Holder: holder, Seed: seed);

            CommandDefinition Command(string sql) => new(sql, values, transaction, cancellationToken: ct);
        }, ct);

    /// <summary>Keeps the answer, where the key is still this holder's; of one that is too large, or must not be kept (null), that there was one.</summary>
    public Task KeepAsync(string caller, string key, string holder, IdempotentAnswer? answer, CancellationToken ct) => database.WriteAsync(transaction =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "UPDATE idempotent_answer SET answer = @answer WHERE caller = @caller AND key = @key AND run = @holder",
            new { caller, key, holder, answer = answer?.Body.Length <= MostBytes ? Seal(answer, caller, key) : [] }, transaction, cancellationToken: ct)), ct);

    /// <summary>
    /// Lets the key go, where it is still this holder's: what it came with was refused or failed, and may be sent again. Where an earlier
    /// holder may have done it, the key stays known, with its seed, and the next one takes it at once.
    /// </summary>
    public Task LetGoAsync(string caller, string key, string holder, CancellationToken ct) => database.WriteAsync(async transaction =>
    {
        const string Own = "caller = @caller AND key = @key AND run = @holder AND answer IS NULL";
        var values = new { caller, key, holder, free = (clock.GetUtcNow() - Abandoned).ToUnixTimeMilliseconds() - 1 };
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            $"DELETE FROM idempotent_answer WHERE {Own} AND seed = run", values, transaction, cancellationToken: ct));
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            $"UPDATE idempotent_answer SET created_at = @free WHERE {Own}", values, transaction, cancellationToken: ct));
    }, ct);

    /// <inheritdoc/>
    public Task<int> PruneAsync(CancellationToken ct) => database.WriteAsync(transaction =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition("DELETE FROM idempotent_answer WHERE created_at < @old",
            new { old = (clock.GetUtcNow() - KeptFor).ToUnixTimeMilliseconds() }, transaction, cancellationToken: ct)), ct);

    /// <inheritdoc/>
    public async Task ApplyAsync(BlockChanges block, DbTransaction transaction, CancellationToken ct)
    {
        foreach (var write in block.Writes)
        {
            if (write is { Kind: LedgerKind.Patient, Value: { } value }
                && JsonSerializer.Deserialize(value.Span, LedgerJson.Default.PatientEntry) is { IsErased: true } patient)
            {
                await transaction.Connection!.ExecuteAsync(new CommandDefinition("DELETE FROM idempotent_answer WHERE patient = @patient",
                    new { patient = HashOf(patient.PatientId) }, transaction, cancellationToken: ct));
            }
        }
    }

    private byte[] HashOf(string patientId)
    {
        using var secret = keys.Subkey("idempotency-lookup");
        return HMACSHA256.HashData(secret.Bytes, Encoding.UTF8.GetBytes($"patient\n{patientId}"));
    }

    private byte[] Seal(IdempotentAnswer answer, string caller, string key)
    {
        var plain = JsonSerializer.SerializeToUtf8Bytes(answer, AnswerJson.Default.IdempotentAnswer);
        var sealedBytes = new byte[NonceSize + TagSize + plain.Length];
        RandomNumberGenerator.Fill(sealedBytes.AsSpan(0, NonceSize));
        using var secret = keys.Subkey("idempotency");
        using var cipher = new AesGcm(secret.Bytes, TagSize);
        cipher.Encrypt(sealedBytes.AsSpan(0, NonceSize), plain, sealedBytes.AsSpan(NonceSize + TagSize), sealedBytes.AsSpan(NonceSize, TagSize), NameOf(caller, key));
        return sealedBytes;
    }

    private IdempotentAnswer Open(byte[] bytes, string caller, string key)
    {
        var plain = new byte[bytes.Length - NonceSize - TagSize];
        using var secret = keys.Subkey("idempotency");
        using var cipher = new AesGcm(secret.Bytes, TagSize);
        cipher.Decrypt(bytes.AsSpan(0, NonceSize), bytes.AsSpan(NonceSize + TagSize), bytes.AsSpan(NonceSize, TagSize), plain, NameOf(caller, key));
        return JsonSerializer.Deserialize(plain, AnswerJson.Default.IdempotentAnswer)!;
    }

    private static byte[] NameOf(string caller, string key) => Encoding.UTF8.GetBytes($"{caller}\n{key}");

    private sealed record Row(byte[] Request, byte[]? Answer);
}

[JsonSerializable(typeof(IdempotentAnswer))]
internal sealed partial class AnswerJson : JsonSerializerContext;
