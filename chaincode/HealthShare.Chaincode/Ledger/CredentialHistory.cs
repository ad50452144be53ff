using HealthShare.Policy.Statements;

namespace HealthShare.Chaincode.Ledger;

/// <summary>What a patient's credentials, past and present, allow. Endorsers and auditors judge it alike.</summary>
public static class CredentialHistory
{
    /// <summary>Most credentials of a patient that are in force at once.</summary>
    public const int MaxInForce = 16;

    /// <summary>Most credentials of a patient ever, revoked ones included: decisions read them all.</summary>
    public const int MaxEver = 256;

    /// <summary>Why a credential cannot be added to those that the patient has or had: a code and a sentence; null when it can.</summary>
    /// <param name="known">All credentials of the patient, the revoked ones included.</param>
    /// <param name="added">The new one.</param>
    public static (string Code, string Text)? Refusal(IReadOnlyCollection<CredentialEntry> known, Credential added)
    {
        if (known.Any(entry => entry.Credential.CredentialId == added.CredentialId))
            return ("credential.id_taken", "The credential's id is in use, or was.");
        if (known.Any(entry => entry.Credential.PublicKey == added.PublicKey))
            return ("credential.key_taken", "The credential's key is in use, or was.");
        if (known.Count(entry => !entry.IsRevoked) >= MaxInForce)
            return ("credential.too_many", $"The patient has {MaxInForce} credentials in force; revoke one first.");
        return known.Count >= MaxEver ? ("credential.too_many", $"The patient has had {MaxEver} credentials, which is the most.") : null;
    }

    /// <summary>Why an appointment cannot give power to what the patient signs with, or signed: a code and a sentence; null when it does not.</summary>
    /// <param name="known">All credentials of the patient, the revoked ones included.</param>
    /// <param name="appointment">The appointment.</param>
    public static (string Code, string Text)? Refusal(IReadOnlyCollection<CredentialEntry> known, AppointDelegateBody appointment)
    {
        for (var i = 0; i < appointment.Credentials.Length; i++)
        {
            var named = appointment.Credentials[i];
            if (IsAmong(known, named.Credential, named.PublicKey))
                return ("credential.id_taken", $"statement.body.credentials[{i}] is the patient's own, or was; a delegate signs with another.");
        }
        return null;
    }

    /// <summary>True where the id or the key of a credential is that of one of these.</summary>
    /// <param name="known">Credentials of a patient.</param>
    /// <param name="credentialId">The id.</param>
    /// <param name="publicKey">The key, COSE in base64url.</param>
    public static bool IsAmong(IEnumerable<CredentialEntry> known, string credentialId, string publicKey) =>
        known.Any(entry => entry.Credential.CredentialId == credentialId || entry.Credential.PublicKey == publicKey);
}
