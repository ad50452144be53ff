using System.Buffers.Text;
using System.Formats.Asn1;
using System.Formats.Cbor;
using System.Globalization;
using System.Numerics;
using System.Text;
using HealthShare.Policy;
using HealthShare.Policy.WebAuthn;
using HealthShare.Sandbox.Authenticator;

namespace HealthShare.UnitTests.Policy;

public sealed class AssertionVerifierTests : IDisposable
{
    private static readonly byte[] Statement = SampleStatements.Grant().Canonical();
    private static readonly BigInteger Order = BigInteger.Parse(
        "0FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551", NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private readonly SoftwareAuthenticator passkey = SoftwareAuthenticator.Create("north.example", "https://north.example");

    public void Dispose() => passkey.Dispose();

    [Fact]
    public void An_assertion_made_by_Chromium_verifies()
    {
        // Made by Chromium's virtual authenticator (CTAP2, internal, user verified) at http://north.localhost.
        const string id = "4nZ4-NfzUfAgm5P5KVdW-l3vJY1AJ2cYX-bwUwaL668";
        var key = Es256PublicKey.FromCose(Base64Url.DecodeFromChars(
            "pQECAyYgASFYIK-sWOmeyoq-icHxCnC2WA7l9tj5S7N7KATi4nINV6QlIlggmt6ZR-g4pEXHIN0qqJ_bqXwSIbyAqyxEjuAHOcw-NxA"));
        var json = SampleStatements.Grant();
        json["signer"]!["credential"] = id;
        var statement = json.Canonical();
        var assertion = new Assertion(id,
            Base64Url.DecodeFromChars("Ncdd8wHE6RXmFBg4s553S33HDgC5Ry5YiIC7LBwd3RAFAAAAAg"),
            Encoding.UTF8.GetBytes("""{"type":"webauthn.get","challenge":"V1TL6Emea6AQlBNvHNjJ2IMOkLfRwkCFTkajNtc1lFA","origin":"http://north.localhost:33233","crossOrigin":false}"""),
            Base64Url.DecodeFromChars("MEQCIHN8emZNMljvsxetipIH8euHEWEWx-5FqP-C2N4NKT1BAiAY9fXog6R7OWL-Xr2EThAnxfBXCLDlgOlk7kEllnKu9w"));
        var credential = new PinnedCredential(id, key, "north.localhost", ["http://north.localhost:33233"]);
        AssertionVerifier.Verify(assertion, credential, statement);

        statement[^2] ^= 1;
        Assert.Equal("assertion.challenge",
            Assert.Throws<PolicyException>(() => AssertionVerifier.Verify(assertion, credential, statement)).Code);
    }

    [Fact]
    public void An_assertion_of_the_software_authenticator_verifies()
    {
        for (var i = 0; i < 20; i++) // both forms of s come up
            Verify(passkey.Sign(Statement));
        using var restored = SoftwareAuthenticator.Restore(
            passkey.ExportPrivateKey(), passkey.CredentialId, passkey.RpId, passkey.Origin);
        Verify(restored.Sign(Statement));
    }

    [Fact]
    public void Both_forms_of_s_are_accepted()
    {
        var assertion = passkey.Sign(Statement);
        var (r, s) = Split(assertion.Signature);
        Verify(assertion with { Signature = Join(r, Order - s) });
        Verify(assertion with { Signature = Join(r, s) });
    }

    [Fact]
    public void Members_that_browsers_add_are_accepted()
    {
        Verify(WithClientData(json => json.Replace("\"crossOrigin\":false", "\"other_keys_can_be_added_here\":\"x\",\"topOrigin\":null", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("\"webauthn.get\"", "\"webauthn.create\"", "assertion.type")]
    [InlineData("https://north.example", "https://north.example.evil", "assertion.origin")]
    [InlineData("https://north.example", "http://north.example", "assertion.origin")]
    [InlineData("\"crossOrigin\":false", "\"crossOrigin\":true", "assertion.cross_origin")]
    [InlineData("\"crossOrigin\":false", "\"crossOrigin\":\"false\"", "assertion.client_data_malformed")]
    [InlineData("\"crossOrigin\":false", "\"type\":\"webauthn.get\"", "assertion.client_data_malformed")]
    [InlineData("\"crossOrigin\":false", "\"\\u0074ype\":\"webauthn.get\"", "assertion.client_data_malformed")]
    [InlineData("\"crossOrigin\":false", "\"\\ud800\":1", "assertion.client_data_malformed")]
    [InlineData("\"origin\":\"https", "\"origin\":\"\\udc00https", "assertion.client_data_malformed")]
    [InlineData("\"crossOrigin\":false}", "", "assertion.client_data_malformed")]
    [InlineData("\"challenge\":\"", "\"challenge\":\" ", "assertion.client_data_malformed")]
    [InlineData("\"challenge\":\"", "\"challenge\":\"AAAA", "assertion.challenge")]
    public void Client_data_that_is_not_as_pinned_is_refused(string part, string replacement, string code) =>
        Refused(code, WithClientData(json => json.Replace(part, replacement, StringComparison.Ordinal)));

    [Fact]
    public void Client_data_is_bounded()
    {
        Refused("assertion.client_data_malformed", WithClientData(json => json.Replace("false}", $"false,\"x\":\"{new string('x', 4096)}\"}}", StringComparison.Ordinal)));
        Refused("assertion.client_data_malformed", WithClientData(_ => "[]"));
        Refused("assertion.client_data_malformed", WithClientData(_ => new string('[', 100)));
    }

    [Fact]
    public void A_person_must_be_present_and_verified()
    {
        Refused("assertion.user_not_present", WithFlags(0b0000_0100));
        Refused("assertion.user_not_verified", WithFlags(0b0000_0001));
        Verify(WithFlags(0b0001_1101)); // backed up, as synced passkeys are
    }

    [Fact]
    public void Authenticator_data_must_be_well_formed()
    {
        Refused("assertion.authenticator_data_malformed", WithFlags(0b0001_0101)); // backed up, not eligible
        Refused("assertion.authenticator_data_malformed", WithFlags(0b0100_0101)); // claims a new credential
        Refused("assertion.authenticator_data_malformed", WithFlags(0b1000_0101)); // claims extensions, has none
        Refused("assertion.authenticator_data_malformed", WithAuthenticatorData(data => data[..36]));
        Refused("assertion.authenticator_data_malformed", WithAuthenticatorData(data => [.. data, 0xA0]));
        Refused("assertion.authenticator_data_malformed", WithAuthenticatorData(data => [.. Flagged(data, 0x85), 0xA0, 0xA0]));
        Refused("assertion.authenticator_data_malformed", WithAuthenticatorData(data => [.. Flagged(data, 0x85), 0x01]));
        Refused("assertion.authenticator_data_malformed", WithAuthenticatorData(data => [.. Flagged(data, 0x85), 0xBF]));
        Verify(WithAuthenticatorData(data => [.. Flagged(data, 0x85), 0xA0]));
    }

    [Fact]
    public void Another_relying_party_is_refused()
    {
        using var south = SoftwareAuthenticator.Create("south.example", "https://north.example");
        Refused("assertion.rp_id", passkey.Sign(south.AuthenticatorData(), passkey.ClientData(AssertionVerifier.ChallengeFor(Statement))));
    }

    [Fact]
    public void Another_statement_another_key_and_another_credential_are_refused()
    {
        Refused("assertion.challenge", passkey.Sign([.. Statement, (byte)' ']));
        using var other = SoftwareAuthenticator.Create(passkey.RpId, passkey.Origin);
        Refused("assertion.credential", other.Sign(Statement));
        Refused("assertion.signature_invalid", other.Sign(Statement) with { Credential = passkey.CredentialId });
    }

    [Fact]
    public void Signatures_that_are_not_strict_DER_are_refused()
    {
        var good = passkey.Sign(Statement);
        var (r, s) = Split(good.Signature);
        byte[] bytes = good.Signature.ToArray();
        foreach (var bad in (byte[][])
        [
            [], bytes[..^1], [.. bytes, 0], [0x31, .. bytes.AsSpan(1)],
            [0x30, 0x81, .. bytes.AsSpan(1)], // a length in the long form where the short one fits
            [0x30, (byte)(bytes[1] + 1), 0x02, (byte)(bytes[3] + 1), 0x00, .. bytes.AsSpan(4)], // a leading zero too many
            new byte[73], Join(0, s), Join(r, 0), Join(Order, s), Join(r, Order), Join(-r, s), Join(r + Order, s),
        ])
            Refused("assertion.signature_malformed", good with { Signature = bad });
        Refused("assertion.signature_invalid", good with { Signature = Join(s, r) });
    }

    [Fact]
    public void Any_change_of_one_bit_is_refused()
    {
        var good = passkey.Sign(Statement);
        for (var i = 0; i < good.AuthenticatorData.Length; i++)
            RefusedSomehow(good with { AuthenticatorData = Flip(good.AuthenticatorData, i) });
        for (var i = 0; i < good.ClientDataJson.Length; i += 3)
            RefusedSomehow(good with { ClientDataJson = Flip(good.ClientDataJson, i) });
        for (var i = 0; i < good.Signature.Length; i += 3)
            RefusedSomehow(good with { Signature = Flip(good.Signature, i) });
    }

    [Fact]
    public void Keys_of_another_form_are_refused()
    {
        var cose = passkey.CoseKey.ToArray();
        Es256PublicKey.FromCose(cose);
        KeyRefused("credential.key_malformed", cose[..^1]);
        KeyRefused("credential.key_malformed", [.. cose, 0]);
        KeyRefused("credential.key_malformed", []);
        KeyRefused("credential.key_malformed", new byte[200]);
        KeyRefused("credential.key_malformed", [.. cose[..^1], (byte)(cose[^1] ^ 1)]); // not on the curve
        KeyRefused("credential.key_malformed", Cose((1, 2), (3, -7), (-1, 1)));
        KeyRefused("credential.key_malformed", Cose((1, 2), (2, 2)));
        KeyRefused("credential.key_unsupported", Cose((1, 2), (3, -35), (-1, 2)));
        KeyRefused("credential.key_unsupported", Cose((1, 3), (3, -257)));
        KeyRefused("credential.key_malformed", [0xA2, 0x01, 0x02, 0x01, 0x02]); // a key twice
    }

    private void Verify(Assertion assertion) => AssertionVerifier.Verify(assertion, Pinned, Statement);

    private PinnedCredential Pinned => new(
        passkey.CredentialId, Es256PublicKey.FromCose(passkey.CoseKey), "north.example", ["https://other.example", "https://north.example"]);

    private void Refused(string code, Assertion assertion) =>
        Assert.Equal(code, Assert.Throws<PolicyException>(() => Verify(assertion)).Code);

    private void RefusedSomehow(Assertion assertion) =>
        Assert.StartsWith("assertion.", Assert.Throws<PolicyException>(() => Verify(assertion)).Code, StringComparison.Ordinal);

    private static void KeyRefused(string code, byte[] cose) =>
        Assert.Equal(code, Assert.Throws<PolicyException>(() => Es256PublicKey.FromCose(cose)).Code);

    private Assertion WithClientData(Func<string, string> change) => passkey.Sign(passkey.AuthenticatorData(), Encoding.UTF8.GetBytes(
        change(Encoding.UTF8.GetString(passkey.ClientData(AssertionVerifier.ChallengeFor(Statement))))));

    private Assertion WithAuthenticatorData(Func<byte[], byte[]> change) =>
        passkey.Sign(change(passkey.AuthenticatorData()), passkey.ClientData(AssertionVerifier.ChallengeFor(Statement)));

    private Assertion WithFlags(byte flags) => WithAuthenticatorData(data => Flagged(data, flags));

    private static byte[] Flagged(byte[] data, byte flags) => [.. data[..32], flags, .. data[33..]];

    private static byte[] Flip(ReadOnlyMemory<byte> bytes, int at)
    {
        var copy = bytes.ToArray();
        copy[at] ^= 0x10;
        return copy;
    }

    private static (BigInteger R, BigInteger S) Split(ReadOnlyMemory<byte> der)
    {
        var pair = new AsnReader(der, AsnEncodingRules.DER).ReadSequence();
        return (pair.ReadInteger(), pair.ReadInteger());
    }

    private static byte[] Join(BigInteger r, BigInteger s)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(r);
            writer.WriteInteger(s);
        }
        return writer.Encode();
    }

    private static byte[] Cose(params (int Label, int Value)[] entries)
    {
        var writer = new CborWriter(CborConformanceMode.Ctap2Canonical);
        writer.WriteStartMap(entries.Length);
        foreach (var (label, value) in entries)
        {
            writer.WriteInt32(label);
            writer.WriteInt32(value);
        }
        writer.WriteEndMap();
        return writer.Encode();
    }
}
