namespace HealthShare.Node.Intake.Journal;

/// <summary>A message about to be written to the journal.</summary>
/// <param name="Id">Id of the entry, made at random.</param>
/// <param name="State">Received, or quarantined.</param>
/// <param name="Source">Which door it came through: <c>mllp</c>, <c>http</c> or <c>folder</c>.</param>
/// <param name="Actor">Who brought it, for the history: the caller's name, or the door's where the door knows no callers.</param>
/// <param name="MessageKey">Keyed hash of facility and control id.</param>
/// <param name="ContentKey">Keyed hash of the content.</param>
/// <param name="Facility">Keyed hash of the sending facility, in text; null where it could not be read.</param>
/// <param name="Type">Message type, such as <c>ORU^R01</c>; null where it is not of that form.</param>
/// <param name="Size">Length of the content in bytes.</param>
/// <param name="Payload">The content, encrypted.</param>
/// <param name="RecordId">Ledger id that its record will have; null in quarantine.</param>
/// <param name="PatientHint">Keyed hash of the first number that names the patient; null in quarantine.</param>
/// <param name="ReasonCode">Why it is in quarantine; null elsewhere.</param>
/// <param name="Reason">The same in words, with the place and without content.</param>
/// <param name="ContinuedIn">Keyed hash of what the next part calls this one; null where the message is not continued.</param>
internal sealed record NewEntry(
    string Id, IntakeState State, string Source, string Actor, byte[] MessageKey, byte[] ContentKey, string? Facility, string? Type, long Size,
    byte[] Payload, string? RecordId, long? PatientHint, string? ReasonCode, string? Reason, byte[]? ContinuedIn);

/// <summary>A message that may be the rest of another one.</summary>
/// <param name="Name">What it calls the part before it.</param>
/// <param name="MessageKey">Keyed hash of facility and control id.</param>
/// <param name="ContentKey">Keyed hash of the content.</param>
internal sealed record MaybeRest(byte[] Name, byte[] MessageKey, byte[] ContentKey);

/// <summary>What became of an entry.</summary>
/// <param name="Id">Id of the entry: an earlier one's where it was there already.</param>
/// <param name="State">State of that entry.</param>
/// <param name="Duplicate">The same message was in the journal already, and this one has no effect.</param>
/// <param name="ControlIdReused">Another message of that facility has the same control id and other content.</param>
internal sealed record Appended(string Id, IntakeState State, bool Duplicate, bool ControlIdReused);

/// <summary>A message whose patient and meaning are known.</summary>
/// <param name="Message">The message.</param>
/// <param name="PatientId">Its patient.</param>
/// <param name="Meaning">Its meaning, encrypted.</param>
internal sealed record ParsedMessage(IntakeMessage Message, string PatientId, byte[] Meaning);

/// <summary>A row of the journal, without the content.</summary>
internal sealed class IntakeMessage
{
    public long Sequence { get; set; }

    public string Id { get; set; } = "";

    public string State { get; set; } = "";

    public string Source { get; set; } = "";

    public string? Facility { get; set; }

    public string? Type { get; set; }

    public long Size { get; set; }

    public long ReceivedAt { get; set; }

    public long UpdatedAt { get; set; }

    public string? RecordId { get; set; }

    public string? PatientId { get; set; }

    public byte[]? Meaning { get; set; }

    public long ControlIdReused { get; set; }

    public long Repetitions { get; set; }

    public string? ReasonCode { get; set; }

    public string? Reason { get; set; }

    public long Attempts { get; set; }

    public long? PatientHint { get; set; }

    public long NextAttemptAt { get; set; }

    /// <summary>Every number that the content names its patient by, or an earlier number of, as a keyed hash; and the patient, once found. Not of the row: empty until the content was read.</summary>
    public HashSet<long> NumberKeys { get; } = [];

    /// <summary>What the message has in common with others of its patient: one that shares any of these keeps its place behind it.</summary>
    public IReadOnlyCollection<long> OrderKeys =>
        State != StateName.Of(IntakeState.Received) && PatientId is { } patientId ? [WaitingLine.KeyOf(patientId)]
        : NumberKeys.Count > 0 ? NumberKeys
        : PatientHint is { } hint ? [hint]
        : [];
}
