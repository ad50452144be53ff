using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using HealthShare.Fabric.Protocol.Grpc;

namespace HealthShare.Chaincode.Shim.Server;

/// <summary>Reads a chaincode service's certificates from PEM files.</summary>
public static class ChaincodeTls
{
    /// <summary>Reads the files; those that are not given at all mean plaintext.</summary>
    /// <param name="certificateFile">The server's certificate, followed by intermediates if any.</param>
    /// <param name="keyFile">The certificate's private key, unencrypted.</param>
    /// <param name="clientCaFile">Roots that a peer's client certificate must chain to (mutual TLS). Null asks for none.</param>
    /// <returns>Null when neither certificate nor key is given.</returns>
    /// <exception cref="ArgumentException">A file is missing, unreadable or holds something else; the message names it.</exception>
    public static GrpcServerTls? FromFiles(string? certificateFile, string? keyFile, string? clientCaFile)
    {
        if (certificateFile is null && keyFile is null && clientCaFile is null)
            return null;
        if (certificateFile is null || keyFile is null)
            throw new ArgumentException("TLS needs both a certificate file and a key file.");
        var certificate = Read("certificate and key", certificateFile, file => X509Certificate2.CreateFromPemFile(file, keyFile));
        var chain = Read("certificate", certificateFile, ReadAll);
        var roots = clientCaFile is null ? [] : Read("client CA", clientCaFile, ReadAll);
        if (clientCaFile is not null && roots.Count == 0)
            throw new ArgumentException($"The client CA file '{clientCaFile}' holds no certificate.");
        return new GrpcServerTls(certificate) { Intermediates = [.. chain.Skip(1)], ClientRoots = roots };
    }

    private static X509Certificate2Collection ReadAll(string file)
    {
        var found = new X509Certificate2Collection();
        found.ImportFromPemFile(file);
        return found;
    }

    private static T Read<T>(string what, string file, Func<string, T> read)
    {
        try
        {
            return read(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new ArgumentException($"The {what} cannot be read from '{file}': {e.Message}", e);
        }
    }
}
