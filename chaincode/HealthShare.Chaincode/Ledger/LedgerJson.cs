using System.Text.Json.Serialization;

namespace HealthShare.Chaincode.Ledger;

/// <summary>
/// JSON of arguments, results and the state: camelCase, times as in the design, unknown and missing members refused. The
/// chaincode and the node use the same one.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    MaxDepth = 16,
    Converters = [typeof(LedgerTimeConverter), typeof(LowerCaseEnumConverter<OrganizationKind>),
        typeof(LowerCaseEnumConverter<EndedStatementKind>), typeof(LowerCaseEnumConverter<AttestationForm>),
        typeof(LowerCaseEnumConverter<VouchedKind>), typeof(LowerCaseEnumConverter<LedgerKind>),
        typeof(LowerCaseEnumConverter<ReviewOutcome>), typeof(LowerCaseEnumConverter<Relation>)])]
[JsonSerializable(typeof(InitNetwork))]
[JsonSerializable(typeof(Network))]
[JsonSerializable(typeof(ChannelSettings))]
[JsonSerializable(typeof(OrganizationEntry))]
[JsonSerializable(typeof(SealingKey))]
[JsonSerializable(typeof(ProposeChange))]
[JsonSerializable(typeof(GovernanceChange))]
[JsonSerializable(typeof(ApproveChange))]
[JsonSerializable(typeof(ProposalEntry))]
[JsonSerializable(typeof(VoteEntry))]
[JsonSerializable(typeof(ProposalView))]
[JsonSerializable(typeof(ProposalList))]
[JsonSerializable(typeof(EnrollPatient))]
[JsonSerializable(typeof(PinCredential))]
[JsonSerializable(typeof(ShareLabelKey))]
[JsonSerializable(typeof(GetLabelKey))]
[JsonSerializable(typeof(SealedEnvelope))]
[JsonSerializable(typeof(PatientEntry))]
[JsonSerializable(typeof(AffiliationEntry))]
[JsonSerializable(typeof(CredentialEntry))]
[JsonSerializable(typeof(PatientView))]
[JsonSerializable(typeof(RegisterRecords))]
[JsonSerializable(typeof(RegisterResult))]
[JsonSerializable(typeof(GetRecord))]
[JsonSerializable(typeof(RecordEntry))]
[JsonSerializable(typeof(RecordList))]
[JsonSerializable(typeof(SupersedeRecords))]
[JsonSerializable(typeof(SupersedeResult))]
[JsonSerializable(typeof(SupersessionEntry))]
[JsonSerializable(typeof(SignedStatement))]
[JsonSerializable(typeof(StatementEntry))]
[JsonSerializable(typeof(EndedStatementEntry))]
[JsonSerializable(typeof(AttestSigner))]
[JsonSerializable(typeof(ObjectToSigner))]
[JsonSerializable(typeof(VouchedEntry))]
[JsonSerializable(typeof(DelegateEntry))]
[JsonSerializable(typeof(ConfirmationEntry))]
[JsonSerializable(typeof(AttestConsent))]
[JsonSerializable(typeof(WithdrawAttestation))]
[JsonSerializable(typeof(AttestationEntry))]
[JsonSerializable(typeof(UseEntry))]
[JsonSerializable(typeof(CoSignConsent))]
[JsonSerializable(typeof(GetConsent))]
[JsonSerializable(typeof(ConsentList))]
[JsonSerializable(typeof(ExplainAccess))]
[JsonSerializable(typeof(Explanation))]
[JsonSerializable(typeof(RequestAccess))]
[JsonSerializable(typeof(AccessRef))]
[JsonSerializable(typeof(AccessEntry))]
[JsonSerializable(typeof(ReleaseKeys))]
[JsonSerializable(typeof(ReleaseEntry))]
[JsonSerializable(typeof(DeliverKeys))]
[JsonSerializable(typeof(PurgeExpired))]
[JsonSerializable(typeof(GetEnvelope))]
[JsonSerializable(typeof(AccessView))]
[JsonSerializable(typeof(AccessList))]
[JsonSerializable(typeof(ReportMismatch))]
[JsonSerializable(typeof(MismatchEntry))]
[JsonSerializable(typeof(RegisterStaffKey))]
[JsonSerializable(typeof(RevokeStaffKey))]
[JsonSerializable(typeof(StaffKeyEntry))]
[JsonSerializable(typeof(StaffKeyList))]
[JsonSerializable(typeof(SignedEmergency))]
[JsonSerializable(typeof(EmergencyEntry))]
[JsonSerializable(typeof(ReviewEmergency))]
[JsonSerializable(typeof(ReviewEntry))]
[JsonSerializable(typeof(OpenReviewEntry))]
[JsonSerializable(typeof(OpenReviewList))]
[JsonSerializable(typeof(MergePatients))]
[JsonSerializable(typeof(ObjectToMerge))]
[JsonSerializable(typeof(MergeEntry))]
[JsonSerializable(typeof(MergedIntoEntry))]
[JsonSerializable(typeof(ReportErasure))]
[JsonSerializable(typeof(ErasureReportEntry))]
[JsonSerializable(typeof(PurgeEnvelopes))]
[JsonSerializable(typeof(LedgerEvent))]
public sealed partial class LedgerJson : JsonSerializerContext;
