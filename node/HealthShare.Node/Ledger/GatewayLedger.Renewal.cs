using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol;

namespace HealthShare.Node.Ledger;

/// <summary>Renewed certificates are taken while the node runs. What was loaded stays until the end: calls may still use it.</summary>
internal sealed partial class GatewayLedger
{
    /// <summary>Goes on under the identity that the files hold, where that is another certificate. To be called by one at a time.</summary>
    /// <returns>The certificate's end; null where nothing has changed.</returns>
    /// <exception cref="FabricDataException">What the files hold cannot be used, or not now; the earlier one is kept.</exception>
    /// <exception cref="IOException">A file is absent or cannot be opened; the earlier one is kept.</exception>
    public DateTimeOffset? RenewIdentity()
    {
        if (files?.ReadIdentity(signer) is not { } found)
            return null;
        loaded.Add(found);
        foreach (var client in Clients)
            client.Renew(found);
        signer = found;
        return found.Certificate.NotAfter.ToUniversalTime();
    }

    /// <summary>The same for the TLS certificate that peers are shown.</summary>
    /// <inheritdoc cref="RenewIdentity"/>
    public DateTimeOffset? RenewTls()
    {
        if (files?.ReadShown() is not { } found)
            return null;
        var (certificate, between) = found;
        loaded.AddRange([certificate, .. between]);
        foreach (var client in Clients)
            client.Renew(signer, certificate, between);
        return certificate.NotAfter.ToUniversalTime();
    }

    private IEnumerable<GatewayClient> Clients => others.Select(other => other.Client).Prepend(own);
}
