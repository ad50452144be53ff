using HealthShare.Node.Content.Keeping;
using HealthShare.Node.Database;
using HealthShare.Node.Hosting;
using HealthShare.Node.Keys;
using HealthShare.Vault.Content;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Content;

internal static class ContentServices
{
    public static IServiceCollection AddNodeContent(this IServiceCollection services)
    {
        services.AddNodeOptions<ContentOptions, ContentOptionsValidator>("Content")
            .ValidateReplicas();
        services.AddSingleton<IContentStore>(OpenEmbedded);
        services.AddSingleton(provider => new SealedRecords(provider.GetRequiredService<NodeKeys>(),
            provider.GetRequiredService<IDatabase>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<RecordSealer>();
        services.AddSingleton<RecordReader>();
        services.AddHostedService<OpenAtStart>();
        return services.AddHostedService<GarbageWorker>();
    }

    private static EmbeddedContentStore OpenEmbedded(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<ContentOptions>>().Value;
        var folder = options.Folder is { Length: > 0 } named
            ? named
            : Path.Combine(services.GetRequiredService<IOptions<NodeOptions>>().Value.DataFolder, "content");
        return EmbeddedContentStore.Open(new() { Folder = folder, Layout = new(options.ChunkSize, options.MaxLinks) },
            services.GetRequiredService<TimeProvider>());
    }

    // A store that cannot be opened stops the start, rather than the first message.
    private sealed class OpenAtStart(IContentStore store) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            ArgumentNullException.ThrowIfNull(store);
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
