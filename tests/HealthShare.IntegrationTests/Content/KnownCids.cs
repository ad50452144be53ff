using HealthShare.Vault.Content;

namespace HealthShare.IntegrationTests.Content;

/// <summary>The CID of each key's content, from a store that nobody kills.</summary>
internal static class KnownCids
{
    private static readonly Cid[] All = Compute();

    public static Cid Of(int key) => All[key];

    private static Cid[] Compute()
    {
        var folder = Directory.CreateTempSubdirectory("healthshare-cids-").FullName;
        try
        {
            using var store = EmbeddedContentStore.Open(new() { Folder = folder, Layout = StoreWriter.Layout, SyncToDisk = false });
            return [.. Enumerable.Range(0, StoreWriter.Keys).Select(
                key => store.PutAsync(new MemoryStream(StoreWriter.ContentOf(key)), CancellationToken.None).GetAwaiter().GetResult().Cid)];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
