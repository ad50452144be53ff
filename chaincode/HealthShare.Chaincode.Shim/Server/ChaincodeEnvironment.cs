namespace HealthShare.Chaincode.Shim.Server;

/// <summary>Settings by the environment variables that Fabric's chaincode services in other languages use.</summary>
public static class ChaincodeEnvironment
{
    /// <summary>Where to listen, <c>host:port</c>.</summary>
    public const string Address = "CHAINCODE_SERVER_ADDRESS";

    /// <summary>Where health is asked for over HTTP, <c>host:port</c>.</summary>
    public const string HealthAddress = "CHAINCODE_HEALTH_ADDRESS";

    /// <summary>Digest of the build that this must be; see <see cref="Packaging.BuildDigest"/>.</summary>
    public const string BuildDigest = "CHAINCODE_BUILD_DIGEST";

    /// <summary>The package id.</summary>
    public const string PackageId = "CORE_CHAINCODE_ID_NAME";

    /// <summary>The package id, where <see cref="PackageId"/> is not set.</summary>
    public const string OtherPackageId = "CHAINCODE_ID";

    /// <summary><c>true</c> listens in plaintext whatever else is set, <c>false</c> insists on TLS. Default: TLS when files are given.</summary>
    public const string TlsDisabled = "CHAINCODE_TLS_DISABLED";

    /// <summary>File of the server's certificate, PEM.</summary>
    public const string TlsCertificate = "CHAINCODE_TLS_CERT";

    /// <summary>File of the server's private key, PEM.</summary>
    public const string TlsKey = "CHAINCODE_TLS_KEY";

    /// <summary>File of the roots of peers' client certificates, PEM; turns on mutual TLS.</summary>
    public const string ClientCa = "CHAINCODE_CLIENT_CA_CERT";

    /// <summary>Reads the settings and the certificate files they name.</summary>
    /// <param name="variable">Looks a variable up; null for the process's environment. An empty value counts as none.</param>
    /// <exception cref="ArgumentException">A variable is missing or holds something else; the message names it.</exception>
    public static ChaincodeServerOptions Read(Func<string, string?>? variable = null)
    {
        variable ??= Environment.GetEnvironmentVariable;
        var options = new ChaincodeServerOptions
        {
            Address = Value(Address) ?? throw new ArgumentException($"No address to listen on: set {Address}."),
            PackageId = Value(PackageId) ?? Value(OtherPackageId)
                ?? throw new ArgumentException($"No package id: set {PackageId} or {OtherPackageId}."),
            HealthAddress = Value(HealthAddress),
            ExpectedBuildDigest = Value(BuildDigest),
            Tls = Value(TlsDisabled)?.ToUpperInvariant() switch
            {
                "TRUE" => null,
                "FALSE" => Certificates() ?? throw new ArgumentException(
                    $"{TlsDisabled} is false: set {TlsCertificate} and {TlsKey}, or allow plaintext."),
                null => Certificates(),
                _ => throw new ArgumentException($"{TlsDisabled} must be true or false."),
            },
        };
        options.Validate();
        return options;

        string? Value(string name) => variable(name) is { Length: > 0 } value ? value : null;

        Fabric.Protocol.Grpc.GrpcServerTls? Certificates() =>
            ChaincodeTls.FromFiles(Value(TlsCertificate), Value(TlsKey), Value(ClientCa));
    }
}
