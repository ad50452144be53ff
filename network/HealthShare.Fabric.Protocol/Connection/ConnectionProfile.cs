using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Serialization;
using HealthShare.Fabric.Protocol.Msp;

namespace HealthShare.Fabric.Protocol.Connection;

/// <summary>Where a network's peers and orderers are and which identities there are to use, as a connection file says it.</summary>
/// <param name="Channel">Name of the channel.</param>
/// <param name="Orderers">Orderers; empty where clients reach them only through their gateway peer.</param>
/// <param name="Organizations">Members of the channel.</param>
public sealed record ConnectionProfile(
    string Channel, ImmutableArray<OrdererConnection> Orderers, ImmutableArray<OrganizationConnection> Organizations)
{
    /// <summary>The member with this MSP id.</summary>
    /// <param name="mspId">An MSP id; null takes the first member.</param>
    /// <exception cref="ConnectionProfileException">There is no such member.</exception>
    public OrganizationConnection Organization(string? mspId = null) =>
        Organizations.FirstOrDefault(organization => mspId is null || organization.MspId == mspId)
        ?? throw new ConnectionProfileException("organizations", $"holds no member with the MSP id '{mspId}'");
}

/// <summary>A member of the channel.</summary>
/// <param name="MspId">Its MSP id, such as <c>Org1MSP</c>.</param>
/// <param name="Domain">Its domain, such as <c>org1.example</c>.</param>
/// <param name="Peers">Its peers; the first one serves as gateway unless another is asked for.</param>
/// <param name="CaCert">File with its authority's certificate, in PEM; absent where it is not known here.</param>
/// <param name="CaKey">File with its authority's private key, in PEM; only in networks made for development.</param>
/// <param name="Users">Identities that may be used.</param>
/// <param name="TlsClientCert">
/// File with the certificate that its clients show to peers that demand mutual TLS, in PEM; absent where none is needed.
/// </param>
/// <param name="TlsClientKey">File with that certificate's key, in PEM.</param>
public sealed record OrganizationConnection(
    string MspId, string Domain, ImmutableArray<PeerConnection> Peers, string? CaCert, string? CaKey,
    ImmutableArray<UserConnection> Users, string? TlsClientCert = null, string? TlsClientKey = null)
{
    /// <summary>The user of this name.</summary>
    /// <param name="name">A name; null takes the first user.</param>
    /// <exception cref="ConnectionProfileException">There is no such user.</exception>
    public UserConnection User(string? name = null) =>
        Users.FirstOrDefault(user => name is null || user.Name == name)
        ?? throw new ConnectionProfileException($"organizations[{MspId}].users", $"holds no user '{name}'");

    /// <summary>Loads a user's certificate and key.</summary>
    /// <param name="name">A name; null takes the first user.</param>
    /// <exception cref="ConnectionProfileException">There is no such user.</exception>
    /// <exception cref="FabricDataException">Certificate or key cannot be read.</exception>
    /// <exception cref="IOException">A file is absent or cannot be opened.</exception>
    public SigningIdentity LoadIdentity(string? name = null)
    {
        var user = User(name);
        return SigningIdentity.FromPemFiles(MspId, user.Cert, user.Key);
    }

    /// <summary>Loads what a user's client shows to peers that demand mutual TLS; null where the profile names nothing.</summary>
    /// <param name="name">A name; null takes the first user.</param>
    /// <exception cref="ConnectionProfileException">There is no such user, or a certificate without a key.</exception>
    /// <exception cref="FabricDataException">Certificate or key cannot be read.</exception>
    /// <exception cref="IOException">A file is absent or cannot be opened.</exception>
    public X509Certificate2? LoadTlsClientCertificate(string? name = null)
    {
        var (cert, key) = TlsClientFiles(name);
        if (cert is null)
        {
            return null;
        }
        if (key is null)
        {
            throw new ConnectionProfileException($"organizations[{MspId}]", "names a TLS client certificate without its key");
        }
        try
        {
            return X509Certificate2.CreateFromPemFile(cert, key);
        }
        catch (CryptographicException e)
        {
            throw new FabricDataException($"'{cert}' and '{key}' are not a certificate and its key in PEM.", e);
        }
    }

    /// <summary>
    /// Loads the certificates that stand behind the first one in the file of a user's TLS client certificate: the intermediates to
    /// send along with it. Empty where there are none.
    /// </summary>
    /// <param name="name">A name; null takes the first user.</param>
    /// <exception cref="ConnectionProfileException">There is no such user.</exception>
    /// <exception cref="FabricDataException">A certificate cannot be read.</exception>
    /// <exception cref="IOException">The file is absent or cannot be opened.</exception>
    public X509Certificate2Collection LoadTlsClientIntermediates(string? name = null)
    {
        var found = new X509Certificate2Collection();
        if (TlsClientFiles(name).Cert is not { } file)
        {
            return found;
        }
        try
        {
            found.ImportFromPemFile(file);
        }
        catch (CryptographicException e)
        {
            throw new FabricDataException($"'{file}' holds a certificate that cannot be read.", e);
        }
        if (found.Count > 0)
        {
            found[0].Dispose();
            found.RemoveAt(0);
        }
        return found;
    }

    private (string? Cert, string? Key) TlsClientFiles(string? name)
    {
        var user = User(name);
        return user.TlsCert is null ? (TlsClientCert, TlsClientKey) : (user.TlsCert, user.TlsKey);
    }
}

/// <summary>A peer.</summary>
/// <param name="Name">Its name, such as <c>peer0.org1.example</c>.</param>
/// <param name="Endpoint">Address to dial, <c>host:port</c>.</param>
/// <param name="TlsServerName">Name its TLS certificate must carry; absent where it is the host of the address.</param>
/// <param name="Operations">Address of its operations service, <c>host:port</c>; absent if it has none.</param>
/// <param name="TlsCaCert">File with the root of its TLS certificate, in PEM; absent for connections without TLS.</param>
public sealed record PeerConnection(string Name, string Endpoint, string? TlsServerName, string? Operations, string? TlsCaCert)
{
    /// <summary>The address as a URI: https where there is a TLS root, else http.</summary>
    [JsonIgnore]
    public Uri Address => new($"{(TlsCaCert is null ? "http" : "https")}://{Endpoint}");
}

/// <summary>An orderer.</summary>
/// <param name="Name">Its name.</param>
/// <param name="MspId">MSP id of the organization that runs it.</param>
/// <param name="Endpoint">Address to dial, <c>host:port</c>.</param>
/// <param name="TlsServerName">Name its TLS certificate must carry; absent where it is the host of the address.</param>
/// <param name="Admin">Address of its administration, <c>host:port</c>; absent if unknown.</param>
/// <param name="Operations">Address of its operations service, <c>host:port</c>; absent if it has none.</param>
/// <param name="TlsCaCert">File with the root of its TLS certificate, in PEM; absent for connections without TLS.</param>
/// <param name="AdminClientCert">File with a certificate its administration accepts, in PEM.</param>
/// <param name="AdminClientKey">File with that certificate's key, in PEM.</param>
public sealed record OrdererConnection(
    string Name, string MspId, string Endpoint, string? TlsServerName, string? Admin, string? Operations, string? TlsCaCert,
    string? AdminClientCert, string? AdminClientKey);

/// <summary>An identity to act with.</summary>
/// <param name="Name">Its name, such as <c>User1</c>.</param>
/// <param name="Cert">File with the certificate, in PEM.</param>
/// <param name="Key">File with the private key, in PEM.</param>
/// <param name="TlsCert">
/// File with the certificate to show to peers that demand mutual TLS, in PEM; absent takes the organization's, if any.
/// </param>
/// <param name="TlsKey">File with that certificate's key, in PEM.</param>
public sealed record UserConnection(string Name, string Cert, string Key, string? TlsCert = null, string? TlsKey = null);
