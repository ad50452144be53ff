using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Hosting;

/// <summary>The HTTP side (section <c>HealthShare:Http</c>).</summary>
public sealed class HttpOptions : IValidatableObject
{
    /// <summary>Where to listen, such as <c>http://127.0.0.1:5101</c>; port 0 lets the system choose. Default that address.</summary>
    [Required]
    public Uri Url { get; set; } = new("http://127.0.0.1:5101");

    /// <summary>PEM file with the certificate chain for an <c>https</c> address. Required there.</summary>
    public string? CertificateFile { get; set; }

    /// <summary>PEM file with that certificate's private key. Required for an <c>https</c> address.</summary>
    public string? KeyFile { get; set; }

    /// <summary>
    /// Whether an <c>https</c> address asks for client certificates, so that programs named in <c>HealthShare:Auth:Callers</c> can show theirs.
    /// Nobody has to; browsers may ask people about it. Default false.
    /// </summary>
    public bool ClientCertificates { get; set; }

    /// <summary>PEM file of the authority whose client certificates are believed in what they say of their subject. Default none.</summary>
    public string? ClientCaFile { get; set; }

    /// <summary>Largest request body in bytes, 1 KiB to 16 MiB, save where an endpoint has its own. Default 1 MiB.</summary>
    [Range(1024, 16 * 1024 * 1024)]
    public int MaxBodyBytes { get; set; } = 1024 * 1024;

    /// <summary>Requests of one caller served at the same time, 1 to 10,000; more wait. Default 128.</summary>
    [Range(1, 10_000)]
    public int ConcurrentRequestsPerCaller { get; set; } = 128;

    /// <summary>Requests of one caller that wait, 0 to 100,000; more get 429. Default 1,024.</summary>
    [Range(0, 100_000)]
    public int WaitingRequestsPerCaller { get; set; } = 1024;

    /// <summary>Requests without a valid token from one address in ten seconds, 1 to 100,000; more get 429. Default 200.</summary>
    [Range(1, 100_000)]
    public int AnonymousRequestsPerTenSeconds { get; set; } = 200;

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        // A slip such as localhost:5101 reads as an address of the scheme "localhost".
        if (Url is not null && !(Url.IsAbsoluteUri && Url.Scheme is ("http" or "https") && Url.Host.Length > 0))
            yield return new ValidationResult($"'{Url.OriginalString}' is no http or https address; expected one such as http://127.0.0.1:5101.", [nameof(Url)]);
    }
}

[OptionsValidator]
internal sealed partial class HttpOptionsValidator : IValidateOptions<HttpOptions>;
