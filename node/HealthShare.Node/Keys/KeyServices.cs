using HealthShare.Node.Database;
using HealthShare.Node.Hosting;

namespace HealthShare.Node.Keys;

internal static class KeyServices
{
    /// <summary>Register it right after the database: whatever starts later finds the keys open.</summary>
    public static IServiceCollection AddNodeKeys(this IServiceCollection services)
    {
        services.AddNodeOptions<KeysOptions, KeysOptionsValidator>("Keys");
        services.AddSingleton<MasterKeySource>();
        services.AddSingleton(provider => new NodeKeys(provider.GetRequiredService<MasterKeySource>(),
            provider.GetRequiredService<IDatabase>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<NodeKeys>>()));
        services.AddSingleton(provider => new LabelKeys(provider.GetRequiredService<NodeKeys>(), provider.GetRequiredService<IDatabase>()));
        services.AddSingleton(provider => new ReceivedKeys(provider.GetRequiredService<NodeKeys>(),
            provider.GetRequiredService<IDatabase>(), provider.GetRequiredService<TimeProvider>()));
        services.AddHostedService(provider => provider.GetRequiredService<NodeKeys>());
        return services.AddHostedService<ExpiredKeySweeper>();
    }
}
