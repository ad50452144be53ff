namespace HealthShare.Chaincode.Ledger;

/// <summary>Names of the chaincode's transactions, each with its argument and its result.</summary>
public static class LedgerTransactions
{
    /// <summary><see cref="Ledger.InitNetwork"/> → <see cref="Network"/>.</summary>
    public const string InitNetwork = "Organizations:Init";

    /// <summary><see cref="SealingKey"/>, the caller's own → <see cref="OrganizationEntry"/>.</summary>
    public const string UpdateSealingKey = "Organizations:UpdateSealingKey";

    /// <summary><see cref="Ledger.ProposeChange"/> → <see cref="ProposalEntry"/>.</summary>
    public const string ProposeChange = "Organizations:Propose";

    /// <summary><see cref="Ledger.ApproveChange"/> → <see cref="ProposalEntry"/>.</summary>
    public const string ApproveChange = "Organizations:Approve";

    /// <summary>Evaluate: → <see cref="ProposalList"/>.</summary>
    public const string ListProposals = "Organizations:ListProposals";

    /// <summary>Evaluate: MSP id → <see cref="OrganizationEntry"/>.</summary>
    public const string GetOrganization = "Organizations:Get";

    /// <summary>Evaluate: → <see cref="Network"/>.</summary>
    public const string ListOrganizations = "Organizations:List";

    /// <summary><see cref="Ledger.EnrollPatient"/> → <see cref="PatientEntry"/>.</summary>
    public const string EnrollPatient = "Patients:Enroll";

    /// <summary><see cref="Ledger.PinCredential"/>, a patient's first → <see cref="CredentialEntry"/>.</summary>
    public const string PinCredential = "Patients:PinCredential";

    /// <summary><see cref="SignedStatement"/> (an addition) → <see cref="CredentialEntry"/>.</summary>
    public const string AddCredential = "Patients:AddCredential";

    /// <summary><see cref="SignedStatement"/> (a revocation of a credential) → <see cref="CredentialEntry"/> as it stays.</summary>
    public const string RevokeCredential = "Patients:RevokeCredential";

    /// <summary><see cref="AttestSigner"/> → <see cref="VouchedEntry"/>.</summary>
    public const string AttestSigner = "Patients:Attest";

    /// <summary><see cref="ObjectToSigner"/> → <see cref="VouchedEntry"/>.</summary>
    public const string ObjectToSigner = "Patients:Object";

    /// <summary><see cref="SignedStatement"/> (an appointment or its renewal) → <see cref="DelegateEntry"/>.</summary>
    public const string AppointDelegate = "Patients:AppointDelegate";

    /// <summary><see cref="SignedStatement"/> (a revocation of a delegate) → <see cref="DelegateEntry"/> as it stays.</summary>
    public const string RevokeDelegate = "Patients:RevokeDelegate";

    /// <summary><see cref="SignedStatement"/> (a confirmation) → <see cref="EndedStatementEntry"/>, the confirmation.</summary>
    public const string Confirm = "Patients:Confirm";

    /// <summary><see cref="SignedStatement"/> (a link) → <see cref="AffiliationEntry"/>.</summary>
    public const string LinkPatient = "Patients:Link";

    /// <summary><see cref="Ledger.MergePatients"/> → <see cref="MergeEntry"/>.</summary>
    public const string MergePatients = "Patients:Merge";

    /// <summary><see cref="Ledger.ObjectToMerge"/> → <see cref="MergeEntry"/>.</summary>
    public const string ObjectToMerge = "Patients:ObjectToMerge";

    /// <summary><see cref="SignedStatement"/> (an erasure) → <see cref="PatientEntry"/> as it stays.</summary>
    public const string ErasePatient = "Patients:Erase";

    /// <summary><see cref="Ledger.ReportErasure"/> → <see cref="ErasureReportEntry"/>.</summary>
    public const string ReportErasure = "Patients:ReportErasure";

    /// <summary><see cref="Ledger.PurgeEnvelopes"/>, endorsed by the caller alone → nothing.</summary>
    public const string PurgeEnvelopes = "Patients:PurgeEnvelopes";

    /// <summary><see cref="Ledger.ShareLabelKey"/>, transient <c>envelope</c>, endorsed by the caller alone → nothing.</summary>
    public const string ShareLabelKey = "Patients:ShareLabelKey";

    /// <summary>Evaluate at the sender's peer: <see cref="Ledger.GetLabelKey"/> → <see cref="SealedEnvelope"/>.</summary>
    public const string GetLabelKey = "Patients:GetLabelKey";

    /// <summary>Evaluate: patient id → <see cref="PatientView"/>.</summary>
    public const string GetPatient = "Patients:Get";

    /// <summary><see cref="Ledger.RegisterRecords"/> → <see cref="RegisterResult"/>.</summary>
    public const string RegisterRecords = "Records:Register";

    /// <summary><see cref="Ledger.SupersedeRecords"/> → <see cref="SupersedeResult"/>.</summary>
    public const string SupersedeRecords = "Records:Supersede";

    /// <summary>Evaluate: <see cref="Ledger.GetRecord"/> → <see cref="RecordEntry"/>.</summary>
    public const string GetRecord = "Records:Get";

    /// <summary>Evaluate: patient id → <see cref="RecordList"/>.</summary>
    public const string ListRecords = "Records:ListByPatient";

    /// <summary><see cref="SignedStatement"/> (a grant) → <see cref="StatementEntry"/>.</summary>
    public const string GrantConsent = "Consents:Grant";

    /// <summary><see cref="SignedStatement"/> (a revocation) → <see cref="EndedStatementEntry"/> of what it revoked.</summary>
    public const string RevokeConsent = "Consents:Revoke";

    /// <summary><see cref="Ledger.AttestConsent"/> → <see cref="AttestationEntry"/>.</summary>
    public const string AttestConsent = "Consents:Attest";

    /// <summary><see cref="Ledger.WithdrawAttestation"/> → <see cref="AttestationEntry"/>.</summary>
    public const string WithdrawAttestation = "Consents:Withdraw";

    /// <summary><see cref="Ledger.CoSignConsent"/> → <see cref="StatementEntry"/>.</summary>
    public const string CoSignConsent = "Consents:CoSign";

    /// <summary>Evaluate: <see cref="Ledger.GetConsent"/> → <see cref="ConsentList"/> with that one statement.</summary>
    public const string GetConsent = "Consents:Get";

    /// <summary>Evaluate: patient id → <see cref="ConsentList"/>.</summary>
    public const string ListConsents = "Consents:ListByPatient";

    /// <summary>Evaluate: <see cref="Ledger.ExplainAccess"/> → <see cref="Explanation"/>.</summary>
    public const string ExplainConsent = "Consents:Explain";

    /// <summary><see cref="Ledger.RequestAccess"/> → <see cref="AccessEntry"/>.</summary>
    public const string RequestAccess = "Access:Request";

    /// <summary><see cref="Ledger.ReleaseKeys"/> → <see cref="ReleaseEntry"/>.</summary>
    public const string ReleaseKeys = "Access:ReleaseKeys";

    /// <summary><see cref="Ledger.DeliverKeys"/>, transient <c>envelope</c>, endorsed by the caller alone → nothing.</summary>
    public const string DeliverKeys = "Access:DeliverKeys";

    /// <summary><see cref="Ledger.PurgeExpired"/>, endorsed by the caller alone → nothing.</summary>
    public const string PurgeExpired = "Access:PurgeExpired";

    /// <summary>Evaluate at the custodian's peer: <see cref="Ledger.GetEnvelope"/> → <see cref="SealedEnvelope"/>.</summary>
    public const string GetEnvelope = "Access:GetEnvelope";

    /// <summary>Evaluate: <see cref="AccessRef"/> → <see cref="AccessView"/>.</summary>
    public const string GetAccess = "Access:Get";

    /// <summary>Evaluate: patient id → <see cref="AccessList"/>.</summary>
    public const string ListAccesses = "Access:ListByPatient";

    /// <summary><see cref="SignedEmergency"/> → <see cref="EmergencyEntry"/>.</summary>
    public const string BreakGlass = "Access:BreakGlass";

    /// <summary><see cref="Ledger.ReviewEmergency"/> → <see cref="ReviewEntry"/>.</summary>
    public const string ReviewEmergency = "Access:Review";

    /// <summary>Evaluate: → <see cref="OpenReviewList"/>.</summary>
    public const string ListUnreviewed = "Access:ListUnreviewed";

    /// <summary><see cref="Ledger.ReportMismatch"/> → <see cref="MismatchEntry"/>.</summary>
    public const string ReportMismatch = "Access:ReportMismatch";

    /// <summary><see cref="Ledger.RegisterStaffKey"/> → <see cref="StaffKeyEntry"/>.</summary>
    public const string RegisterStaffKey = "Staff:Register";

    /// <summary><see cref="Ledger.RevokeStaffKey"/> → <see cref="StaffKeyEntry"/>.</summary>
    public const string RevokeStaffKey = "Staff:Revoke";

    /// <summary>Evaluate: MSP id → <see cref="StaffKeyList"/>.</summary>
    public const string ListStaffKeys = "Staff:List";

    /// <summary>Name of the transient value that holds an envelope.</summary>
    public const string EnvelopeField = "envelope";
}
