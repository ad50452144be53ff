using HealthShare.Chaincode.Ledger;
using HealthShare.Policy.Ids;
using HealthShare.Policy.WebAuthn;

namespace HealthShare.Chaincode.Contracts;

/// <summary>What a credential must be before anything is pinned to it.</summary>
internal static class CredentialRules
{
    public static void Check(Credential credential)
    {
        Require.That(LedgerCode.IsCredentialId(credential.CredentialId), "credentialId", "is not 1 to 1023 bytes in base64url");
        Require.That(RelyingParty.IsId(credential.RpId), "rpId", "is not a domain name in lower case");
        Require.Count(credential.Origins, 1, RelyingParty.MaxOrigins, "origins");
        Require.Distinct(credential.Origins, "origins");
        foreach (var origin in credential.Origins)
            Require.That(RelyingParty.IsOriginOf(origin, credential.RpId), "origins", "holds something that is not an origin of the relying party");
        Require.Policy(() => SignedStatementReader.KeyOf(credential));
    }
}
