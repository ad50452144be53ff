using System.Security.Cryptography;

namespace HealthShare.Node.Auth.People;

/// <summary>Somebody who signs in with passkeys.</summary>
/// <param name="Id">Random id, also the user handle of the passkeys; the one name that goes to logs.</param>
/// <param name="Role">What the person is.</param>
/// <param name="Name">Name for people; never in logs.</param>
/// <param name="StaffId">Random id under which the ledger knows this member of staff; null for patients.</param>
/// <param name="PatientId">The patient's id on the channel; null for staff.</param>
/// <param name="DelegateId">For who acts in the patient's place: the id under which the ledger knows that person.</param>
internal sealed record Person(string Id, Role Role, string Name, string? StaffId, string? PatientId, string? DelegateId)
{
    /// <summary>Makes a new id.</summary>
    public static string NewId() => $"us-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16))}";

    /// <summary>Whom it is about: two rows of one subject would be one person twice.</summary>
    public string Subject => (PatientId, StaffId, DelegateId) switch
    {
        ({ } patient, _, null) => $"patient {patient}",
        ({ } patient, _, { } other) => $"delegate {patient} {other}",
        (null, { } staff, _) => SubjectOfStaff(staff),
        _ => $"person {Id}",
    };

    /// <summary>The subject of a member of staff.</summary>
    public static string SubjectOfStaff(string staffId) => $"staff {staffId}";
}
