using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace HealthShare.Node.Auth;

/// <summary>
/// Finds the caller of a token. Follows the settings while the node runs; settings that are not valid leave the callers as
/// they were.
/// </summary>
internal sealed partial class CallerDirectory : IDisposable
{
    private readonly IOptionsFactory<AuthOptions> options;
    private readonly ILogger<CallerDirectory> logger;
    private readonly IDisposable watch;
    private volatile Entry[] callers;

    public CallerDirectory(IOptionsFactory<AuthOptions> options, IConfiguration settings, ILogger<CallerDirectory> logger)
    {
        (this.options, this.logger) = (options, logger);
        callers = Read();
        watch = ChangeToken.OnChange(settings.GetReloadToken, Reload);
    }

    /// <summary>The token's caller, or null. The time taken tells nothing about the tokens that exist.</summary>
    public Caller? Find(string token)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(token));
        Caller? found = null;
        foreach (var entry in callers)
        {
            if (entry.Token is { } known && CryptographicOperations.FixedTimeEquals(known, hash))
                found = entry.Caller;
        }
        return found;
    }

    /// <summary>The caller who shows this certificate, by its hash, or by its subject where the authority vouches for that; null for nobody.</summary>
    public Caller? FindByCertificate(X509Certificate2 certificate, bool isVouchedFor)
    {
        var hash = certificate.GetCertHash(HashAlgorithmName.SHA256);
        return callers.FirstOrDefault(entry => entry.Certificate is { } known ? known.AsSpan().SequenceEqual(hash)
            : isVouchedFor && entry.Subject is { } subject && subject.RawData.AsSpan().SequenceEqual(certificate.SubjectName.RawData))?.Caller;
    }

    public void Dispose() => watch.Dispose();

    private void Reload()
    {
        try
        {
            callers = Read();
            LogChanged(callers.Length);
        }
        catch (Exception e) when (e is OptionsValidationException or InvalidOperationException or CryptographicException)
        {
            LogKept(e.Message);
        }
    }

    private Entry[] Read() =>
    [
        .. options.Create(Options.DefaultName).Callers.Select(caller => new Entry(
            caller.TokenSha256 is { } token ? Convert.FromHexString(token) : null,
            caller.CertificateSha256 is { } hash ? Convert.FromHexString(hash) : null,
            caller.CertificateSubject is { } subject ? new X500DistinguishedName(subject) : null,
            new Caller(caller.Name, caller.DelegateId is null ? caller.Role!.Value : Role.Delegate, caller.StaffId, caller.PatientId, caller.DelegateId))),
    ];

    private sealed record Entry(byte[]? Token, byte[]? Certificate, X500DistinguishedName? Subject, Caller Caller);

    [LoggerMessage(3301, LogLevel.Information, "The settings name {Count} callers now.")]
    private partial void LogChanged(int count);

    [LoggerMessage(3302, LogLevel.Error, "The settings were changed and are not valid; the callers stay as they were. {Reason}")]
    private partial void LogKept(string reason);
}
