namespace HealthShare.Node.Intake.Journal;

/// <summary>A message about to be written to the journal.</summary>
/// <param name="Id">Id of the entry, made at random.</param>
/// <param name="State">Received, or quarantined.</param>
/// <param name="Source">Which door it came through: <c>mllp</c> or <c>http</c>.</param>
/// <param name="MessageKey">Keyed hash of facility and control id.</param>
/// <param name="ContentKey">Keyed hash of the content.</param>
/// <param name="Size">Length of the content in bytes.</param>
/// <param name="Payload">The content, encrypted.</param>
/// <param name="RecordId">Ledger id that its record will have; null in quarantine.</param>
/// <param name="ReasonCode">Why it is in quarantine; null elsewhere.</param>
/// <param name="Reason">The same in words, with the place and without content.</param>
internal sealed record NewEntry(
    string Id, IntakeState State, string Source, byte[] MessageKey, byte[] ContentKey, long Size, byte[] Payload,
    string? RecordId, string? ReasonCode, string? Reason);

/// <summary>What became of an entry.</summary>
/// <param name="Id">Id of the entry: an earlier one's where it was there already.</param>
/// <param name="State">State of that entry.</param>
/// <param name="Duplicate">The same message was in the journal already.</param>
/// <param name="ControlIdReused">Another message of that facility has the same control id and other content.</param>
internal sealed record Appended(string Id, IntakeState State, bool Duplicate, bool ControlIdReused);

/// <summary>A row of the journal as the pipeline works on it.</summary>
internal sealed class IntakeMessage
{
    public long Sequence { get; set; }

    public string Id { get; set; } = "";

    public string State { get; set; } = "";

    public long Size { get; set; }

    public long ReceivedAt { get; set; }

    public long UpdatedAt { get; set; }

    public string? RecordId { get; set; }

    public string? PatientId { get; set; }

    public byte[]? Meaning { get; set; }

    public long ControlIdReused { get; set; }

    public string? ReasonCode { get; set; }

    public string? Reason { get; set; }

    public long Attempts { get; set; }
}
