using HealthShare.Fabric.Client;
using HealthShare.Node.Hosting;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Ledger;

internal static class LedgerServices
{
    public static IServiceCollection AddNodeLedger(this IServiceCollection services)
    {
        services.AddNodeOptions<FabricOptions, FabricOptionsValidator>("Fabric");
        services.AddSingleton<ILedger>(provider => GatewayLedgerFactory.Create(
            provider.GetRequiredService<IOptions<FabricOptions>>().Value, provider.GetRequiredService<IOptions<NodeOptions>>().Value,
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<GatewayClient>>()));
        services.AddHostedService<CertificateWatch>();
        services.AddHostedService<CertificateRenewal>();
        return services.AddSingleton<LedgerService>();
    }
}
