using HealthShare.Node.Ledger;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Health;

/// <summary>Degraded, and still ready, when a certificate on the way to the channel ends soon; not ready when one has ended.</summary>
internal sealed class CertificateCheck(ILedger ledger, IOptions<FabricOptions> options, TimeProvider clock) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var now = clock.GetUtcNow();
        var soon = ledger.Connection.Certificates.Where(certificate => certificate.NotAfter - now <= options.Value.WarnBeforeExpiry)
            .OrderBy(certificate => certificate.NotAfter).ToList();
        var text = string.Join("; ", soon.Select(certificate =>
            $"{certificate.Name} {(certificate.NotAfter <= now ? "ended" : "ends")} {certificate.NotAfter:u}"));
        return Task.FromResult(soon switch
        {
            [] => HealthCheckResult.Healthy(),
            [var first, ..] when first.NotAfter <= now => HealthCheckResult.Unhealthy(text),
            _ => HealthCheckResult.Degraded(text),
        });
    }
}
