using HealthShare.Node.Content.Keeping.Findings;
using HealthShare.Node.Content.Keeping.Passes;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Content.Keeping;

internal static class KeepingServices
{
    /// <summary>Refuses replicas that cannot be told apart or asked, and a minimum that nobody can reach.</summary>
    public static OptionsBuilder<ContentOptions> ValidateReplicas(this OptionsBuilder<ContentOptions> options) => options
        .Validate(content => content.Replicas.Select(replica => replica.Name).Append(Replicas.OwnName).Distinct(StringComparer.OrdinalIgnoreCase).Count()
            == content.Replicas.Count + 1, "HealthShare:Content:Replicas: each needs a Name of its own, and none is called 'own'.")
        .Validate(content => content.Replicas.All(replica => replica.GatewayUrl is { IsAbsoluteUri: true, Scheme: "http" or "https", UserInfo: "", Query: "" }),
            "HealthShare:Content:Replicas: each needs a GatewayUrl, http or https, without a user or a query.")
        .Validate(content => content.Keeping.OwnGatewayUrl is null or { IsAbsoluteUri: true, Scheme: "http" or "https", UserInfo: "", Query: "" },
            "HealthShare:Content:Keeping:OwnGatewayUrl is an address, http or https, without a user or a query.")
        .Validate(content => content.Keeping.MinimumReplicas <= content.Replicas.Count + 1,
            "HealthShare:Content:Keeping:MinimumReplicas is more than this node's store and the Replicas together.")
        .Validate(content => content.Keeping.FirstRetryDelay <= content.Keeping.LongestRetryDelay,
            "HealthShare:Content:Keeping:FirstRetryDelay is longer than LongestRetryDelay.");

    /// <summary>Keeps what was promised. Register it after content, ledger, read model and incidents.</summary>
    public static IServiceCollection AddContentKeeping(this IServiceCollection services)
    {
        services.AddSingleton<KeepingMetrics>();
        services.AddSingleton<ReplicaFactory>();
        services.AddSingleton(provider => provider.GetRequiredService<ReplicaFactory>().Create());
        services.AddSingleton(provider => provider.GetRequiredService<ReplicaFactory>().CreateClaims());
        services.AddSingleton<LedgerRecords>();
        services.AddSingleton<FindingTable>();
        services.AddSingleton<ReplicaBoard>();
        services.AddSingleton<Challenger>();
        services.AddSingleton<Repairer>();
        services.AddSingleton<Silences>();
        services.AddSingleton<Keeper>();
        services.AddSingleton<PassTable>();
        services.AddSingleton<ScrubTable>();
        services.AddSingleton<RecordPass>();
        services.AddSingleton<ScrubPass>();
        services.AddSingleton<FindingPass>();
        services.AddSingleton<OrphanTable>();
        services.AddSingleton<OrphanPass>();
        services.AddSingleton<CheckOnDemand>();
        services.AddSingleton<ContentHealthReader>();
        services.Configure<JsonOptions>(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, KeepingJson.Default));
        return services.AddHostedService<KeeperWorker>();
    }
}
