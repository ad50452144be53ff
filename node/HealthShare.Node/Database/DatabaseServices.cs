using HealthShare.Node.Hosting;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Database;

internal static class DatabaseServices
{
    public static IServiceCollection AddNodeDatabase(this IServiceCollection services)
    {
        services.AddNodeOptions<DatabaseOptions, DatabaseOptionsValidator>("Database")
            .Validate(options => options is not { Provider: DatabaseProvider.Postgresql, ConnectionString: null or "" },
                "HealthShare:Database:ConnectionString is required for PostgreSQL.");
        services.AddSingleton<IDatabase>(Create);
        services.AddSingleton<Migrator>();
        // The first hosted service of all: nothing else runs before the schema stands.
        return services.AddHostedService<MigrateAtStart>().AddHostedService<PruningWorker>();
    }

    private static IDatabase Create(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<DatabaseOptions>>().Value;
        if (options.Provider is DatabaseProvider.Postgresql)
            return new PostgresDatabase(options.ConnectionString!);
        var folder = services.GetRequiredService<IOptions<NodeOptions>>().Value.DataFolder;
        return new SqliteDatabase(string.IsNullOrEmpty(options.ConnectionString)
            ? $"Data Source={Path.Combine(folder, "node.db")}"
            : options.ConnectionString);
    }

    private sealed class MigrateAtStart(Migrator migrator) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => migrator.ApplyAsync(cancellationToken);

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
