using HealthShare.Node.Hosting;

namespace HealthShare.Node.Ledger;

/// <summary>
/// Looks twice a minute whether the files of this node's certificates, on the channel and of its listeners, hold renewed ones, and goes
/// on with those. Files are read and not watched: mounted volumes tell of no change.
/// </summary>
internal sealed partial class CertificateRenewal(
    ILedger ledger, ListenerCertificates listeners, TimeProvider clock, ILogger<CertificateRenewal> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, string> told = [];

    /// <summary>Takes what is renewed; what cannot be taken is told once and looked at again the next time.</summary>
    public void Look()
    {
        if (ledger is GatewayLedger gateway)
        {
            Take("identity certificate", gateway.RenewIdentity);
            Take("TLS client certificate", gateway.RenewTls);
        }
        foreach (var listener in listeners.All)
            Take(listener.Name, listener.Renew);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                Look();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The node stops.
        }
    }

    private void Take(string what, Func<DateTimeOffset?> renew)
    {
        try
        {
            if (renew() is { } end)
                LogTaken(what, end);
            told.Remove(what);
        }
        catch (Exception e) // whatever is wrong with files is no reason to stop
        {
            if (told.GetValueOrDefault(what) != e.Message)
                LogKept(what, e.Message);
            told[what] = e.Message;
        }
    }

    [LoggerMessage(3112, LogLevel.Information, "The {Certificate} of this node is renewed; the new one ends at {NotAfter:u}.")]
    private partial void LogTaken(string certificate, DateTimeOffset notAfter);

    [LoggerMessage(3113, LogLevel.Warning, "The {Certificate} in the files has changed and is not taken yet; the earlier one is kept: {Reason}")]
    private partial void LogKept(string certificate, string reason);
}
