using HealthShare.Policy.Statements;

namespace HealthShare.Chaincode.Ledger;

/// <summary>Why a grant that nobody revoked, and whose period runs, does not count all the same.</summary>
public enum LapseCause
{
    /// <summary>The patient erased what is shared.</summary>
    Erased,

    /// <summary>A stored statement of the patient cannot be read, so no permit counts.</summary>
    Unreadable,

    /// <summary>The credential that signed the permit was revoked.</summary>
    CredentialRevoked,

    /// <summary>The credential that signed the permit is none of the patient's.</summary>
    CredentialUnknown,

    /// <summary>The delegate who signed the permit was revoked.</summary>
    DelegateRevoked,

    /// <summary>The power of whoever signed the permit is over.</summary>
    DelegateEnded,

    /// <summary>The power of whoever signed the permit does not reach that far any more.</summary>
    DelegateNarrowed,

    /// <summary>The credential that appointed the delegate was revoked.</summary>
    AppointerRevoked,

    /// <summary>Somebody objected to the signer whom hospitals vouched for.</summary>
    SignerObjected,

    /// <summary>Not enough hospitals vouch for the signer.</summary>
    SignerNotVouched,

    /// <summary>Another guardian has not confirmed the permit of one who signs jointly, or is in power no longer.</summary>
    NotConfirmed,

    /// <summary>The custodian has not accepted the credential that the permit stands on.</summary>
    NotAccepted,

    /// <summary>The signature under the permit is not that of the credential it names.</summary>
    NotVerified,
}

/// <summary>A permit that stands on the channel and does not count.</summary>
/// <param name="StatementId">The permit.</param>
/// <param name="Grant">What it says.</param>
/// <param name="Cause">Why it does not count.</param>
/// <param name="From">From when on; the beginning of time where that is not asked.</param>
public sealed record LapsedPermit(string StatementId, GrantBody Grant, LapseCause Cause, DateTimeOffset From);

/// <summary>A permit that would decide if what it rests on stood.</summary>
/// <param name="StatementId">The permit.</param>
/// <param name="Cause">Why it does not count, such as <c>credentialRevoked</c>.</param>
public sealed record LapsedName(string StatementId, string Cause);
