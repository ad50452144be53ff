using System.Text.Json;
using HealthShare.Policy.Ids;
using HealthShare.Policy.WebAuthn;

namespace HealthShare.Policy.Statements;

/// <summary>Reads the bodies that are about credentials.</summary>
internal static class CredentialReader
{
    public static AddCredentialBody ReadAddition(JsonElement body, string path)
    {
        var members = new MemberReader(body, path, "credential", "publicKey", "rpId", "origins");
        var credential = members.Text("credential", LedgerCode.IsCredentialId);
        var key = members.Text("publicKey", static text => StrictBase64Url.IsValid(text, 1, Es256PublicKey.MaxCoseBytes));
        var rpId = members.Text("rpId", RelyingParty.IsId);
        var origins = members.RequiredTexts("origins", origin => RelyingParty.IsOriginOf(origin, rpId));
        if (origins.Length > RelyingParty.MaxOrigins || origins.Distinct(StringComparer.Ordinal).Count() != origins.Length)
            throw MemberReader.Malformed(members.At("origins"), $"has more than {RelyingParty.MaxOrigins} entries, or one of them twice");
        // The key is read for its refusals: nothing is pinned to one that could never sign.
        if (StrictBase64Url.TryDecode(key, Es256PublicKey.MaxCoseBytes, out var cose))
            _ = Es256PublicKey.FromCose(cose);
        return new AddCredentialBody(credential, key, rpId, origins);
    }

    public static RevokeCredentialBody ReadRevocation(JsonElement body, string path) =>
        new(new MemberReader(body, path, "credential").Text("credential", LedgerCode.IsCredentialId));
}
