using System.Security.Cryptography.X509Certificates;
using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Connection;
using HealthShare.Fabric.Protocol.Msp;

namespace HealthShare.Node.Ledger;

/// <summary>
/// The files that the connection file names for this node's certificates. Certificate and key are written one after the other, so
/// that what is read counts only where both belong together, and where it is valid by now.
/// </summary>
internal sealed class CertificateFiles(OrganizationConnection member, string? user, TimeProvider clock)
{
    private readonly UserConnection files = member.User(user);

    // Before the certificate itself is loaded: a change in between shows at the first look.
    private string? shownPem = ReadShown(member, user);

    /// <summary>The identity, where its certificate is not the current one's; else null.</summary>
    /// <exception cref="FabricDataException">What the files hold cannot be used, or not now.</exception>
    /// <exception cref="IOException">A file is absent or cannot be opened.</exception>
    public SigningIdentity? ReadIdentity(SigningIdentity current)
    {
        if (File.ReadAllText(files.Cert) == current.CertificatePem)
            return null;
        var found = member.LoadIdentity(user);
        return Valid(found, found.Certificate, files.Cert);
    }

    /// <summary>The TLS certificate to show to peers, with its intermediates, where its file has changed since it was read last; else null.</summary>
    /// <exception cref="FabricDataException">What the files hold cannot be used, or not now.</exception>
    /// <exception cref="IOException">A file is absent or cannot be opened.</exception>
    public (X509Certificate2 Certificate, X509Certificate2Collection Intermediates)? ReadShown()
    {
        var pem = ReadShown(member, user);
        if (pem == shownPem || member.LoadTlsClientCertificate(user) is not { } found)
            return null;
        Valid(found, found, files.TlsCert ?? member.TlsClientCert!);
        var between = member.LoadTlsClientIntermediates(user);
        shownPem = pem;
        return (found, between);
    }

    private static string? ReadShown(OrganizationConnection member, string? user) =>
        (member.User(user).TlsCert ?? member.TlsClientCert) is { } file ? File.ReadAllText(file) : null;

    private T Valid<T>(T found, X509Certificate2 certificate, string file)
        where T : IDisposable
    {
        var now = clock.GetUtcNow();
        if (certificate.NotBefore.ToUniversalTime() <= now && now < certificate.NotAfter.ToUniversalTime())
            return found;
        var period = $"{certificate.NotBefore.ToUniversalTime():u} to {certificate.NotAfter.ToUniversalTime():u}";
        found.Dispose();
        throw new FabricDataException($"The certificate in '{file}' is valid from {period}, which is not now.");
    }
}
