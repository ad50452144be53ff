namespace HealthShare.Chaincode.Shim.Packaging;

/// <summary>Where and how a peer dials a chaincode service, as in the package's <c>connection.json</c>.</summary>
public sealed record ChaincodeConnection
{
    /// <summary>Host and port as the peer reaches them, such as <c>chaincode.north.example:9999</c>. Required.</summary>
    public required string Address { get; init; }

    /// <summary>Longest wait for the connection, in Go's notation. Default <c>10s</c>.</summary>
    public string DialTimeout { get; init; } = "10s";

    /// <summary>Whether the service speaks TLS. Needs <see cref="RootCert"/>.</summary>
    public bool TlsRequired { get; init; }

    /// <summary>Whether the service asks for the peer's certificate. Needs <see cref="ClientCert"/> and <see cref="ClientKey"/>.</summary>
    public bool ClientAuthRequired { get; init; }

    /// <summary>PEM of the roots that the service's certificate must chain to.</summary>
    public string? RootCert { get; init; }

    /// <summary>PEM of the certificate that the peer shows.</summary>
    public string? ClientCert { get; init; }

    /// <summary>PEM of that certificate's private key: a package with it is as secret as the key.</summary>
    public string? ClientKey { get; init; }

    internal void Validate()
    {
        var colon = Address?.LastIndexOf(':') ?? -1;
        if (colon < 1 || !ushort.TryParse(Address.AsSpan(colon + 1), out var port) || port == 0)
            throw new ArgumentException($"The address '{Address}' is not of the form host:port, as peers dial it.");
        if (TlsRequired != RootCert is not null)
            throw new ArgumentException("TLS needs the service's root certificate, and plaintext none.");
        if (ClientAuthRequired && !TlsRequired)
            throw new ArgumentException("A client certificate needs TLS.");
        if (ClientAuthRequired != ClientCert is not null || ClientAuthRequired != ClientKey is not null)
            throw new ArgumentException("Mutual TLS needs both a client certificate and its key, and TLS alone neither.");
    }
}
