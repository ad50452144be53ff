using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace HealthShare.Fabric.Client;

/// <summary>
/// Remembers transactions in a folder, one file each, so that a restarted program finds what it had sent. A file is complete
/// and on the disk before the transaction is handed over. Files of open transactions hold the arguments: only their owner may read
/// them, and a copy of the folder needs the protection of the data.
/// </summary>
public sealed class FileOutcomeStore : IOutcomeStore
{
    private const string Open = ".open";
    private const string Done = ".done";
    private readonly string folder;

    /// <summary>Opens the store, making the folder where it is absent, for its owner alone.</summary>
    /// <param name="folder">The folder; of this store alone.</param>
    /// <exception cref="IOException">The folder cannot be made.</exception>
    public FileOutcomeStore(string folder) => this.folder = (OperatingSystem.IsWindows()
        ? Directory.CreateDirectory(folder)
        : Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute)).FullName;

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">The file of this key is not one that this store wrote.</exception>
    public async Task<SentTransaction?> FindAsync(string key, CancellationToken ct)
    {
        foreach (var kind in (string[])[Done, Open])
        {
            var path = PathOf(key, kind);
            try
            {
                await using var file = File.OpenRead(path);
                var stored = await JsonSerializer.DeserializeAsync(file, OutcomeJson.Default.StoredOutcome, ct);
                return stored is { Key: { } of, TransactionId.Length: > 0, Fingerprint: not null, Envelope: not null } && of == key
                    ? new SentTransaction(key, stored.TransactionId, stored.Fingerprint, stored.Envelope)
                    : throw new InvalidDataException($"'{path}' is not the outcome expected there.");
            }
            catch (FileNotFoundException)
            {
                // Of the other kind, or nothing is known.
            }
            catch (JsonException e)
            {
                throw new InvalidDataException($"'{path}' is not the outcome expected there.", e);
            }
        }
        return null;
    }

    /// <inheritdoc/>
    /// <exception cref="IOException">The disk does not take it.</exception>
    public Task SaveAsync(SentTransaction transaction, CancellationToken ct)
    {
        var stored = new StoredOutcome(
            transaction.Key, transaction.TransactionId, transaction.Fingerprint.ToArray(), transaction.Envelope.ToArray());
        DurableFile.Write(
            PathOf(transaction.Key, transaction.IsCommitted ? Done : Open),
            JsonSerializer.SerializeToUtf8Bytes(stored, OutcomeJson.Default.StoredOutcome));
        if (transaction.IsCommitted)
        {
            File.Delete(PathOf(transaction.Key, Open));
        }
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    /// <exception cref="IOException">The file cannot be deleted.</exception>
    public Task RemoveAsync(string key, CancellationToken ct)
    {
        File.Delete(PathOf(key, Done));
        File.Delete(PathOf(key, Open));
        return Task.CompletedTask;
    }

    /// <summary>Forgets committed transactions; those still open stay.</summary>
    /// <param name="before">Those remembered before this time are forgotten.</param>
    /// <returns>How many.</returns>
    /// <exception cref="IOException">A file cannot be deleted.</exception>
    public int Prune(DateTimeOffset before)
    {
        var old = Directory.EnumerateFiles(folder, "*" + Done).Where(path => File.GetLastWriteTimeUtc(path) < before.UtcDateTime).ToList();
        old.ForEach(File.Delete);
        return old.Count;
    }

    // A key may hold any character and be long; its hash is a file name everywhere.
    private string PathOf(string key, string kind) =>
        Path.Combine(folder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key))) + kind);
}

internal sealed record StoredOutcome(string? Key, string? TransactionId, byte[]? Fingerprint, byte[]? Envelope);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(StoredOutcome))]
internal sealed partial class OutcomeJson : JsonSerializerContext;
