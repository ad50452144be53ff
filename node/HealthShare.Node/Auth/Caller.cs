using System.Diagnostics.CodeAnalysis;
using System.Security.Claims;

namespace HealthShare.Node.Auth;

/// <summary>Who calls, as the token says.</summary>
/// <param name="Name">Name of the token's entry in the settings; for logs.</param>
/// <param name="Role">What the caller is.</param>
/// <param name="StaffId">Random id under which the ledger knows this member of staff; null for patients and programs.</param>
/// <param name="PatientId">The patient's own id on the channel; null for everyone else.</param>
/// <param name="DelegateId">
/// For a delegate or guardian who calls in the patient's place: the id under which the ledger knows that person; null for the patient.
/// </param>
public sealed record Caller(string Name, Role Role, string? StaffId, string? PatientId, string? DelegateId = null)
{
    private const string RoleClaim = "role", StaffClaim = "staff", PatientClaim = "patient", DelegateClaim = "delegate", NameClaim = "name";

    /// <summary>Hands the caller to an endpoint's parameter.</summary>
    public static ValueTask<Caller?> BindAsync(HttpContext http) =>
        ValueTask.FromResult(TryOf(http.User, out var caller) ? caller : null);

    /// <summary>True when the caller may see this patient's data as far as being that patient goes; staff always may.</summary>
    public bool MaySpeakFor(string patientId) =>
        Role is not Role.Patient || string.Equals(PatientId, patientId, StringComparison.Ordinal);

    /// <summary>Reads the caller from an authenticated principal.</summary>
    internal static bool TryOf(ClaimsPrincipal user, [NotNullWhen(true)] out Caller? caller)
    {
        caller = user.Identity is { IsAuthenticated: true }
            && user.FindFirstValue(NameClaim) is { } name && Enum.TryParse<Role>(user.FindFirstValue(RoleClaim), out var role)
            ? new Caller(name, role, user.FindFirstValue(StaffClaim), user.FindFirstValue(PatientClaim), user.FindFirstValue(DelegateClaim))
            : null;
        return caller is not null;
    }

    internal ClaimsPrincipal ToPrincipal(string scheme)
    {
        List<Claim> claims = [new(NameClaim, Name), new(RoleClaim, Role.ToString())];
        if (StaffId is not null)
            claims.Add(new(StaffClaim, StaffId));
        if (PatientId is not null)
            claims.Add(new(PatientClaim, PatientId));
        if (DelegateId is not null)
            claims.Add(new(DelegateClaim, DelegateId));
        return new ClaimsPrincipal(new ClaimsIdentity(claims, scheme, NameClaim, RoleClaim));
    }
}
