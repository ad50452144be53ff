using System.Security.Cryptography;
using HealthShare.Node.Hosting;
using HealthShare.Vault.Content;
using HealthShare.Vault.Content.Cluster;
using HealthShare.Vault.Content.Kubo;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Content;

/// <summary>Makes the content store that the settings name.</summary>
internal static class ContentStoreFactory
{
    // Beside the embedded store's folder, not in it: one node may have had each of them.
    private const string MarksFolder = "content-unpinned";

    /// <exception cref="NodeStartException">A file that the settings name cannot be used; the message names the setting.</exception>
    public static IContentStore Create(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<ContentOptions>>().Value;
        var node = services.GetRequiredService<IOptions<NodeOptions>>().Value;
        var time = services.GetRequiredService<TimeProvider>();
        var layout = new ContentLayout(options.ChunkSize, options.MaxLinks);
        var marks = Path.Combine(node.DataFolder, MarksFolder);
        if (options.Provider is ContentProvider.Embedded)
        {
            var folder = options.Folder is { Length: > 0 } named ? named : Path.Combine(node.DataFolder, "content");
            return EmbeddedContentStore.Open(new() { Folder = folder, Layout = layout }, time);
        }
        try
        {
            var rpc = options.Kubo.ToOptions();
            var collects = options.Garbage.Enabled ?? false;
            return options.Provider is ContentProvider.Kubo
                ? KuboContentStore.Open(new() { Rpc = rpc, Folder = marks, Layout = layout, CollectsGarbage = collects }, time)
                : ClusterContentStore.Open(
                    new() { Rpc = rpc, Cluster = options.Cluster.ToOptions(node.MspId), Folder = marks, Layout = layout, CollectsGarbage = collects }, time);
        }
        catch (Exception e) when (e is FormatException or ArgumentException or IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new NodeStartException($"HealthShare:Content: {e.Message}", e);
        }
    }
}
