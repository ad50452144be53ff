using System.Security.Cryptography;
using System.Text;
using Dapper;
using HealthShare.Node.Database;
using HealthShare.Node.Intake;
using HealthShare.Node.Keys;

namespace HealthShare.Node.Access.Emergencies;

/// <summary>Why this hospital broke the glass, in words: encrypted in the database, each bound to its emergency.</summary>
internal sealed class EmergencyReasons(IDatabase database, NodeKeys keys, TimeProvider clock) : IDisposable
{
    private const string What = "emergency-reason";
    private readonly Lazy<PayloadCipher> cipher = new(() => new PayloadCipher(keys.Subkey(What)));

    /// <summary>What a declaration commits to: SHA-256 over the salt and the words in UTF-8.</summary>
    public static byte[] CommitmentOf(ReadOnlySpan<byte> salt, string words) => SHA256.HashData([.. salt, .. Encoding.UTF8.GetBytes(words)]);

    /// <summary>Keeps the words; those that are there already stay.</summary>
    public Task KeepAsync(string emergencyId, string words, CancellationToken ct) => database.WriteAsync(transaction =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition("""
            INSERT INTO emergency_reason (emergency_id, words, kept_at) VALUES (@emergencyId, @sealed, @at) ON CONFLICT (emergency_id) DO NOTHING
            """, new
        {
            emergencyId, @sealed = cipher.Value.Protect(Encoding.UTF8.GetBytes(words), emergencyId, What),
            at = clock.GetUtcNow().ToUnixTimeMilliseconds(),
        }, transaction, cancellationToken: ct)), ct);

    /// <summary>The words; null where this node does not keep them.</summary>
    /// <exception cref="CryptographicException">They were changed.</exception>
    public async Task<string?> FindAsync(string emergencyId, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        var words = await connection.QuerySingleOrDefaultAsync<byte[]>(new CommandDefinition(
            "SELECT words FROM emergency_reason WHERE emergency_id = @emergencyId", new { emergencyId }, cancellationToken: ct));
        return words is null ? null : Encoding.UTF8.GetString(cipher.Value.Unprotect(words, emergencyId, What));
    }

    public void Dispose()
    {
        if (cipher.IsValueCreated)
            cipher.Value.Dispose();
    }
}
