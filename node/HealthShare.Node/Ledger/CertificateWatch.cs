using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Ledger;

/// <summary>
/// Says in good time that a certificate ends: in the log at the start and every day, and as metrics (meter
/// <c>HealthShare.Node.Ledger</c>). An expired one stops the node's transactions all at once.
/// </summary>
internal sealed partial class CertificateWatch : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromDays(1);

    private readonly Meter meter = new("HealthShare.Node.Ledger");
    private readonly ILedger ledger;
    private readonly TimeSpan warnBefore;
    private readonly TimeProvider clock;
    private readonly ILogger<CertificateWatch> logger;

    public CertificateWatch(ILedger ledger, IOptions<FabricOptions> options, TimeProvider clock, ILogger<CertificateWatch> logger)
    {
        (this.ledger, this.clock, this.logger) = (ledger, clock, logger);
        warnBefore = options.Value.WarnBeforeExpiry;
        meter.CreateObservableGauge("ledger.certificate.remaining",
            () => ledger.Connection.Certificates.Select(certificate => new Measurement<double>(
                (certificate.NotAfter - clock.GetUtcNow()).TotalSeconds, new KeyValuePair<string, object?>("certificate", certificate.Name))),
            "s", "Time until a certificate ends; negative once it has.");
        meter.CreateObservableGauge("ledger.gateway.away", () => ledger.Connection.PeersAway.Count, "{peer}", "Gateway peers of this member that failed lately.");
    }

    public override void Dispose()
    {
        meter.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            foreach (var (name, notAfter) in ledger.Connection.Certificates.Where(certificate => certificate.NotAfter - clock.GetUtcNow() <= warnBefore))
                LogEnds(name, notAfter);
            await Task.Delay(Pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(3111, LogLevel.Warning, "The {Certificate} ends at {NotAfter:u}; renew it.")]
    private partial void LogEnds(string certificate, DateTimeOffset notAfter);
}
