using System.Formats.Asn1;
using System.Numerics;
using System.Text;
using System.Text.Json.Nodes;
using HealthShare.Chaincode.Ledger;
using HealthShare.Policy.Statements;
using HealthShare.Policy.WebAuthn;
using HealthShare.Sandbox.Authenticator;
using HealthShare.UnitTests.Policy;
using static HealthShare.UnitTests.Chaincode.LedgerScene;

namespace HealthShare.UnitTests.Chaincode;

/// <summary>What the contract answers to statements that somebody made up or tampered with, through its router as a peer brings them.</summary>
public sealed class HostileStatementTests
{
    private static readonly BigInteger Order =
        BigInteger.Parse("115792089210356248762697446949407573529996955224135760342422259061068512044369", System.Globalization.CultureInfo.InvariantCulture);

    [Theory]
    [InlineData("\"webauthn.get\"", "\"webauthn.create\"", "assertion.type")]
    [InlineData("https://north.example", "https://south.example", "assertion.origin")]
    [InlineData("\"crossOrigin\":false", "\"crossOrigin\":true", "assertion.cross_origin")]
    [InlineData("\"challenge\":\"", "\"challenge\":\"AAAA", "assertion.challenge")]
    [InlineData("\"crossOrigin\":false", "\"type\":\"webauthn.get\"", "assertion.client_data_malformed")]
    [InlineData("\"crossOrigin\":false", "\"origin\":\"https://north.example\"", "assertion.client_data_malformed")]
    [InlineData("\"crossOrigin\":false", "\"crossOrigin\":false,\"crossOrigin\":false", "assertion.client_data_malformed")]
    [InlineData("\"crossOrigin\":false", "\"x\":1,\"x\":2", "assertion.client_data_malformed")]
    [InlineData("\"crossOrigin\":false", "\"other_keys_can_be_added_here\":\"x\",\"topOrigin\":null", null)]
    public async Task Client_data_is_held_against_what_is_pinned_and_extra_members_do_no_harm(string part, string replacement, string? code)
    {
        using var scene = await WithPatientAsync();
        var bytes = StatementWriter.Write(scene.Statement(StoryGrant));
        var data = Encoding.UTF8.GetString(scene.Passkey.ClientData(AssertionVerifier.ChallengeFor(bytes)));
        Assert.Contains(part, data, StringComparison.Ordinal);
        await TakesAsync(scene, code, Signed(bytes, scene.Passkey.Sign(
            scene.Passkey.AuthenticatorData(), Encoding.UTF8.GetBytes(data.Replace(part, replacement, StringComparison.Ordinal)))));
    }

    [Theory]
    [InlineData(0b0000_0101, null)]
    [InlineData(0b0000_0100, "assertion.user_not_present")]
    [InlineData(0b0000_0001, "assertion.user_not_verified")]
    public async Task A_person_was_there_and_verified(byte flags, string? code)
    {
        using var scene = await WithPatientAsync();
        var bytes = StatementWriter.Write(scene.Statement(StoryGrant));
        var data = scene.Passkey.AuthenticatorData();
        data[32] = flags;
        await TakesAsync(scene, code, Signed(bytes, scene.Passkey.Sign(data, scene.Passkey.ClientData(AssertionVerifier.ChallengeFor(bytes)))));
    }

    [Fact]
    public async Task An_assertion_for_another_relying_party_or_by_another_key_is_refused()
    {
        using var scene = await WithPatientAsync();
        using var other = SoftwareAuthenticator.Create("south.example", "https://north.example");
        var bytes = StatementWriter.Write(scene.Statement(StoryGrant));
        await TakesAsync(scene, "assertion.rp_id", Signed(bytes, scene.Passkey.Sign(
            other.AuthenticatorData(), scene.Passkey.ClientData(AssertionVerifier.ChallengeFor(bytes)))));
        await TakesAsync(scene, "assertion.credential", Signed(bytes, other.Sign(bytes)));
        await TakesAsync(scene, "credential.unknown", scene.SignWith(other, StoryGrant));
    }

    [Fact]
    public async Task Signatures_are_strict_DER_with_numbers_in_range_and_either_form_of_s()
    {
        using var scene = await WithPatientAsync();
        var bytes = StatementWriter.Write(scene.Statement(StoryGrant));
        var good = scene.Passkey.Sign(bytes);
        var der = good.Signature.ToArray();
        var pair = new AsnReader(der, AsnEncodingRules.DER).ReadSequence();
        var (r, s) = (pair.ReadInteger(), pair.ReadInteger());
        foreach (var bad in (byte[][])
        [
            der[..^1], [.. der, 0], [0x30, 0x81, .. der.AsSpan(1)], Der(0, s), Der(r, 0), Der(Order, s), Der(r, Order), Der(-r, s), Der(r + Order, s),
        ])
            await TakesAsync(scene, "assertion.signature_malformed", Signed(bytes, good with { Signature = bad }));
        await TakesAsync(scene, "assertion.signature_invalid", Signed(bytes, good with { Signature = Der(s, r) }));
        var high = BigInteger.Max(s, Order - s);
        await TakesAsync(scene, null, Signed(bytes, good with { Signature = Der(r, high) })); // as passkeys may produce it
        // A signature is no id: the other form of the same one is the same statement in other bytes.
        await TakesAsync(scene, "statement.id_taken", Signed(bytes, good with { Signature = Der(r, Order - high) }));
    }

    [Theory]
    [InlineData("purpose", "[]", "statement.empty_list")]
    [InlineData("purpose", "[\"treatment\"]", "statement.malformed")]
    [InlineData("confidentiality", "[\"X\"]", "statement.malformed")]
    [InlineData("who", "[{\"careTeam\":\"x\"}]", "statement.who_unsupported")]
    [InlineData("mood", "[\"x\"]", "statement.unknown_member")]
    public async Task Empty_lists_and_what_is_not_known_are_refused_however_well_they_are_signed(string member, string value, string code)
    {
        using var scene = await WithPatientAsync();
        var json = JsonNode.Parse(StatementWriter.Write(scene.Statement(StoryGrant)))!;
        json["body"]!["scope"]![0]![member] = JsonNode.Parse(value);
        await TakesAsync(scene, code, scene.Sign(json.Canonical()));
    }

    [Fact]
    public async Task What_is_too_deep_too_long_or_not_canonical_is_refused_however_well_it_is_signed()
    {
        using var scene = await WithPatientAsync();
        var nested = new Provision { Purpose = ["TREAT"] };
        for (var i = 0; i < 5; i++)
            nested = new Provision { Purpose = ["TREAT"], Except = [nested] };
        await TakesAsync(scene, "statement.too_deep", scene.Sign(scene.Statement(StoryGrant with { Scope = [nested] })));
        await TakesAsync(scene, "statement.too_large", scene.Sign(Encoding.ASCII.GetBytes(new string('[', 20_000))));
        var bytes = StatementWriter.Write(scene.Statement(StoryGrant));
        await TakesAsync(scene, "statement.not_canonical", scene.Sign([.. bytes, (byte)' ']));
        await TakesAsync(scene, "statement.not_canonical", scene.Sign(Encoding.UTF8.GetBytes(
            Encoding.UTF8.GetString(bytes).Replace("\"channel\":", "\"channel\": ", StringComparison.Ordinal))));
    }

    [Theory]
    [InlineData(301)]
    [InlineData(-301)]
    public async Task A_proposal_whose_time_is_out_of_the_endorsers_window_is_refused_whatever_it_brings(int aheadInSeconds)
    {
        using var scene = await WithPatientAsync();
        var signed = scene.Sign(StoryGrant);
        scene.ClockAhead = TimeSpan.FromSeconds(aheadInSeconds);
        await TakesAsync(scene, "proposal.time", signed);
        scene.ClockAhead = TimeSpan.Zero;
        await TakesAsync(scene, null, signed);
    }

    private static Task TakesAsync(LedgerScene scene, string? code, SignedStatement signed) => code is null
        ? scene.SubmitAsync(South, LedgerTransactions.GrantConsent, signed, LedgerJson.Default.SignedStatement)
        : scene.RefusedAsync(code, South, LedgerTransactions.GrantConsent, signed, LedgerJson.Default.SignedStatement);

    private static byte[] Der(BigInteger r, BigInteger s)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(r);
            writer.WriteInteger(s);
        }
        return writer.Encode();
    }
}
