using HealthShare.Vault.Content;
using HealthShare.Vault.Content.Cluster;
using HealthShare.Vault.Content.Ipfs;
using HealthShare.Vault.Content.Kubo;

namespace HealthShare.Node.Content;

/// <summary>
/// Opens the store before the first message. Wrong settings stop the start; a daemon that is away does not, since the intake keeps
/// what arrives in its journal until the daemon is back.
/// </summary>
internal sealed partial class ContentStart(IContentStore store, ILogger<ContentStart> logger) : IHostedService
{
    /// <exception cref="NodeStartException">A daemon refuses this node, or what answers is none.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (store is KuboContentStore kubo)
            await TryAsync("Kubo", () => kubo.Rpc.GetIdentityAsync(cancellationToken));
        if (store is not ClusterContentStore cluster)
            return;
        await TryAsync("Kubo", () => cluster.Rpc.GetIdentityAsync(cancellationToken));
        await TryAsync("Cluster", () => cluster.Cluster.GetStatusAsync(Cid.Of(CidCodec.Raw, []), local: true, cancellationToken));
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task TryAsync(string section, Func<Task> ask)
    {
        try
        {
            await ask();
        }
        catch (IpfsException e) when (e.IsTransient)
        {
            LogAway(section, e.Reason);
        }
        catch (IpfsException e)
        {
            throw new NodeStartException(e.Failure is IpfsFailure.Denied
                ? $"HealthShare:Content:{section}: the daemon refuses this node; check its authorization and the file with the secret. It says: {e.Reason}"
                : $"HealthShare:Content:{section}:Url: what answers there is no {(section == "Kubo" ? "IPFS daemon" : "IPFS Cluster peer")}: {e.Reason}", e);
        }
    }

    [LoggerMessage(4301, LogLevel.Error, "HealthShare:Content:{Section}:Url: {Reason} Messages are kept in the journal and stored once it is back.")]
    private partial void LogAway(string section, string reason);
}
