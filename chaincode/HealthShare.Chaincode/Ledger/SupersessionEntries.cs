namespace HealthShare.Chaincode.Ledger;

/// <summary>How a later record stands to an earlier one of the same patient and custodian.</summary>
public enum Relation
{
    /// <summary>It says all that the earlier one said, as it is now.</summary>
    Replaces,

    /// <summary>It corrects or adds to a part; the rest of the earlier one holds.</summary>
    Amends,

    /// <summary>It says that what the earlier one told did not happen, or was wrong.</summary>
    Cancels,

    /// <summary>There is no later record: the custodian took the record back, as one that is another patient's.</summary>
    Withdraws,
}

/// <summary>Argument of <c>Records:Supersede</c>. The caller is the custodian of all the records.</summary>
/// <param name="Supersessions">1 to 100, of one or several patients.</param>
public sealed record SupersedeRecords(IReadOnlyList<NewSupersession> Supersessions);

/// <summary>What became of one record.</summary>
/// <param name="PatientId">Patient of both records.</param>
/// <param name="RecordId">The earlier record.</param>
/// <param name="Relation">How the later one stands to it.</param>
/// <param name="By">The later record; null where it was withdrawn.</param>
public sealed record NewSupersession(string PatientId, string RecordId, Relation Relation, string? By = null);

/// <summary>What became of a record. Kept for ever.</summary>
/// <param name="Custodian">MSP id of the hospital whose records both are.</param>
/// <param name="At">Proposal time.</param>
/// <param name="Supersession">What it said.</param>
public sealed record SupersessionEntry(string Custodian, DateTimeOffset At, NewSupersession Supersession);

/// <summary>What <c>Records:Supersede</c> did.</summary>
/// <param name="Superseded">What is new.</param>
/// <param name="AlreadySuperseded">What was said before.</param>
public sealed record SupersedeResult(int Superseded, int AlreadySuperseded);
