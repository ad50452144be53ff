using HealthShare.Node.Hosting;
using HealthShare.Node.Ledger;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Health;

/// <summary>
/// Degraded, and still ready, when a certificate on the way to the channel or of a listener ends soon, or a listener's has ended; not ready when
/// one on the way to the channel has ended. Otherwise it says which ends first.
/// </summary>
internal sealed class CertificateCheck(
    ILedger ledger, ListenerCertificates listeners, IOptions<FabricOptions> options, TimeProvider clock) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var now = clock.GetUtcNow();
        var channel = ledger.Connection.Certificates.ToList();
        var all = channel.Concat(listeners.All.Select(listener => (listener.Name, listener.NotAfter))).OrderBy(certificate => certificate.NotAfter).ToList();
        var soon = all.Where(certificate => certificate.NotAfter - now <= options.Value.WarnBeforeExpiry).ToList();
        var text = string.Join("; ", soon.Select(certificate =>
            $"{certificate.Name} {(certificate.NotAfter <= now ? "ended" : "ends")} {certificate.NotAfter:u}"));
        return Task.FromResult((soon, all) switch
        {
            ([], []) => HealthCheckResult.Healthy(),
            ([], [var first, ..]) => HealthCheckResult.Healthy($"{first.Name} ends first, {first.NotAfter:u}"),
            _ when channel.Any(certificate => certificate.NotAfter <= now) => HealthCheckResult.Unhealthy(text),
            _ => HealthCheckResult.Degraded(text),
        });
    }
}
