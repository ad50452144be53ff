using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Audit;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.UnitTests.Chaincode;
using HealthShare.UnitTests.Support;
using static HealthShare.UnitTests.Chaincode.LedgerScene;
using static HealthShare.UnitTests.Node.Audit.ReplayScene;

namespace HealthShare.UnitTests.Node.Audit;

public sealed class DelegateReplayTests
{
    private static readonly LedgerJson Types = LedgerJson.Default;

    [Fact]
    public async Task What_the_contracts_write_is_found_right()
    {
        using var scene = await CreateAsync();
        using var friend = new DelegateScene(scene.Ledger);
        await SubmitAsync(scene, LedgerTransactions.AppointDelegate, scene.Ledger.Sign(friend.Appointment()));
        var permit = friend.Statement(StoryGrant);
        await SubmitAsync(scene, LedgerTransactions.GrantConsent, friend.Sign(permit));
        await SubmitAsync(scene, LedgerTransactions.LinkPatient, friend.Sign(new LinkBody(South)));
        Assert.Equal("permit.signed", (await scene.AskAsync(1)).Decisions[0].Reason);
        await SubmitAsync(scene, LedgerTransactions.AppointDelegate, scene.Ledger.Sign(friend.Appointment(end: DelegateScene.End.AddMonths(1))));
        await SubmitAsync(scene, LedgerTransactions.Confirm, scene.Ledger.Sign(new ConfirmBody([permit.Id])));
        await SubmitAsync(scene, LedgerTransactions.RevokeDelegate, scene.Ledger.Sign(new RevokeDelegateBody(friend.Id)));
        Assert.Equal("permit.signed", (await scene.AskAsync(1)).Decisions[0].Reason);
        await scene.RevokeAsync(permit.Id);
    }

    [Fact]
    public async Task A_delegate_that_the_patient_did_not_appoint_is_named()
    {
        using var scene = await CreateAsync();
        using var thief = new DelegateScene(scene.Ledger);
        // Signed by the thief, who says it is the patient; or for another patient; or without the statement that it comes from.
        var own = thief.Sign(scene.Ledger.Statement(thief.Appointment()) with { Signer = new StatementSigner(thief.Passkey.CredentialId) });
        await ForgedAsync(scene, Appointed(scene, thief.Id, own));
        await ForgedAsync(scene, Appointed(scene, thief.Id, scene.Ledger.Sign(scene.Ledger.Statement(thief.Appointment()) with
        {
            Patient = LedgerId.New(IdKind.Patient),
        })));
        var right = Appointed(scene, thief.Id, scene.Ledger.Sign(thief.Appointment()));
        await ForgedAsync(scene, right[0]);
        await ForgedAsync(scene, right[1]);
        await ForgedAsync(scene, Appointed(scene, thief.Id, scene.Ledger.Sign(thief.Appointment(end: new(2027, 9, 1, 0, 0, 0, TimeSpan.Zero)))));
        await ForgedAsync(scene, Appointed(scene, LedgerId.New(IdKind.Delegate), scene.Ledger.Sign(thief.Appointment())));
        Assert.Null(await scene.ForgeAsync(South, right));
        await ForgedAsync(scene, right);
    }

    [Fact]
    public async Task A_ninth_delegate_in_power_is_named_a_renewed_one_too()
    {
        using var scene = await CreateAsync();
        using var ended = new DelegateScene(scene.Ledger);
        var end = new DateTimeOffset(scene.Now.Year, scene.Now.Month, 1, 0, 0, 0, TimeSpan.Zero).AddMonths(1);
        await SubmitAsync(scene, LedgerTransactions.AppointDelegate, scene.Ledger.Sign(ended.Appointment(end: end)));
        scene.Ledger.Ledger.Now = end.AddHours(1);
        for (var i = 0; i < DelegatePower.MaxInForce; i++)
        {
            using var friend = new DelegateScene(scene.Ledger);
            await SubmitAsync(scene, LedgerTransactions.AppointDelegate, scene.Ledger.Sign(friend.Appointment()));
        }
        await scene.Ledger.RefusedAsync("delegate.too_many", South, LedgerTransactions.AppointDelegate,
            scene.Ledger.Sign(ended.Appointment()), Types.SignedStatement);
        using var ninth = new DelegateScene(scene.Ledger);
        await ForgedAsync(scene, Appointed(scene, ninth.Id, scene.Ledger.Sign(ninth.Appointment())));
        // Contracts of an earlier state took this, as the notes on upgrades say.
        await ForgedAsync(scene, Appointed(scene, ended.Id, scene.Ledger.Sign(ended.Appointment())));
        Assert.Contains($"(`{ReplayFaultKind.DelegateForged}`)",
            await File.ReadAllTextAsync(Path.Combine(SharedData.RepositoryRoot, "docs", "deployment.md")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_appointment_of_the_patients_own_credential_from_before_the_rule_is_no_fault_and_what_it_signs_once_revoked_is()
    {
        using var scene = await CreateAsync();
        using var second = new DelegateScene(scene.Ledger);
        await SubmitAsync(scene, LedgerTransactions.AddCredential, scene.Ledger.Sign(DelegateScene.Own(second.Passkey)));
        Assert.Null(await scene.ForgeAsync(South, Appointed(scene, second.Id, scene.Ledger.Sign(second.Appointment()))));
        Assert.Null(await scene.ForgeAsync(South, Granted(scene, second.Statement(StoryGrant), second)));
        await SubmitAsync(scene, LedgerTransactions.RevokeCredential, scene.Ledger.Sign(new RevokeCredentialBody(second.Passkey.CredentialId)));
        // The contracts know nothing of that permit; the audit does, and would else call their denial wrong.
        Assert.Equal("deny.default", (await scene.AskAsync(1)).Decisions[0].Reason);
        await ForgedAsync(scene, Granted(scene, second.Statement(StoryGrant), second));
    }

    [Fact]
    public async Task What_a_delegate_may_not_sign_or_may_not_any_more_is_named()
    {
        using var scene = await CreateAsync();
        using var friend = new DelegateScene(scene.Ledger);
        await SubmitAsync(scene, LedgerTransactions.AppointDelegate,
            scene.Ledger.Sign(friend.Appointment(new DelegateScope(DelegateActs.Permit, [new Provision { Category = [Lab] }]))));
        await ForgedAsync(scene, Granted(scene, friend.Statement(StoryGrant with { Effect = Effect.Deny }), friend));
        await ForgedAsync(scene, Granted(scene, friend.Statement(StoryGrant with { Scope = [new Provision { Category = [Image] }] }), friend));
        var permit = friend.Statement(StoryGrant);
        Assert.Null(await scene.ForgeAsync(South, Granted(scene, permit, friend)));
        await SubmitAsync(scene, LedgerTransactions.RevokeDelegate, scene.Ledger.Sign(new RevokeDelegateBody(friend.Id)));
        await ForgedAsync(scene, Granted(scene, friend.Statement(StoryGrant), friend));

        // Revived with the same appointment, or changed without a word; or its permit confirmed by nobody.
        var entry = scene.Read(LedgerKey.Delegate(scene.Ledger.PatientId, friend.Id), Types.DelegateEntry);
        await ForgedAsync(scene, PutEntry(entry with { RevokedBy = null, RevokedAt = null }));
        await ForgedAsync(scene, PutEntry(entry with { RevokedAt = scene.Now.AddSeconds(1) }));
        await ForgedAsync(scene, Appointed(scene, friend.Id, scene.Ledger.Sign(friend.Appointment())));
        await ForgedAsync(scene, Put(LedgerKey.Confirmation(scene.Ledger.PatientId, permit.Id, scene.Ledger.PatientId),
            new ConfirmationEntry(permit.Id, scene.Ledger.PatientId, LedgerId.New(IdKind.Statement)), Types.ConfirmationEntry));
        Assert.Equal(ReplayFaultKind.EntryRemoved, (await scene.ForgeAsync(South, (PutEntry(entry).Key, null)))?.Kind);
        Assert.Equal("deny.default", (await scene.AskAsync(1)).Decisions[0].Reason);
    }

    [Fact]
    public async Task A_confirmation_covers_what_it_names_and_no_more()
    {
        using var scene = await CreateAsync();
        using var friend = new DelegateScene(scene.Ledger);
        await SubmitAsync(scene, LedgerTransactions.AppointDelegate, scene.Ledger.Sign(friend.Appointment()));
        var (named, other) = (friend.Statement(StoryGrant), friend.Statement(StoryGrant));
        await SubmitAsync(scene, LedgerTransactions.GrantConsent, friend.Sign(named));
        await SubmitAsync(scene, LedgerTransactions.GrantConsent, friend.Sign(other));
        var word = scene.Ledger.Statement(new ConfirmBody([named.Id]));
        var kept = Put(LedgerKey.EndedStatement(scene.Ledger.PatientId, word.Id), new EndedStatementEntry(
            word.Id, EndedStatementKind.Confirmation, South, scene.Now, scene.Ledger.Sign(word)), Types.EndedStatementEntry);
        await ForgedAsync(scene, kept);
        await ForgedAsync(scene, kept, Confirmed(other.Id));
        await ForgedAsync(scene, kept, Confirmed(named.Id), Confirmed(other.Id));
        await ForgedAsync(scene, kept, Put(LedgerKey.Confirmation(scene.Ledger.PatientId, named.Id, friend.Id),
            new ConfirmationEntry(named.Id, friend.Id, word.Id), Types.ConfirmationEntry));
        Assert.Null(await scene.ForgeAsync(South, kept, Confirmed(named.Id)));

        (string Key, string? Json) Confirmed(string id) => Put(
            LedgerKey.Confirmation(scene.Ledger.PatientId, id, scene.Ledger.PatientId),
            new ConfirmationEntry(id, scene.Ledger.PatientId, word.Id), Types.ConfirmationEntry);
    }

    private static Task SubmitAsync(ReplayScene scene, string transaction, SignedStatement signed) =>
        scene.SubmitAsync(South, transaction, signed, Types.SignedStatement);

    private static (string Key, string? Json)[] Appointed(ReplayScene scene, string delegateId, SignedStatement signed)
    {
        var id = SignedStatementReader.Read(signed).Id;
        return
        [
            PutEntry(new DelegateEntry(scene.Ledger.PatientId, delegateId, signed, South, scene.Now)),
            Put(LedgerKey.EndedStatement(scene.Ledger.PatientId, id), new EndedStatementEntry(
                id, EndedStatementKind.DelegateAppointed, South, scene.Now, signed), Types.EndedStatementEntry),
        ];
    }

    private static (string Key, string? Json) Granted(ReplayScene scene, Statement statement, DelegateScene signer) => Put(
        LedgerKey.Statement(scene.Ledger.PatientId, statement.Id),
        new StatementEntry(statement.Id, signer.Sign(statement), South, scene.Now), Types.StatementEntry);

    private static (string Key, string? Json) PutEntry(DelegateEntry entry) => Put(
        LedgerKey.Delegate(entry.PatientId, entry.DelegateId), entry, Types.DelegateEntry);

    private static async Task ForgedAsync(ReplayScene scene, params (string Key, string? Json)[] writes)
    {
        var fault = await scene.ForgeAsync(South, writes);
        Assert.True(fault is { Kind: ReplayFaultKind.DelegateForged or ReplayFaultKind.StatementForged }, fault?.ToString());
    }
}
