using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using HealthShare.Hl7.Mllp;

namespace HealthShare.Node.Cli.Sending;

/// <summary>Reads where to send to, and the files for TLS.</summary>
internal static class SendTarget
{
    private const int DefaultPort = 2575; // IANA's for HL7
    private const string Plain = "mllp";
    private const string Secure = "mllps";

    /// <summary>What is wrong with an address; null when nothing is.</summary>
    public static string? Check(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri is { Scheme: Plain or Secure, Host.Length: > 0, PathAndQuery: "" or "/", UserInfo: "" }
            ? null
            : $"'{address}' is no address such as mllp://host:2575, or mllps://host:2575 with TLS.";

    public static bool IsSecure(string address) => new Uri(address).Scheme is Secure;

    /// <summary>The options of a connection to a checked address.</summary>
    /// <exception cref="InvalidDataException">A file for TLS cannot be read; the message names it.</exception>
    public static MllpClientOptions Read(string address, TlsFiles tls, TimeSpan acknowledgementTimeout)
    {
        var uri = new Uri(address);
        return new MllpClientOptions
        {
            Host = uri.IdnHost,
            Port = uri.Port > 0 ? uri.Port : DefaultPort,
            AcknowledgementTimeout = acknowledgementTimeout,
            Tls = IsSecure(address) ? MllpTls.Client(tls.ServerName ?? uri.IdnHost, Authorities(tls.Authorities), Certificate(tls)) : null,
        };
    }

    private static X509Certificate2Collection? Authorities(FileInfo? file) => file is null ? null : Reading(file, () =>
    {
        var all = new X509Certificate2Collection();
        all.ImportFromPemFile(file.FullName);
        return all.Count > 0 ? all : throw new InvalidDataException($"'{file}' holds no certificate.");
    });

    private static X509Certificate2? Certificate(TlsFiles tls) => tls.Certificate is not { } certificate
        ? null
        : Reading(certificate, () => X509Certificate2.CreateFromPemFile(certificate.FullName, tls.Key!.FullName));

    private static T Reading<T>(FileInfo file, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new InvalidDataException($"'{file}' cannot be read for TLS: {e.Message}", e);
        }
    }
}

/// <summary>What the command line says about TLS.</summary>
/// <param name="Authorities">Authorities that the listener's certificate must come from; null for the system's.</param>
/// <param name="Certificate">The sender's own certificate; null for none.</param>
/// <param name="Key">Its private key.</param>
/// <param name="ServerName">Name that the listener's certificate must bear; null for the host's.</param>
internal sealed record TlsFiles(FileInfo? Authorities, FileInfo? Certificate, FileInfo? Key, string? ServerName);
