using System.Collections.Frozen;
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
    private const string OnlyClaim = "only", RoleClaim = "role", StaffClaim = "staff", PatientClaim = "patient", DelegateClaim = "delegate", NameClaim = "name";

    /// <summary>For a program with a token of the OpenID provider: what its scopes let it do, and no more; null where the role alone says.</summary>
    public FrozenSet<Permission>? Only { get; init; }

    /// <summary>True for a patient, and for who acts in a patient's place.</summary>
    public bool IsPatientSide => Role is Role.Patient or Role.Delegate;

    /// <summary>Hands the caller to an endpoint's parameter.</summary>
    public static ValueTask<Caller?> BindAsync(HttpContext http) =>
        ValueTask.FromResult(TryOf(http.User, out var caller) ? caller : null);

    /// <summary>True when the caller may see this patient's data as far as being that patient goes; staff always may.</summary>
    public bool MaySpeakFor(string patientId) =>
        !IsPatientSide || string.Equals(PatientId, patientId, StringComparison.Ordinal);

    /// <summary>Who it is, by whatever program and with whatever scopes: what each person has a bounded number of is counted by this.</summary>
    internal string Person => (PatientId, DelegateId, StaffId) switch
    {
        ({ } patient, null, _) => $"patient {patient}",
        ({ } patient, { } other, _) => $"delegate {patient} {other}",
        (null, _, { } staff) => $"staff {staff}",
        _ => $"program {Name}",
    };

    /// <summary>What tells this caller with these rights from every other, in one text: several people may use one program.</summary>
    internal string Standing => string.Concat(((string?[])[Role.ToString(), Name, StaffId, PatientId, DelegateId,
        Only is null ? null : string.Join(' ', Only.Order())]).Select(part => part is null ? "-" : $"{part.Length}:{part}"));

    /// <summary>True for the same person or program with the same rights.</summary>
    internal bool IsSameAs(Caller other) =>
        this with { Only = null } == other with { Only = null } && (Only ?? []).SetEquals(other.Only ?? []) && Only is null == other.Only is null;

    /// <summary>Reads the caller from an authenticated principal.</summary>
    internal static bool TryOf(ClaimsPrincipal user, [NotNullWhen(true)] out Caller? caller)
    {
        caller = user.Identity is { IsAuthenticated: true }
            && user.FindFirstValue(NameClaim) is { } name && Enum.TryParse<Role>(user.FindFirstValue(RoleClaim), out var role)
            ? new Caller(name, role, user.FindFirstValue(StaffClaim), user.FindFirstValue(PatientClaim), user.FindFirstValue(DelegateClaim))
            {
                Only = user.FindFirstValue(OnlyClaim) is { } only
                    ? only.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Enum.Parse<Permission>).ToFrozenSet()
                    : null,
            }
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
        if (Only is not null)
            claims.Add(new(OnlyClaim, string.Join(' ', Only)));
        return new ClaimsPrincipal(new ClaimsIdentity(claims, scheme, NameClaim, RoleClaim));
    }
}
