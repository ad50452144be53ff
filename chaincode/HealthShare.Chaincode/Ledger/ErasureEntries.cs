namespace HealthShare.Chaincode.Ledger;

/// <summary>Argument of <c>Patients:ReportErasure</c>: what the calling hospital's node has done about an erasure.</summary>
/// <param name="PatientId">Patient.</param>
/// <param name="RetainedUntil">
/// Until when the hospital must keep records of its own, for its own staff; null when it holds no key and no content any more.
/// </param>
public sealed record ReportErasure(string PatientId, DateTimeOffset? RetainedUntil = null);

/// <summary>A hospital's word that its node destroyed what it held to share. Nobody can prove what was destroyed.</summary>
/// <param name="PatientId">Patient.</param>
/// <param name="Member">MSP id of the hospital.</param>
/// <param name="ReportedAt">Proposal time.</param>
/// <param name="RetainedUntil">Until when it keeps records of its own; null when it holds nothing any more.</param>
public sealed record ErasureReportEntry(string PatientId, string Member, DateTimeOffset ReportedAt, DateTimeOffset? RetainedUntil = null);

/// <summary>Argument of <c>Patients:PurgeEnvelopes</c>, endorsed by the caller's peer alone.</summary>
/// <param name="PatientId">An erased patient.</param>
/// <param name="Releases">Releases whose envelopes go, at most 100.</param>
/// <param name="LabelKeysFor">MSP ids of members to whom the caller sent the label key, at most 100.</param>
public sealed record PurgeEnvelopes(string PatientId, IReadOnlyList<ReleaseName> Releases, IReadOnlyList<string> LabelKeysFor);

/// <summary>A release of the caller's.</summary>
/// <param name="Requester">MSP id of the member that asked.</param>
/// <param name="AccessId">Its access.</param>
/// <param name="ReleaseId">The release.</param>
public sealed record ReleaseName(string Requester, string AccessId, string ReleaseId);
