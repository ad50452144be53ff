using HealthShare.Node.Access.Decisions;
using HealthShare.Node.Access.Emergencies;
using HealthShare.Node.Access.Log;
using HealthShare.Node.Access.Receipts;
using HealthShare.Node.Access.Releases;
using HealthShare.Node.Access.Requests;
using HealthShare.Node.Hosting;
using HealthShare.Node.ReadModel;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Access;

internal static class AccessServices
{
    /// <summary>Asking for, releasing and reading records. Register it after keys, content, read model, patients and incidents.</summary>
    public static IServiceCollection AddAccess(this IServiceCollection services)
    {
        services.AddSingleton<AccessPolicies>();
        services.AddSingleton<AccessEvents>();
        services.AddSingleton<DecisionTable>();
        services.AddSingleton<AccessRequestTable>();
        services.AddSingleton<OwnRequests>();
        services.AddSingleton<RecordResolver>();
        services.AddSingleton<StandingRecords>();
        services.AddSingleton<ChannelPace>();
        services.AddSingleton<AccessRequester>();
        services.AddSingleton<RecordAccess>();
        services.AddSingleton<RecordDownload>();
        services.AddSingleton<AccessLogReader>();
        services.AddSingleton<ReleaseTasks>();
        services.AddSingleton<ReleaseCheck>();
        services.AddSingleton<ReleaseSteps>();
        services.AddSingleton<ReceiptTasks>();
        services.AddSingleton<ReceiptSteps>();
        services.AddSingleton<ReceivedKeyReview>();
        services.AddSingleton<EmergencyTable>();
        services.AddSingleton<EmergencyReasons>();
        services.AddSingleton<EmergencyReader>();
        services.AddSingleton<EmergencyDeclaration>();
        services.AddSingleton<IProjection, AccessProjection>();
        services.AddHostedService<ReleaseWorker>();
        services.AddHostedService<ReceiptWorker>();
        services.AddNodeOptions<ReleasesOptions, ReleasesOptionsValidator>("Releases");
        services.AddHostedService<EnvelopePurge>();
        services.Configure<JsonOptions>(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, AccessJson.Default));
        services.Configure<JsonOptions>(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, EmergencyJson.Default));
        services.Configure<JsonOptions>(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, ChannelDecisionJson.Default));
        return services;
    }

    public static void MapAccess(this IEndpointRouteBuilder app)
    {
        // A regulator's node treats nobody; it asks for no records.
        if (app.ServiceProvider.GetRequiredService<IOptions<NodeOptions>>().Value.Kind is not NodeKind.Regulator)
            app.MapAccessRequests();
        app.MapAccessLog();
        app.MapDecisions();
        app.MapEmergencies();
    }
}
