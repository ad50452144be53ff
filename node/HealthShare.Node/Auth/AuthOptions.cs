using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Auth;

/// <summary>Who may call this node (section <c>HealthShare:Auth</c>).</summary>
public sealed class AuthOptions
{
    /// <summary>Callers and the hashes of their tokens. Default none: then only health and the API's description answer.</summary>
    [ValidateEnumeratedItems]
    public IList<CallerOptions> Callers { get; } = [];
}

/// <summary>One caller (<c>HealthShare:Auth:Callers:N</c>).</summary>
public sealed class CallerOptions
{
    /// <summary>Name for logs, such as <c>integration-engine</c>. Required.</summary>
    [Required, StringLength(100, MinimumLength = 1)]
    public string Name { get; set; } = "";

    /// <summary>What the caller is. Required.</summary>
    [Required, EnumDataType(typeof(Role))]
    public Role? Role { get; set; }

    /// <summary>Random id under which the ledger knows this member of staff. Required for physicians and nurses.</summary>
    [StringLength(64, MinimumLength = 1)]
    public string? StaffId { get; set; }

    /// <summary>The patient's id on the channel. Required for patients and delegates, and for nobody else.</summary>
    [StringLength(64, MinimumLength = 1)]
    public string? PatientId { get; set; }

    /// <summary>
    /// The id on the channel, <c>dg-…</c>, of a delegate or guardian who calls in the patient's place; for delegates and patients only. Such
    /// a caller sees the patient and records that are not confidential, and relays statements, while the power stands. Default none.
    /// </summary>
    [StringLength(64, MinimumLength = 1)]
    public string? DelegateId { get; set; }

    /// <summary>
    /// SHA-256 of the token's characters, 64 hex digits: <c>printf %s TOKEN | sha256sum</c>. Use tokens of at least 128 random
    /// bits. An entry has this, <see cref="CertificateSha256"/> or <see cref="CertificateSubject"/>.
    /// </summary>
    [RegularExpression("^[0-9A-Fa-f]{64}$")]
    public string? TokenSha256 { get; set; }

    /// <summary>
    /// SHA-256 of the client certificate that a program shows, in DER, 64 hex digits; see <c>HealthShare:Http:ClientCertificates</c>. Default
    /// none.
    /// </summary>
    [RegularExpression("^[0-9A-Fa-f]{64}$")]
    public string? CertificateSha256 { get; set; }

    /// <summary>
    /// Subject of the client certificate, as <c>openssl x509 -subject -nameopt RFC2253</c> prints it; it must come from the authority of
    /// <c>HealthShare:Http:ClientCaFile</c>. Default none.
    /// </summary>
    [StringLength(500, MinimumLength = 1)]
    public string? CertificateSubject { get; set; }
}

[OptionsValidator]
internal sealed partial class AuthOptionsValidator : IValidateOptions<AuthOptions>;
