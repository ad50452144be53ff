using HealthShare.Node.Content.Keeping;
using HealthShare.Node.Database;
using HealthShare.Node.Hosting;
using HealthShare.Node.Keys;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Content;

internal static class ContentServices
{
    public static IServiceCollection AddNodeContent(this IServiceCollection services)
    {
        services.AddNodeOptions<ContentOptions, ContentOptionsValidator>("Content")
            .ValidateStore()
            .ValidateReplicas();
        services.AddSingleton(ContentStoreFactory.Create);
        services.AddSingleton(provider => new SealedRecords(provider.GetRequiredService<NodeKeys>(),
            provider.GetRequiredService<IDatabase>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<RecordSealer>();
        services.AddSingleton<RecordReader>();
        services.AddHostedService<ContentStart>();
        return services.AddHostedService<GarbageWorker>();
    }

    private static OptionsBuilder<ContentOptions> ValidateStore(this OptionsBuilder<ContentOptions> options) => options
        .Validate(content => IsAddress(content.Kubo.Url), "HealthShare:Content:Kubo:Url is http://HOST:PORT or https://HOST:PORT.")
        .Validate(content => IsAddress(content.Cluster.Url), "HealthShare:Content:Cluster:Url is http://HOST:PORT or https://HOST:PORT.")
        .Validate(content => content.Cluster.HasFactors,
            "HealthShare:Content:Cluster: ReplicationMin is 1 or more and no larger than ReplicationMax, or both are -1.")
        .Validate(content => content.Cluster.HasUser, "HealthShare:Content:Cluster: User, without a colon, and PasswordFile go together.");

    private static bool IsAddress(Uri? url) =>
        url is { IsAbsoluteUri: true, Scheme: "http" or "https", UserInfo: "", AbsolutePath: "/", Query: "", Fragment: "" };
}
