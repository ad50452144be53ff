using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Access.Requests;

namespace HealthShare.Node.Patients;

/// <summary>Enrols a patient, or joins one of this hospital's numbers to a patient that another hospital enrolled.</summary>
/// <param name="Number">The hospital's own number, 1 to 64 characters. It is kept as a keyed hash and goes nowhere.</param>
/// <param name="Authority">
/// Who assigned the number, as HL7 messages name it in PID-3.4: <c>ISO:1.2.3</c> for a universal id with its type, else the
/// namespace. Where messages name none there, what they name in MSH-4, else in MSH-3.
/// </param>
/// <param name="PatientId">
/// The patient's id on the channel, where another hospital enrolled the patient and the patient linked this one; null enrols.
/// </param>
/// <param name="Type">
/// Type of the number, as HL7 messages state it in PID-3.5: <c>MR</c>, <c>PI</c>, <c>PT</c> or <c>PE</c>; the same digits of two types are
/// two numbers. Null: the medical record number (<c>MR</c>).
/// </param>
/// <param name="OnlyKnown">
/// True finds alone: a number that this hospital does not know yet is refused (<c>patient.number_unknown</c>), so that a slip of the pen
/// makes nobody, whom nothing takes off the channel again. False enrols.
/// </param>
public sealed record NewPatient(string Number, string Authority = "", string? PatientId = null, string? Type = null, bool OnlyKnown = false);

/// <summary>A number by which this hospital knows a patient.</summary>
/// <param name="Number">The hospital's own number, 1 to 64 characters.</param>
/// <param name="Authority">Who assigned it, as in <see cref="NewPatient"/>.</param>
/// <param name="Type">Type of the number, as in <see cref="NewPatient"/>.</param>
public sealed record PatientNumber(string Number, string Authority = "", string? Type = null);

/// <summary>A patient on the channel.</summary>
/// <param name="PatientId">Random id, <c>pt-…</c>.</param>
/// <param name="EnrolledBy">MSP id of the hospital that enrolled the patient.</param>
/// <param name="EnrolledAt">When.</param>
/// <param name="Members">Hospitals that may register records of the patient.</param>
/// <param name="Credentials">Credentials that can sign for the patient; not for physicians and nurses.</param>
/// <param name="LabelKey">
/// For the patient alone: the key from which tokens of categories, labels, authors and encounters are computed, 32 bytes,
/// base64url; null where this node does not have it.
/// </param>
/// <param name="ErasedAt">When the patient erased what is shared; null where the patient did not.</param>
public sealed record Patient(
    string PatientId, string EnrolledBy, DateTimeOffset EnrolledAt, IReadOnlyList<PatientMember> Members,
    IReadOnlyList<CredentialEntry>? Credentials, string? LabelKey = null, DateTimeOffset? ErasedAt = null);

/// <summary>A hospital that the patient knows.</summary>
/// <param name="MspId">MSP id.</param>
/// <param name="Name">Name for people; null where the channel has none.</param>
/// <param name="Since">Since when.</param>
/// <param name="StatementId">The link that the patient signed; null for the hospital that enrolled the patient.</param>
public sealed record PatientMember(string MspId, string? Name, DateTimeOffset Since, string? StatementId);

/// <summary>A record as the channel describes it: no word of its content.</summary>
/// <param name="RecordId">Id, <c>rc-…</c>.</param>
/// <param name="Custodian">MSP id of the hospital that holds it.</param>
/// <param name="RegisteredAt">When it was registered.</param>
/// <param name="Date">When the data arose.</param>
/// <param name="Confidentiality">HL7 v3 Confidentiality code.</param>
/// <param name="Categories">Category tokens.</param>
/// <param name="Labels">Label tokens.</param>
/// <param name="Size">Length of the ciphertext in bytes.</param>
/// <param name="Fates">What became of it by later records; empty for one that stands as it is.</param>
public sealed record PatientRecord(
    string RecordId, string Custodian, DateTimeOffset RegisteredAt, DateTimeOffset Date, string Confidentiality,
    IReadOnlyList<string> Categories, IReadOnlyList<string> Labels, long Size, IReadOnlyList<RecordFate> Fates);

/// <summary>The records of a patient that the caller may know of.</summary>
/// <param name="Records">At most as many as asked for, newest data first.</param>
/// <param name="Next">Cursor of the next page; null on the last.</param>
public sealed record PatientRecords(IReadOnlyList<PatientRecord> Records, string? Next = null);
