using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Audit;
using HealthShare.Node.Hosting;

namespace HealthShare.Node.ReadModel;

internal static class ReadModelServices
{
    public static IServiceCollection AddReadModel(this IServiceCollection services)
    {
        services.AddNodeOptions<ReadModelOptions, ReadModelOptionsValidator>("ReadModel");
        services.AddSingleton<ReadModelState>();
        services.AddSingleton<IReadModel>(provider => provider.GetRequiredService<ReadModelState>());
        services.AddSingleton<Replica>();
        services.AddSingleton<ReplicaCache>();
        services.AddSingleton<ILedgerState>(provider => provider.GetRequiredService<Replica>());
        services.AddSingleton<ReplicaWriter>();
        services.AddSingleton<IBlockCheck, RuleCheck>();
        services.AddSingleton<CatchUp>();
        services.AddHostedService<Projector>();
        return services.AddHostedService<FreshnessWorker>();
    }
}
