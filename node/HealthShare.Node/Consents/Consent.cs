using System.Text.Json;
using HealthShare.Chaincode.Ledger;

namespace HealthShare.Node.Consents;

/// <summary>Where a consent stands.</summary>
public enum ConsentStatus
{
    /// <summary>It decides now.</summary>
    Active,

    /// <summary>Its period lies ahead.</summary>
    Scheduled,

    /// <summary>It is a broad permit whose waiting time is not over.</summary>
    Waiting,

    /// <summary>It is a counted permit without a use left.</summary>
    UsedUp,

    /// <summary>Its period is over.</summary>
    Expired,

    /// <summary>It does not count, because what it rests on does not stand (any more); <see cref="Consent.Lapse"/> says what.</summary>
    Lapsed,

    /// <summary>The patient took it back or replaced it, or the hospital that attested it.</summary>
    Revoked,
}

/// <summary>A grant of a patient as this node's copy of the channel has it.</summary>
/// <param name="Id">Id of the statement, <c>st-…</c>.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Effect"><c>permit</c> or <c>deny</c>; null where the statement was revoked before anyone saw it.</param>
/// <param name="Body">The body that was signed; categories, labels, authors and encounters are tokens.</param>
/// <param name="Issued">When the signer wrote it, by the signer's clock.</param>
/// <param name="AcceptedAt">When the channel accepted it.</param>
/// <param name="RelayedBy">MSP id of the member that brought it.</param>
/// <param name="Credential">The credential that signed it; null for what a hospital attested.</param>
/// <param name="RevokedBy">Id of the revocation, or of the grant that replaced it; null while there is none.</param>
/// <param name="RevokedAt">When the channel accepted the revocation.</param>
/// <param name="Statement">The exact bytes that were signed, base64url; null for what a hospital attested.</param>
/// <param name="AttestedBy">
/// MSP id of the hospital that vouches for it, where the patient signed nothing: it reaches that hospital's records only.
/// </param>
/// <param name="Form">How the patient consented: <c>paper</c> or <c>word</c>; null for what was signed.</param>
/// <param name="Delegate">Id of the delegate who signed, <c>dg-…</c>; null for what the patient signed.</param>
/// <param name="CommittedBy">
/// In the answer to a revocation or a deny: MSP ids of members whose peers have committed it. It counts as done with two.
/// </param>
/// <param name="EffectiveFrom">From when a broad permit counts, by the channel's time; a custodian waits by its own clock.</param>
/// <param name="CoSignedBy">The credential of the second signature under a broad permit; null where there is none.</param>
/// <param name="UsesLeft">How often a counted permit can still be used; null for others.</param>
/// <param name="Lapse">Why it does not count, with the status <c>lapsed</c>; null with any other.</param>
public sealed record Consent(
    string Id, ConsentStatus Status, string? Effect, JsonElement? Body, DateTimeOffset? Issued, DateTimeOffset AcceptedAt,
    string RelayedBy, string? Credential, string? RevokedBy, DateTimeOffset? RevokedAt, string? Statement, string? AttestedBy = null,
    string? Form = null, string? Delegate = null, IReadOnlyList<string>? CommittedBy = null, DateTimeOffset? EffectiveFrom = null,
    string? CoSignedBy = null, int? UsesLeft = null, LapseCause? Lapse = null);

/// <summary>A page of a patient's grants.</summary>
/// <param name="Consents">
/// First those in force and what hospitals attested, accepted last first; then those that ended, ended last first.
/// </param>
/// <param name="Next">Cursor of the next page; null on the last.</param>
public sealed record ConsentsOfPatient(IReadOnlyList<Consent> Consents, string? Next = null);

/// <summary>A permit that somebody else signed in the patient's place, and that a confirmation keeps.</summary>
/// <param name="Consent">The permit.</param>
/// <param name="LapsesAt">First instant at which it does not count unless it is confirmed; null where it does not count now.</param>
public sealed record UnconfirmedPermit(Consent Consent, DateTimeOffset? LapsesAt);

/// <summary>What waits for the confirmation of whoever asks.</summary>
/// <param name="Permits">First what does not count now, then by when it lapses.</param>
public sealed record UnconfirmedPermits(IReadOnlyList<UnconfirmedPermit> Permits);
