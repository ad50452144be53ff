using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Dapper;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Database;
using HealthShare.Node.Intake;
using HealthShare.Node.Keys;

namespace HealthShare.Node.Access.Emergencies;

/// <summary>Why this hospital broke the glass, and the salt that its declaration commits to together with the words.</summary>
/// <param name="Words">The words.</param>
/// <param name="Salt">16 bytes, base64url; null where it was not kept.</param>
internal sealed record EmergencyReasonKept(string Words, string? Salt);

/// <summary>
/// Why this hospital broke the glass, in words, with the salt: encrypted in the database, bound to the emergency and to the commitment of
/// its declaration. So whoever is shown them can hold them against the channel.
/// </summary>
internal sealed class EmergencyReasons(IDatabase database, NodeKeys keys, TimeProvider clock) : IDisposable
{
    /// <summary>Length of the salt in bytes.</summary>
    public const int SaltBytes = 16;

    private const string What = "emergency-reason";
    private readonly Lazy<PayloadCipher> cipher = new(() => new PayloadCipher(keys.Subkey(What)));

    /// <summary>What a declaration commits to: SHA-256 over the salt and the words in UTF-8.</summary>
    public static byte[] CommitmentOf(ReadOnlySpan<byte> salt, string words) => SHA256.HashData([.. salt, .. Encoding.UTF8.GetBytes(words)]);

    /// <summary>Keeps the words and the salt, before the channel hears of the emergency; for the same commitment they are the same.</summary>
    /// <param name="emergencyId">The emergency.</param>
    /// <param name="commitment">What the declaration commits to, base64url; it was held against salt and words.</param>
    /// <param name="salt">The salt.</param>
    /// <param name="words">The words.</param>
    /// <param name="ct">Stops the writing.</param>
    /// <returns>True where they were not kept before.</returns>
    public async Task<bool> KeepAsync(string emergencyId, string commitment, ReadOnlyMemory<byte> salt, string words, CancellationToken ct)
    {
        var kept = 0;
        await database.WriteAsync(async transaction => kept = await transaction.Connection!.ExecuteAsync(new CommandDefinition("""
            INSERT INTO emergency_words (emergency_id, commitment, words, kept_at) VALUES (@emergencyId, @commitment, @sealed, @at)
            ON CONFLICT (emergency_id, commitment) DO NOTHING
            """, new
        {
            emergencyId, commitment,
            @sealed = cipher.Value.Protect([.. salt.Span, .. Encoding.UTF8.GetBytes(words)], IdOf(emergencyId, commitment), What),
            at = clock.GetUtcNow().ToUnixTimeMilliseconds(),
        }, transaction, cancellationToken: ct)), ct);
        return kept == 1;
    }

    /// <summary>Forgets the words of a declaration that the channel refused: no emergency, no review and no end would ever come to them.</summary>
    /// <param name="emergency">The emergency that it declared; where this node's copy has it by now, the words stay.</param>
    /// <param name="commitment">What the declaration commits to, base64url.</param>
    /// <param name="ct">Stops the writing.</param>
    public Task ForgetAsync(EmergencyRef emergency, string commitment, CancellationToken ct) =>
        database.WriteAsync(transaction => transaction.Connection!.ExecuteAsync(new CommandDefinition("""
            DELETE FROM emergency_words WHERE emergency_id = @EmergencyId AND commitment = @commitment
            AND NOT EXISTS (SELECT 1 FROM replica WHERE key = @key)
            """, new { emergency.EmergencyId, commitment, key = Encoding.UTF8.GetBytes(LedgerKey.Emergency(emergency)) }, transaction, cancellationToken: ct)), ct);

    /// <summary>The words of a declaration; null where this node does not keep them.</summary>
    /// <param name="emergencyId">The emergency.</param>
    /// <param name="commitment">What its declaration on the channel commits to.</param>
    /// <param name="ct">Stops the reading.</param>
    /// <exception cref="CryptographicException">They were changed.</exception>
    public async Task<EmergencyReasonKept?> FindAsync(string emergencyId, string commitment, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        if (await RowAsync(commitment) is { } row)
        {
            var opened = cipher.Value.Unprotect(row, IdOf(emergencyId, commitment), What);
            return new EmergencyReasonKept(Encoding.UTF8.GetString(opened.AsSpan(SaltBytes)), Base64Url.EncodeToString(opened.AsSpan(0, SaltBytes)));
        }
        return await RowAsync("") is { } old
            ? new EmergencyReasonKept(Encoding.UTF8.GetString(cipher.Value.Unprotect(old, emergencyId, What)), null)
            : null;

        Task<byte[]?> RowAsync(string of) => connection.QuerySingleOrDefaultAsync<byte[]>(new CommandDefinition(
            "SELECT words FROM emergency_words WHERE emergency_id = @emergencyId AND commitment = @of", new { emergencyId, of }, cancellationToken: ct));
    }

    private static string IdOf(string emergencyId, string commitment) => $"{emergencyId} {commitment}";

    public void Dispose()
    {
        if (cipher.IsValueCreated)
            cipher.Value.Dispose();
    }
}
