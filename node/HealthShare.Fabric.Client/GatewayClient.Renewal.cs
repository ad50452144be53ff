using System.Security.Cryptography.X509Certificates;
using HealthShare.Fabric.Protocol.Msp;

namespace HealthShare.Fabric.Client;

public sealed partial class GatewayClient
{
    private readonly Lock renewing = new();

    /// <summary>
    /// Takes a renewed certificate while the client runs, also after the earlier one has expired. Whatever begins afterwards is
    /// signed by the new identity: proposals, questions about earlier transactions, streams when they connect again. A transaction
    /// that was proposed by the earlier one is signed by it to its end.
    /// </summary>
    /// <param name="identity">
    /// Who signs from now on, of the same member; the key may be the same or another. Stays the caller's, as does the earlier one,
    /// which calls that began before may still use: dispose of it with the client, or once they have ended.
    /// </param>
    /// <param name="tlsCertificate">
    /// What to show, from the next connection on, to every peer that a certificate was shown to so far; null keeps that. Calls and
    /// streams under way keep their connection. Stays the caller's, for as long as the client. For a client made of an
    /// <see cref="Protocol.Grpc.IGrpcChannel"/> of another make, whoever made that shows it there.
    /// </param>
    /// <param name="tlsIntermediates">What to send along with it; null sends nothing else.</param>
    /// <exception cref="ArgumentException">
    /// The identity is another member's, or the TLS certificate has no private key, or there is no peer to show it to. Nothing was taken.
    /// </exception>
    public void Renew(
        SigningIdentity identity, X509Certificate2? tlsCertificate = null, X509Certificate2Collection? tlsIntermediates = null)
    {
        lock (renewing)
        {
            var mspId = certificates.Signer.Identity.MspId;
            if (identity.MspId != mspId)
            {
                throw new ArgumentException($"The identity is of {identity.MspId}, not of {mspId}.", nameof(identity));
            }
            if (tlsCertificate is not null)
            {
                ShowRenewed(tlsCertificate, tlsIntermediates);
            }
            certificates.Renew(identity); // last: a stream that breaks over the change finds that there was one
        }
    }

    private void ShowRenewed(X509Certificate2 certificate, X509Certificate2Collection? intermediates)
    {
        var shown = peers.All.Where(peer => !peer.TlsCertificateHash.IsEmpty).ToList();
        if (shown.Count == 0)
        {
            throw new ArgumentException("This client shows no certificate to any of its peers.", nameof(certificate));
        }
        if (!certificate.HasPrivateKey)
        {
            throw new ArgumentException("The TLS certificate comes without its private key.", nameof(certificate));
        }
        foreach (var peer in shown)
        {
            peer.Renew(certificate, intermediates);
        }
    }
}
