using HealthShare.Chaincode.Ledger;
using HealthShare.Policy.Ids;

namespace HealthShare.Chaincode.Contracts;

/// <summary>What a credential must be before anything is pinned to it.</summary>
internal static class CredentialRules
{
    private const int MaxRpIdLength = 253; // a DNS name

    public static void Check(Credential credential)
    {
        Require.That(LedgerCode.IsCredentialId(credential.CredentialId), "credentialId", "is not 1 to 1023 bytes in base64url");
        Require.That(IsRpId(credential.RpId), "rpId", "is not a domain name in lower case");
        Require.Count(credential.Origins, 1, Limits.Origins, "origins");
        Require.Distinct(credential.Origins, "origins");
        foreach (var origin in credential.Origins)
            Require.That(IsOriginOf(origin, credential.RpId), "origins", "holds something that is not an origin of the relying party");
        Require.Policy(() => SignedStatementReader.KeyOf(credential));
    }

    private static bool IsRpId(string rpId) => rpId.Length is >= 1 and <= MaxRpIdLength
        && rpId.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '-')
        && Uri.CheckHostName(rpId) is UriHostNameType.Dns;

    // A browser accepts an origin whose host is the RP id or lies below it, over TLS or on the machine itself.
    private static bool IsOriginOf(string origin, string rpId)
    {
        if (origin.Length > Limits.OriginLength || !Uri.TryCreate(origin, UriKind.Absolute, out var uri)
            || uri.GetLeftPart(UriPartial.Authority) != origin || uri.UserInfo.Length > 0)
            return false;
        var host = uri.Host;
        var local = host == "localhost" || host.EndsWith(".localhost", StringComparison.Ordinal);
        return (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && local))
            && (host == rpId || host.EndsWith($".{rpId}", StringComparison.Ordinal));
    }
}
