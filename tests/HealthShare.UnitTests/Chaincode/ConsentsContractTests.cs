using System.Buffers.Text;
using System.Text;
using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.Policy.WebAuthn;
using HealthShare.Sandbox.Authenticator;
using static HealthShare.UnitTests.Chaincode.LedgerScene;

namespace HealthShare.UnitTests.Chaincode;

public sealed class ConsentsContractTests
{
    private const string Grant = LedgerTransactions.GrantConsent, Revoke = LedgerTransactions.RevokeConsent;
    private static readonly LedgerJson Types = LedgerJson.Default;

    [Fact]
    public async Task A_signed_grant_is_kept_byte_for_byte_whoever_relays_it()
    {
        using var scene = await WithPatientAsync();
        var signed = scene.Sign(StoryGrant);
        var entry = Read(await scene.SubmitAsync(Regulator, Grant, signed, Types.SignedStatement), Types.StatementEntry);
        Assert.Equal((signed, Regulator, Start), (entry.Signed, entry.RelayedBy, entry.AcceptedAt));
        var list = await scene.QueryAsync(East, LedgerTransactions.ListConsents, scene.PatientId, Types.ConsentList);
        Assert.Equal([entry], list.Grants);
        Assert.Empty(list.Ended);
        var one = await scene.QueryAsync(East, LedgerTransactions.GetConsent, new GetConsent(scene.PatientId, entry.StatementId),
            Types.GetConsent, Types.ConsentList);
        Assert.Equal([entry], one.Grants);
    }

    [Fact]
    public async Task Relaying_again_is_success_only_for_the_same_member_and_the_same_bytes()
    {
        using var scene = await WithPatientAsync();
        var statement = StatementWriter.Write(scene.Statement(StoryGrant));
        var signed = scene.Sign(statement);
        await scene.GrantAsync(signed);
        scene.Ledger.Now = Start.AddHours(1); // a retry after a long wait is still a retry
        var (response, stub) = await scene.RunAsync(South, Grant, signed, Types.SignedStatement);
        Assert.True(response.IsSuccess, response.Message);
        Assert.Empty(stub.Writes);
        await scene.RefusedAsync("statement.id_taken", North, Grant, signed, Types.SignedStatement);
        await scene.RefusedAsync("statement.id_taken", South, Grant, scene.Sign(statement), Types.SignedStatement); // signed anew
    }

    [Theory]
    [InlineData(600, null)]
    [InlineData(601, "statement.too_old")]
    [InlineData(-60, null)]
    [InlineData(-61, "statement.issued_ahead")]
    public async Task A_permit_must_be_fresh(int ageInSeconds, string? code)
    {
        using var scene = await WithPatientAsync();
        var signed = scene.Sign(scene.Statement(StoryGrant) with { Issued = Start.AddSeconds(-ageInSeconds) });
        if (code is null)
            await scene.GrantAsync(signed);
        else
            await scene.RefusedAsync(code, South, Grant, signed, Types.SignedStatement);
    }

    [Fact]
    public async Task Denies_and_revocations_never_age()
    {
        using var scene = await WithPatientAsync();
        var deny = scene.Statement(StoryGrant with { Effect = Effect.Deny }) with { Issued = Start.AddYears(-1) };
        await scene.GrantAsync(scene.Sign(deny));
        var revocation = scene.Statement(new RevokeBody(deny.Id)) with { Issued = Start.AddYears(-1) };
        await scene.SubmitAsync(South, Revoke, scene.Sign(revocation), Types.SignedStatement);
    }

    [Fact]
    public async Task A_statement_of_another_channel_patient_or_credential_is_refused()
    {
        using var scene = await WithPatientAsync();
        var good = scene.Statement(StoryGrant);
        await RefusedAsync(scene, "statement.wrong_channel", scene.Sign(good with { Channel = "other" }));
        await RefusedAsync(scene, "patient.not_found", scene.Sign(good with { Patient = LedgerId.New(IdKind.Patient) }));
        await RefusedAsync(scene, "credential.unknown", scene.Sign(good with { Signer = new StatementSigner("AAAA") }));
        await RefusedAsync(scene, "statement.wrong_type", scene.Sign(new LinkBody(South)));
        await RefusedAsync(scene, "statement.wrong_type", scene.Sign(new RevokeBody(LedgerId.New(IdKind.Statement))));
        await scene.RefusedAsync("caller.not_member", Stranger, Grant, scene.Sign(good), Types.SignedStatement);

        var other = LedgerId.New(IdKind.Patient);
        using var theirs = SoftwareAuthenticator.Create("north.example", "https://north.example");
        await scene.SubmitAsync(North, LedgerTransactions.EnrollPatient, new EnrollPatient(other, [scene.Credential(theirs)]), Types.EnrollPatient);
        await RefusedAsync(scene, "credential.unknown", scene.Sign(good with { Patient = other }));
        var bytes = StatementWriter.Write(good);
        await RefusedAsync(scene, "assertion.credential", Signed(bytes, theirs.Sign(bytes)));
        await RefusedAsync(scene, "assertion.signature_invalid",
            Signed(bytes, theirs.Sign(bytes) with { Credential = scene.Passkey.CredentialId }));
    }

    [Fact]
    public async Task Bytes_that_were_not_signed_are_refused()
    {
        using var scene = await WithPatientAsync();
        var bytes = StatementWriter.Write(scene.Statement(StoryGrant));
        var signed = scene.Sign(bytes);
        var wider = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(bytes).Replace("physician", "nurse", StringComparison.Ordinal));
        await RefusedAsync(scene, "assertion.challenge", signed with { Statement = Base64Url.EncodeToString(wider) });
        await RefusedAsync(scene, "statement.not_canonical", signed with { Statement = Base64Url.EncodeToString([.. bytes, (byte)'\n']) });
        await RefusedAsync(scene, "json.malformed", signed with { Statement = Base64Url.EncodeToString(bytes.AsSpan(1)) });
        await RefusedAsync(scene, "statement.encoding_invalid", signed with { Statement = signed.Statement + "=" });
        await RefusedAsync(scene, "statement.too_large", signed with { Statement = new string('A', 30_000) });
        await RefusedAsync(scene, "assertion.encoding_invalid", signed with { Assertion = signed.Assertion with { Signature = "!" } });
        await RefusedAsync(scene, "assertion.signature_malformed", signed with { Assertion = signed.Assertion with { Signature = "" } });
    }

    [Fact]
    public async Task An_assertion_from_elsewhere_is_refused()
    {
        using var scene = await WithPatientAsync();
        var bytes = StatementWriter.Write(scene.Statement(StoryGrant));
        var passkey = scene.Passkey;
        var clientData = passkey.ClientData(AssertionVerifier.ChallengeFor(bytes));
        var phished = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(clientData).Replace("https://north", "https://n0rth", StringComparison.Ordinal));
        await RefusedAsync(scene, "assertion.origin", Signed(bytes, passkey.Sign(passkey.AuthenticatorData(), phished)));
        var unverified = passkey.AuthenticatorData();
        unverified[32] = 1;
        await RefusedAsync(scene, "assertion.user_not_verified", Signed(bytes, passkey.Sign(unverified, clientData)));
    }

    [Fact]
    public async Task A_revoked_grant_leaves_a_tombstone_and_its_id_is_never_used_again()
    {
        using var scene = await WithPatientAsync();
        var signed = scene.Sign(StoryGrant);
        var grant = await scene.GrantAsync(signed);
        var revocation = scene.Statement(new RevokeBody(grant.StatementId));
        var ended = Read(await scene.SubmitAsync(East, Revoke, scene.Sign(revocation), Types.SignedStatement), Types.EndedStatementEntry);
        Assert.Equal((EndedStatementKind.RevokedGrant, signed, revocation.Id), (ended.Kind, ended.Signed, ended.RevokedBy));

        var list = await scene.QueryAsync(East, LedgerTransactions.ListConsents, scene.PatientId, Types.ConsentList);
        Assert.Empty(list.Grants);
        Assert.Equal([EndedStatementKind.RevokedGrant, EndedStatementKind.Revocation], list.Ended.Select(entry => entry.Kind).Order());
        await RefusedAsync(scene, "consent.revoked", signed);
        await RefusedAsync(scene, "statement.id_taken", scene.Sign(scene.Statement(StoryGrant) with { Id = revocation.Id }));
    }

    [Fact]
    public async Task A_grant_revoked_before_it_was_seen_can_not_be_used_by_who_kept_it_back()
    {
        using var scene = await WithPatientAsync();
        var kept = scene.Statement(StoryGrant);
        var ended = Read(await scene.SubmitAsync(North, Revoke, scene.Sign(new RevokeBody(kept.Id)), Types.SignedStatement), Types.EndedStatementEntry);
        Assert.Equal((EndedStatementKind.RevokedUnseen, null), (ended.Kind, ended.Signed));
        await RefusedAsync(scene, "consent.revoked", scene.Sign(kept));
    }

    [Fact]
    public async Task Revoking_again_is_success_for_the_same_revocation_only()
    {
        using var scene = await WithPatientAsync();
        var grant = await scene.GrantAsync(StoryGrant);
        var revocation = scene.Sign(new RevokeBody(grant.StatementId));
        var first = await scene.SubmitAsync(South, Revoke, revocation, Types.SignedStatement);
        var (again, stub) = await scene.RunAsync(South, Revoke, revocation, Types.SignedStatement);
        Assert.Equal(first, again.Payload.ToArray());
        Assert.Empty(stub.Writes);
        await scene.RefusedAsync("statement.id_taken", North, Revoke, revocation, Types.SignedStatement);
        await scene.RefusedAsync("consent.already_revoked", South, Revoke, scene.Sign(new RevokeBody(grant.StatementId)), Types.SignedStatement);
    }

    [Fact]
    public async Task Only_grants_can_be_revoked()
    {
        using var scene = await WithPatientAsync();
        var link = scene.Statement(new LinkBody(South));
        await scene.SubmitAsync(South, LedgerTransactions.LinkPatient, scene.Sign(link), Types.SignedStatement);
        await scene.RefusedAsync("consent.not_revocable", South, Revoke, scene.Sign(new RevokeBody(link.Id)), Types.SignedStatement);
        var itself = scene.Statement(new RevokeBody(link.Id));
        itself = itself with { Body = new RevokeBody(itself.Id) };
        await scene.RefusedAsync("consent.not_revocable", South, Revoke, scene.Sign(itself), Types.SignedStatement);
        await scene.RefusedAsync("statement.wrong_type", South, Revoke, scene.Sign(StoryGrant), Types.SignedStatement);
        var grant = await scene.GrantAsync(StoryGrant);
        var reused = scene.Statement(new RevokeBody(link.Id)) with { Id = grant.StatementId };
        await scene.RefusedAsync("statement.id_taken", South, Revoke, scene.Sign(reused), Types.SignedStatement);
    }

    [Fact]
    public async Task A_stranger_cannot_revoke()
    {
        using var scene = await WithPatientAsync();
        var grant = await scene.GrantAsync(StoryGrant);
        using var stranger = SoftwareAuthenticator.Create("north.example", "https://north.example");
        var bytes = StatementWriter.Write(scene.Statement(new RevokeBody(grant.StatementId)) with { Signer = new StatementSigner(stranger.CredentialId) });
        await scene.RefusedAsync("credential.unknown", South, Revoke, Signed(bytes, stranger.Sign(bytes)), Types.SignedStatement);
    }

    [Fact]
    public async Task The_number_that_a_decision_reads_is_bounded_and_what_ended_does_not_count()
    {
        using var scene = new LedgerScene();
        await scene.SubmitAsync(North, LedgerTransactions.InitNetwork,
            Founders with { Settings = new ChannelSettings(600, 3) }, Types.InitNetwork);
        await scene.SubmitAsync(North, LedgerTransactions.EnrollPatient,
            new EnrollPatient(scene.PatientId, [scene.Credential()]), Types.EnrollPatient);
        await scene.GrantAsync(StoryGrant with { Period = new Period(Start, Start.AddMinutes(1)) });
        var second = await scene.GrantAsync(StoryGrant);
        await scene.GrantAsync(StoryGrant);
        await RefusedAsync(scene, "consent.too_many", scene.Sign(StoryGrant));
        await scene.SubmitAsync(South, Revoke, scene.Sign(new RevokeBody(second.StatementId)), Types.SignedStatement);
        await scene.GrantAsync(StoryGrant);
        scene.Ledger.Now = Start.AddMinutes(60); // the first one's period is over, but not for an hour
        await RefusedAsync(scene, "consent.too_many", scene.Sign(StoryGrant));
        scene.Ledger.Now = Start.AddMinutes(61);
        await scene.GrantAsync(StoryGrant);
        await RefusedAsync(scene, "consent.too_many", scene.Sign(StoryGrant));
    }

    [Fact]
    public async Task A_grant_and_its_revocation_at_once_cannot_both_commit_unseen()
    {
        using var scene = await WithPatientAsync();
        var statement = scene.Statement(StoryGrant);
        var (_, grant) = await scene.RunAsync(South, Grant, scene.Sign(statement), Types.SignedStatement);
        var (_, revoke) = await scene.RunAsync(North, Revoke, scene.Sign(new RevokeBody(statement.Id)), Types.SignedStatement);
        Assert.Equal(TxValidationCode.Valid, revoke.Commit());
        Assert.Equal(TxValidationCode.MvccReadConflict, grant.Commit());
    }

    [Fact]
    public async Task Consents_are_shown_to_members_only()
    {
        using var scene = await WithPatientAsync();
        await scene.RefusedAsync("caller.not_member", Stranger, LedgerTransactions.ListConsents, scene.PatientId);
        await scene.RefusedAsync("patient.not_found", North, LedgerTransactions.ListConsents, LedgerId.New(IdKind.Patient));
        var query = new GetConsent(scene.PatientId, LedgerId.New(IdKind.Statement));
        await scene.RefusedAsync("caller.not_member", Stranger, LedgerTransactions.GetConsent, query, Types.GetConsent);
        await scene.RefusedAsync("consent.not_found", North, LedgerTransactions.GetConsent, query, Types.GetConsent);
    }

    private static Task RefusedAsync(LedgerScene scene, string code, SignedStatement signed) =>
        scene.RefusedAsync(code, South, Grant, signed, Types.SignedStatement);
}
