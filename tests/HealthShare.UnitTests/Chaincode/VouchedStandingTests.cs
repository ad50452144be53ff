using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using static HealthShare.UnitTests.Chaincode.LedgerScene;

namespace HealthShare.UnitTests.Chaincode;

/// <summary>Whether what hospitals vouched for is still enough: with the patient's passkeys gone, and with a hospital suspended.</summary>
public sealed class VouchedStandingTests
{
    private const string Attest = LedgerTransactions.AttestSigner, Grant = LedgerTransactions.GrantConsent;
    private static readonly LedgerJson Types = LedgerJson.Default;
    private static readonly TimeSpan Waiting = TimeSpan.FromHours(72);

    [Theory]
    [InlineData(VouchedKind.Guardian)]
    [InlineData(VouchedKind.Credential)]
    public async Task One_hospitals_word_does_not_wake_when_the_patients_last_passkey_is_revoked(VouchedKind kind)
    {
        using var scene = await WithMembersAsync();
        await EnrollAsync(scene);
        using var sleeper = new DelegateScene(scene);
        await AttestAsync(scene, North, Attested(scene, sleeper, kind));
        await PinAsync(scene);
        await LinkAsync(scene, South);
        scene.Ledger.Now = Start.AddDays(60);
        await RevokeOwnAsync(scene);
        var transaction = kind is VouchedKind.Guardian ? Grant : LedgerTransactions.AddCredential;
        StatementBody act = kind is VouchedKind.Guardian ? Permit(scene) : DelegateScene.Own(sleeper.Passkey);
        await RefusedAsync(scene, "attestation.incomplete", transaction, sleeper.Sign(act));
        await RefusedAsync(scene, "attestation.incomplete", Grant, sleeper.Sign(Permit(scene) with { Effect = Effect.Deny }));

        // Two hospitals still help the patient out, after three days.
        Assert.Equal((2, scene.Ledger.Now), Completion(await AttestAsync(scene, South, Attested(scene, sleeper, kind))));
        await RefusedAsync(scene, "attestation.waiting", transaction, sleeper.Sign(act));
        scene.Ledger.Now += Waiting;
        act = act is GrantBody ? Permit(scene) : act;
        await scene.SubmitAsync(South, transaction, sleeper.Sign(act), Types.SignedStatement);
    }

    [Fact]
    public async Task A_signer_brought_after_the_last_passkey_was_revoked_takes_two_words_as_well()
    {
        using var scene = await WithRecordsAsync();
        await LinkAsync(scene, South);
        await RevokeOwnAsync(scene);
        using var found = new DelegateScene(scene);
        var attested = Attested(scene, found, VouchedKind.Credential);
        Assert.Equal((2, null), Completion(await AttestAsync(scene, North, attested)));
        Assert.Equal((2, Start), Completion(await AttestAsync(scene, South, attested)));
        scene.Ledger.Now = Start + Waiting;
        await scene.SubmitAsync(South, LedgerTransactions.AddCredential, found.Sign(DelegateScene.Own(found.Passkey)), Types.SignedStatement);
        await scene.GrantAsync(found.Sign(scene.Statement(Permit(scene)) with { Signer = new StatementSigner(found.Passkey.CredentialId) }));
        Assert.Equal("permit.signed", await ReasonAsync(scene));
    }

    [Fact]
    public async Task A_replacement_that_was_revoked_as_the_patients_own_signs_no_more_by_the_hospitals_word()
    {
        using var scene = await WithRecordsAsync();
        await LinkAsync(scene, South);
        using var found = new DelegateScene(scene);
        using var thiefs = new DelegateScene(scene);
        foreach (var member in (string[])[North, South])
            await AttestAsync(scene, member, Attested(scene, found, VouchedKind.Credential));
        scene.Ledger.Now = Start + Waiting;
        await scene.SubmitAsync(South, LedgerTransactions.AddCredential, found.Sign(DelegateScene.Own(found.Passkey)), Types.SignedStatement);
        await scene.SubmitAsync(South, LedgerTransactions.RevokeCredential, scene.Sign(new RevokeCredentialBody(found.Passkey.CredentialId)), Types.SignedStatement);
        // The thief of the revoked key does not bring another one in.
        await RefusedAsync(scene, "credential.revoked", LedgerTransactions.AddCredential, found.Sign(DelegateScene.Own(thiefs.Passkey)));
        await RefusedAsync(scene, "credential.revoked", LedgerTransactions.RevokeCredential, found.Sign(new RevokeCredentialBody(scene.Passkey.CredentialId)));
        await RefusedAsync(scene, "credential.revoked", Grant, found.Sign(Permit(scene) with { Effect = Effect.Deny }));
    }

    [Fact]
    public async Task A_suspended_hospitals_word_counts_no_more_nor_when_it_is_back_until_it_is_given_anew()
    {
        using var scene = await WithRecordsAsync();
        await LinkAsync(scene, South);
        using var parent = new DelegateScene(scene);
        var guardian = Attested(scene, parent, VouchedKind.Guardian);
        foreach (var member in (string[])[South, North])
            await AttestAsync(scene, member, guardian);
        scene.Ledger.Now = Start + Waiting;
        await scene.SubmitAsync(North, Grant, parent.Sign(Permit(scene)), Types.SignedStatement);
        Assert.Equal("permit.signed", await ReasonAsync(scene));
        // Endorsed before the suspension and held back.
        var held = await scene.RunAsync(East, LedgerTransactions.RequestAccess, scene.Request(1), Types.RequestAccess);
        var heldGrant = await scene.RunAsync(East, Grant, parent.Sign(Permit(scene)), Types.SignedStatement);
        Assert.True(held.Response.IsSuccess && heldGrant.Response.IsSuccess);

        await DecideAsync(scene, new(Suspend: South), North, East, Regulator);
        Assert.Equal(TxValidationCode.MvccReadConflict, held.Stub.Commit());
        Assert.Equal(TxValidationCode.MvccReadConflict, heldGrant.Stub.Commit());
        var asked = await scene.QueryAsync(North, LedgerTransactions.ExplainConsent,
            new ExplainAccess(scene.PatientId, new RecordRef(North, RecordId(1)), East, "TREAT", "physician"), Types.ExplainAccess, Types.Explanation);
        Assert.Equal("deny.default", asked.Decision.Reason);
        await scene.RefusedAsync("attestation.incomplete", North, Grant, parent.Sign(Permit(scene)), Types.SignedStatement);

        scene.Ledger.Now += TimeSpan.FromDays(1);
        await DecideAsync(scene, new(Reinstate: South), North, East);
        Assert.Equal("deny.default", await ReasonAsync(scene));
        await RefusedAsync(scene, "attestation.incomplete", Grant, parent.Sign(Permit(scene)));
        // Its word anew makes it enough, after another three days.
        var entry = await AttestAsync(scene, South, guardian);
        Assert.Equal((2, scene.Ledger.Now), Completion(entry));
        Assert.Equal([(South, scene.Ledger.Now), (North, Start)], entry.Vouchers.Select(voucher => (voucher.Member, voucher.At)));
        await RefusedAsync(scene, "attestation.waiting", Grant, parent.Sign(Permit(scene)));
        scene.Ledger.Now += Waiting;
        await scene.GrantAsync(parent.Sign(Permit(scene)));
        Assert.Equal("permit.signed", await ReasonAsync(scene));
    }

    [Fact]
    public async Task The_only_word_for_a_childs_guardian_falls_with_its_hospital()
    {
        using var scene = await WithMembersAsync();
        await EnrollAsync(scene);
        using var parent = new DelegateScene(scene);
        var guardian = Attested(scene, parent, VouchedKind.Guardian);
        await AttestAsync(scene, North, guardian);
        scene.Ledger.Now = Start + Waiting;
        await DecideAsync(scene, new(Suspend: North), South, East, Regulator);
        await RefusedAsync(scene, "attestation.incomplete", Grant, parent.Sign(Permit(scene)));
        scene.Ledger.Now += TimeSpan.FromDays(1);
        await DecideAsync(scene, new(Reinstate: North), South, East);
        await RefusedAsync(scene, "attestation.incomplete", Grant, parent.Sign(Permit(scene)));
        Assert.Equal((1, scene.Ledger.Now), Completion(await AttestAsync(scene, North, guardian)));
        await RefusedAsync(scene, "attestation.waiting", Grant, parent.Sign(Permit(scene)));
    }

    [Fact]
    public async Task A_hospital_brings_so_many_signers_and_no_more_however_many_were_objected_to()
    {
        using var scene = await WithRecordsAsync();
        await LinkAsync(scene, South);
        for (var i = 0; i < Vouching.MaxEverPerMember; i++)
        {
            using var signer = new DelegateScene(scene);
            await AttestAsync(scene, North, Attested(scene, signer, VouchedKind.Guardian));
            await scene.SubmitAsync(North, LedgerTransactions.ObjectToSigner, new ObjectToSigner(scene.PatientId, signer.Id), Types.ObjectToSigner);
        }
        using var last = new DelegateScene(scene);
        await scene.RefusedAsync("attestation.too_many", North, Attest, Attested(scene, last, VouchedKind.Guardian), Types.AttestSigner);
        await AttestAsync(scene, South, Attested(scene, last, VouchedKind.Guardian));
        await AttestAsync(scene, North, Attested(scene, last, VouchedKind.Guardian)); // as the second it may still speak
    }

    private static GrantBody Permit(LedgerScene scene) => StoryGrant with { Period = new Period(Start, scene.Ledger.Now.AddDays(30)) };

    private static (int, DateTimeOffset?) Completion(VouchedEntry entry) => (entry.Needed, entry.CompleteAt);

    private static AttestSigner Attested(LedgerScene scene, DelegateScene person, VouchedKind kind) => new(
        scene.PatientId, person.Id, kind, [scene.Credential(person.Passkey)], kind is VouchedKind.Guardian ? DelegateScene.End : null);

    private static async Task EnrollAsync(LedgerScene scene)
    {
        await scene.SubmitAsync(North, LedgerTransactions.EnrollPatient, new EnrollPatient(scene.PatientId), Types.EnrollPatient);
        await scene.SubmitAsync(North, LedgerTransactions.RegisterRecords, new RegisterRecords([scene.Record(1)]), Types.RegisterRecords);
    }

    private static Task<byte[]> PinAsync(LedgerScene scene) => scene.SubmitAsync(
        North, LedgerTransactions.PinCredential, new PinCredential(scene.PatientId, scene.Credential()), Types.PinCredential);

    private static Task<byte[]> LinkAsync(LedgerScene scene, string member) =>
        scene.SubmitAsync(member, LedgerTransactions.LinkPatient, scene.Sign(new LinkBody(member)), Types.SignedStatement);

    private static Task<byte[]> RevokeOwnAsync(LedgerScene scene) => scene.SubmitAsync(South, LedgerTransactions.RevokeCredential,
        scene.Sign(new RevokeCredentialBody(scene.Passkey.CredentialId)), Types.SignedStatement);

    private static async Task<VouchedEntry> AttestAsync(LedgerScene scene, string member, AttestSigner attested) =>
        Read(await scene.SubmitAsync(member, Attest, attested, Types.AttestSigner), Types.VouchedEntry);

    private static async Task<string> ReasonAsync(LedgerScene scene) => (await scene.AskAsync(scene.Request(1))).Decisions[0].Reason;

    private static Task RefusedAsync(LedgerScene scene, string code, string transaction, SignedStatement signed) =>
        scene.RefusedAsync(code, South, transaction, signed, Types.SignedStatement);

    private static async Task DecideAsync(LedgerScene scene, GovernanceChange change, params string[] voters)
    {
        var id = LedgerId.New(IdKind.Proposal);
        await scene.SubmitAsync(voters[0], LedgerTransactions.ProposeChange, new ProposeChange(id, change), Types.ProposeChange);
        foreach (var voter in voters[1..])
            await scene.SubmitAsync(voter, LedgerTransactions.ApproveChange, new ApproveChange(id), Types.ApproveChange);
    }
}
