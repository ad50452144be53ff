using System.Security.Cryptography;
using HealthShare.Vault.Content;
using HealthShare.Vault.Keys;
using HealthShare.Vault.Records;

namespace HealthShare.Benchmarks.Vault;

/// <summary>Sealing and storing a long record, against the least that any such store must do to its bytes.</summary>
internal sealed class VaultStoreBenchmark : IBenchmark
{
    private const int Size = 100_000_000;
    private const int Rounds = 7;

    public string Name => "vault-store";

    public string Summary => "100 MB sealed and stored (no fsync), against one SHA-256 and one AES-256-GCM pass; one core";

    public async Task<IReadOnlyList<Measure>> RunAsync(BenchmarkSettings settings, TextWriter progress, CancellationToken ct)
    {
        Measurement.UseOneCore();
        var plaintext = RandomNumberGenerator.GetBytes(Size);
        var folder = Directory.CreateTempSubdirectory("healthshare-benchmark-").FullName;
        try
        {
            using var store = EmbeddedContentStore.Open(new() { Folder = folder, SyncToDisk = false });
            var ciphertext = new byte[Size];
            Cid? stored = null;
            var (ours, peer) = await Measurement.ByTurnsAsync(async () => stored = await StoreAsync(store, plaintext, ct),
                () => HashAndEncrypt(plaintext, ciphertext), settings.Rounds ?? Rounds, () => RemoveAsync(store, stored!, ct), progress, ct);
            return [new("sealed and stored", "MB/s", Size / 1e6 / ours, Size / 1e6 / peer)];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<Cid> StoreAsync(EmbeddedContentStore store, byte[] plaintext, CancellationToken ct)
    {
        using var key = SecretKey.Create();
        await using var sealing = new RecordSealStream(plaintext.AsMemory(), key.Bytes, new RecordContext("health", "rc-1").ToBytes());
        return (await store.PutAsync(sealing, ct)).Cid;
    }

    private static async Task RemoveAsync(EmbeddedContentStore store, Cid cid, CancellationToken ct)
    {
        await store.UnpinAsync(cid, ct);
        await store.CollectGarbageAsync(TimeSpan.Zero, ct);
    }

    private static Task HashAndEncrypt(byte[] plaintext, byte[] ciphertext)
    {
        using var aes = new AesGcm(RandomNumberGenerator.GetBytes(32), 16);
        aes.Encrypt(new byte[12], plaintext, ciphertext, new byte[16]);
        _ = SHA256.HashData(ciphertext);
        return Task.CompletedTask;
    }
}
