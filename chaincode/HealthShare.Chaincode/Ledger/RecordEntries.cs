namespace HealthShare.Chaincode.Ledger;

/// <summary>Argument of <c>Records:Register</c>. The caller becomes the custodian of every record.</summary>
/// <param name="Records">1 to 100 records, of one or several patients.</param>
public sealed record RegisterRecords(IReadOnlyList<NewRecord> Records);

/// <summary>One record as its custodian registers it.</summary>
/// <param name="PatientId">Patient; the custodian must be affiliated.</param>
/// <param name="RecordId">Id chosen by the custodian, <c>rc-…</c>; unique per patient and custodian.</param>
/// <param name="Categories">Category tokens, 1 to 16.</param>
/// <param name="Labels">Label tokens, at most 16.</param>
/// <param name="Confidentiality">HL7 v3 Confidentiality: U, L, M, N, R or V.</param>
/// <param name="Date">When the data arose.</param>
/// <param name="Cid">Where the ciphertext lies: CIDv1 in base32.</param>
/// <param name="Size">Length of the ciphertext in bytes, 1 to 2^40.</param>
/// <param name="KeyCommitment">Commitment to the record key, 32 bytes, base64url.</param>
/// <param name="Author">Author token; null when not known.</param>
/// <param name="Encounter">Encounter token; null when not known.</param>
/// <param name="PartOf">
/// The record that this one is a part of, such as a document that was cut out of a message; null for a record that stands for itself. A part is
/// registered in the transaction that registers the whole, says the same of itself, and is read with it and never apart: nobody asks for it, gives
/// its key away or supersedes it.
/// </param>
public sealed record NewRecord(
    string PatientId, string RecordId, IReadOnlyList<string> Categories, IReadOnlyList<string> Labels, string Confidentiality,
    DateTimeOffset Date, string Cid, long Size, string KeyCommitment, string? Author = null, string? Encounter = null, string? PartOf = null)
{
    /// <summary>
    /// True where this is a part of a whole as it may be one: of a record of the same patient that is no part itself, with the same categories,
    /// labels, confidentiality, date, author and encounter. So whatever decides about the whole decides about its parts.
    /// </summary>
    public bool IsPartOf(NewRecord whole) => PartOf == whole.RecordId && whole.PartOf is null && PatientId == whole.PatientId
        && Categories.SequenceEqual(whole.Categories) && Labels.SequenceEqual(whole.Labels) && Confidentiality == whole.Confidentiality
        && Date == whole.Date && Author == whole.Author && Encounter == whole.Encounter;
}

/// <summary>A registered record.</summary>
/// <param name="Custodian">MSP id of the hospital that registered it.</param>
/// <param name="RegisteredAt">Proposal time.</param>
/// <param name="Record">What it registered.</param>
public sealed record RecordEntry(string Custodian, DateTimeOffset RegisteredAt, NewRecord Record);

/// <summary>Names one record of a patient.</summary>
/// <param name="Custodian">MSP id of its custodian.</param>
/// <param name="RecordId">Record id.</param>
public sealed record RecordRef(string Custodian, string RecordId);

/// <summary>Argument of <c>Records:Get</c>.</summary>
/// <param name="PatientId">Patient.</param>
/// <param name="Custodian">MSP id of the record's custodian.</param>
/// <param name="RecordId">Record id.</param>
public sealed record GetRecord(string PatientId, string Custodian, string RecordId);

/// <summary>What <c>Records:Register</c> did.</summary>
/// <param name="Registered">Records that are new.</param>
/// <param name="AlreadyRegistered">Records that were there with the same content.</param>
public sealed record RegisterResult(int Registered, int AlreadyRegistered);

/// <summary>Records of a patient, ordered by custodian and id.</summary>
/// <param name="Records">The records.</param>
public sealed record RecordList(IReadOnlyList<RecordEntry> Records);
