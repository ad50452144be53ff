using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Database;
using HealthShare.Node.Patients;
using HealthShare.Node.ReadModel;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.UnitTests.Chaincode;
using HealthShare.UnitTests.Node.Audit;
using HealthShare.UnitTests.Node.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using static HealthShare.UnitTests.Chaincode.LedgerScene;

namespace HealthShare.UnitTests.Node.Patients;

/// <summary>North is the custodian: what others vouch for counts here only after its own clock has seen the waiting time pass.</summary>
public sealed class VouchedSignerTests : IAsyncLifetime
{
    private static readonly LedgerJson Types = LedgerJson.Default;
    private readonly ManualClock clock = new();
    private TestDatabase database = null!;
    private VouchedSigners vouched = null!;
    private TrustedCredentials trusted = null!;
    private ReplicaWriter writer = null!;
    private readonly HashSet<string> affiliations = [];
    private ulong height;

    [Fact]
    public async Task A_guardians_permit_counts_only_when_this_nodes_own_clock_has_seen_three_days()
    {
        using var scene = await WithMembersAsync();
        using var parent = new DelegateScene(scene);
        await scene.SubmitAsync(North, LedgerTransactions.EnrollPatient, new EnrollPatient(scene.PatientId), Types.EnrollPatient);
        await scene.SubmitAsync(North, LedgerTransactions.RegisterRecords, new RegisterRecords([scene.Record(1)]), Types.RegisterRecords);
        await AttestAsync(scene, North, Guardian(scene, parent));
        scene.Ledger.Now = Start.AddHours(72);
        await scene.GrantAsync(parent.Sign(StoryGrant));
        Assert.True((await scene.AskAsync(scene.Request(1))).Decisions[0].Permitted);

        // The proposals may have been held back, or this node was away: it hears of all of it only now.
        clock.Now = scene.Ledger.Now;
        await HearAsync(scene);
        await WaitsUntilAsync(scene, clock.Now.AddHours(72));
        clock.Now += TimeSpan.FromHours(72) - TimeSpan.FromSeconds(1);
        Assert.False(await PermitsAsync(scene));
        clock.Now += TimeSpan.FromSeconds(1);
        Assert.True(await PermitsAsync(scene));
        await HearAsync(scene); // seen again: the first time stays
        Assert.True(await PermitsAsync(scene));
        Assert.Null((await CustodianAsync(scene)).NextEffective(clock.Now));

        await scene.SubmitAsync(North, LedgerTransactions.ObjectToSigner, new ObjectToSigner(scene.PatientId, parent.Id), Types.ObjectToSigner);
        await HearAsync(scene);
        Assert.False(await PermitsAsync(scene));
    }

    [Fact]
    public async Task A_vouched_credential_comes_on_the_list_after_three_days_here_and_takes_the_lost_one_off()
    {
        using var scene = await WithRecordsAsync();
        using var found = new DelegateScene(scene);
        await trusted.AddAsync(scene.PatientId, scene.Credential(), default);
        await scene.SubmitAsync(South, LedgerTransactions.LinkPatient, scene.Sign(new LinkBody(South)), Types.SignedStatement);
        foreach (var member in (string[])[North, South])
            await AttestAsync(scene, member, Guardian(scene, found) with { Kind = VouchedKind.Credential, End = null });
        scene.Ledger.Now = clock.Now = Start.AddHours(72);
        await scene.SubmitAsync(South, LedgerTransactions.AddCredential, found.Sign(DelegateScene.Own(found.Passkey)), Types.SignedStatement);
        await scene.SubmitAsync(South, LedgerTransactions.RevokeCredential,
            found.Sign(new RevokeCredentialBody(scene.Passkey.CredentialId)), Types.SignedStatement);
        await scene.GrantAsync(found.Sign(scene.Statement(StoryGrant) with { Signer = new StatementSigner(found.Passkey.CredentialId) }));
        await HearAsync(scene);
        Assert.Empty(await vouched.DueAsync(default));
        await WaitsUntilAsync(scene, clock.Now.AddHours(72));

        clock.Now += TimeSpan.FromHours(72);
        Assert.Equal([scene.PatientId], await vouched.DueAsync(default));
        using var worker = Worker();
        Assert.True(await worker.RunOnceAsync(default));
        Assert.False(await worker.RunOnceAsync(default));
        Assert.True(await PermitsAsync(scene));
        var list = await trusted.ForPatientAsync(scene.PatientId, default);
        Assert.False(list(new CredentialEntry(scene.PatientId, scene.Credential(), North, Start)));
    }

    [Fact]
    public async Task What_a_hospital_planted_before_this_one_knew_the_patient_stays_off_the_list()
    {
        // South enrols the patient without a passkey, vouches for a key of its own, and lets that one introduce the real passkey.
        using var scene = await WithMembersAsync();
        using var sleeper = new DelegateScene(scene);
        await scene.SubmitAsync(South, LedgerTransactions.EnrollPatient, new EnrollPatient(scene.PatientId), Types.EnrollPatient);
        await AttestAsync(scene, South, Guardian(scene, sleeper) with { Kind = VouchedKind.Credential, End = null });
        await HearAsync(scene);
        scene.Ledger.Now = clock.Now = Start.AddHours(72);
        await scene.SubmitAsync(South, LedgerTransactions.AddCredential, sleeper.Sign(DelegateScene.Own(sleeper.Passkey)), Types.SignedStatement);
        await scene.SubmitAsync(South, LedgerTransactions.AddCredential,
            sleeper.Sign(AsOwn(scene, sleeper, DelegateScene.Own(scene.Passkey))), Types.SignedStatement);
        await HearAsync(scene); // this node saw the word three days ago, of a patient that it does not know
        Assert.False(await IsTrustedAsync(scene, sleeper));

        scene.Ledger.Now = clock.Now = Start.AddDays(60);
        await scene.SubmitAsync(North, LedgerTransactions.LinkPatient, scene.Sign(new LinkBody(North)), Types.SignedStatement);
        await scene.SubmitAsync(North, LedgerTransactions.RegisterRecords, new RegisterRecords([scene.Record(1)]), Types.RegisterRecords);
        await HearAsync(scene);
        Assert.Empty(await vouched.DueAsync(default)); // the waiting time runs anew from the link
        await trusted.AddAsync(scene.PatientId, scene.Credential(), default);
        await scene.GrantAsync(sleeper.Sign(AsOwn(scene, sleeper, StoryGrant with { Period = new Period(scene.Ledger.Now, scene.Ledger.Now.AddDays(30)) })));
        Assert.True((await scene.AskAsync(scene.Request(1))).Decisions[0].Permitted); // by the channel's rules
        // Not even once the real passkey was revoked on the ledger: this hospital's own list does not follow a key that is not on it.
        await scene.SubmitAsync(South, LedgerTransactions.RevokeCredential,
            sleeper.Sign(AsOwn(scene, sleeper, new RevokeCredentialBody(scene.Passkey.CredentialId))), Types.SignedStatement);
        await HearAsync(scene);
        clock.Now += TimeSpan.FromHours(72);
        scene.Ledger.Now = clock.Now;
        Assert.Equal([scene.PatientId], await vouched.DueAsync(default));
        using var worker = Worker();
        Assert.True(await worker.RunOnceAsync(default));
        Assert.False(await IsTrustedAsync(scene, sleeper));
        Assert.False(await PermitsAsync(scene));
        Assert.False(await PermitsAsync(scene, afterWaiting: true)); // that is no matter of time
    }

    [Fact]
    public async Task A_guardian_whom_a_second_hospital_completes_waits_here_anew()
    {
        using var scene = await WithMembersAsync();
        using var parent = new DelegateScene(scene);
        await scene.SubmitAsync(North, LedgerTransactions.EnrollPatient, new EnrollPatient(scene.PatientId), Types.EnrollPatient);
        await scene.SubmitAsync(North, LedgerTransactions.RegisterRecords, new RegisterRecords([scene.Record(1)]), Types.RegisterRecords);
        await AttestAsync(scene, North, Guardian(scene, parent));
        await HearAsync(scene);
        scene.Ledger.Now = clock.Now = Start.AddHours(72);
        await scene.GrantAsync(parent.Sign(StoryGrant));
        await scene.SubmitAsync(South, LedgerTransactions.LinkPatient, parent.Sign(new LinkBody(South)), Types.SignedStatement);
        await HearAsync(scene);
        Assert.True(await PermitsAsync(scene));

        await scene.SubmitAsync(North, LedgerTransactions.PinCredential, new PinCredential(scene.PatientId, scene.Credential()), Types.PinCredential);
        await HearAsync(scene);
        Assert.False(await PermitsAsync(scene));
        await AttestAsync(scene, South, Guardian(scene, parent));
        await HearAsync(scene);
        Assert.False(await PermitsAsync(scene));
        scene.Ledger.Now = clock.Now += TimeSpan.FromHours(72);
        Assert.True(await PermitsAsync(scene));
    }

    [Fact]
    public async Task An_incomplete_word_never_counts_however_long_it_stands()
    {
        using var scene = await WithRecordsAsync();
        using var thief = new DelegateScene(scene);
        await scene.SubmitAsync(South, LedgerTransactions.LinkPatient, scene.Sign(new LinkBody(South)), Types.SignedStatement);
        await AttestAsync(scene, South, Guardian(scene, thief));
        await HearAsync(scene);
        clock.Now = Start.AddYears(1);
        var entry = Read(scene.Ledger.State[LedgerKey.VouchedSigner(scene.PatientId, thief.Id)], Types.VouchedEntry);
        var counts = await vouched.ForPatientAsync(scene.PatientId, default);
        Assert.False(counts(entry));
        Assert.False(counts(entry with { CompleteAt = Start })); // as colluding members may have written it
    }

    [Fact]
    public async Task One_word_does_not_wake_here_when_the_last_passkey_leaves_this_hospitals_own_list()
    {
        using var scene = await WithRecordsAsync();
        using var thief = new DelegateScene(scene);
        await trusted.AddAsync(scene.PatientId, scene.Credential(), default);
        await AttestAsync(scene, North, Guardian(scene, thief));
        await scene.SubmitAsync(South, LedgerTransactions.RevokeCredential,
            scene.Sign(new RevokeCredentialBody(scene.Passkey.CredentialId)), Types.SignedStatement);
        await HearAsync(scene);
        clock.Now = Start.AddYears(1);
        var entry = Read(scene.Ledger.State[LedgerKey.VouchedSigner(scene.PatientId, thief.Id)], Types.VouchedEntry);
        await HearAsync(scene, entry with { Needed = 1, CompleteAt = Start }); // as colluding members may have written it
        clock.Now += TimeSpan.FromHours(72);
        Assert.False((await trusted.ForPatientAsync(scene.PatientId, default))(new CredentialEntry(scene.PatientId, scene.Credential(), North, Start)));
        var counts = await vouched.ForPatientAsync(scene.PatientId, default);
        Assert.False(counts(entry with { Needed = 1, CompleteAt = Start }));
        Assert.True(counts(entry with { Vouchers = [.. entry.Vouchers, new Voucher(South, Start)], CompleteAt = Start }));
    }

    [Fact]
    public async Task A_suspended_hospitals_word_counts_no_more_here_nor_when_it_is_back()
    {
        using var scene = await WithRecordsAsync();
        using var parent = new DelegateScene(scene);
        await trusted.AddAsync(scene.PatientId, scene.Credential(), default);
        await scene.SubmitAsync(East, LedgerTransactions.LinkPatient, scene.Sign(new LinkBody(East)), Types.SignedStatement);
        foreach (var member in (string[])[North, East])
            await AttestAsync(scene, member, Guardian(scene, parent));
        await HearAsync(scene);
        scene.Ledger.Now = clock.Now = Start.AddHours(72);
        await scene.GrantAsync(parent.Sign(StoryGrant));
        await HearAsync(scene);
        Assert.True(await PermitsAsync(scene));
        await DecideAsync(scene, new(Suspend: East), North, South, Regulator);
        await HearAsync(scene);
        Assert.False(await PermitsAsync(scene));
        Assert.False((await vouched.ForPatientAsync(scene.PatientId, default))(
            Read(scene.Ledger.State[LedgerKey.VouchedSigner(scene.PatientId, parent.Id)], Types.VouchedEntry)));
        scene.Ledger.Now = clock.Now += TimeSpan.FromDays(1);
        await DecideAsync(scene, new(Reinstate: East), North, South);
        await HearAsync(scene);
        Assert.False(await PermitsAsync(scene));

        // It vouches anew: enough, once this node's clock has seen three days of it.
        await AttestAsync(scene, East, Guardian(scene, parent));
        await HearAsync(scene);
        Assert.False(await PermitsAsync(scene));
        scene.Ledger.Now = clock.Now += TimeSpan.FromHours(72);
        Assert.True(await PermitsAsync(scene));
    }

    [Fact]
    public async Task A_replacement_that_was_revoked_as_the_patients_own_brings_nothing_more_on_the_list()
    {
        using var scene = await WithRecordsAsync();
        using var found = new DelegateScene(scene);
        using var thiefs = new DelegateScene(scene);
        await trusted.AddAsync(scene.PatientId, scene.Credential(), default);
        await scene.SubmitAsync(South, LedgerTransactions.LinkPatient, scene.Sign(new LinkBody(South)), Types.SignedStatement);
        foreach (var member in (string[])[North, South])
            await AttestAsync(scene, member, Guardian(scene, found) with { Kind = VouchedKind.Credential, End = null });
        await HearAsync(scene);
        scene.Ledger.Now = clock.Now = Start.AddHours(72);
        var planted = found.Sign(DelegateScene.Own(thiefs.Passkey));
        await scene.SubmitAsync(South, LedgerTransactions.AddCredential, found.Sign(DelegateScene.Own(found.Passkey)), Types.SignedStatement);
        await HearAsync(scene);
        Assert.True(await IsTrustedAsync(scene, found));
        await scene.SubmitAsync(South, LedgerTransactions.RevokeCredential,
            scene.Sign(new RevokeCredentialBody(found.Passkey.CredentialId)), Types.SignedStatement);
        await HearAsync(scene);
        Assert.False(await IsTrustedAsync(scene, found));
        // What no contract takes, written by members that collude.
        var statement = SignedStatementReader.Read(planted);
        await HearAsync(scene, new CredentialEntry(scene.PatientId, scene.Credential(thiefs.Passkey), South, Start, statement.Id),
            new EndedStatementEntry(statement.Id, EndedStatementKind.CredentialAdded, South, Start, planted));
        Assert.False(await IsTrustedAsync(scene, thiefs));
    }

    public async Task InitializeAsync()
    {
        database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        vouched = new VouchedSigners(database.Instance, new FakeLedger(), clock);
        trusted = new TrustedCredentials(database.Instance, vouched, new ReplicaCache(ReadModel(), clock), clock);
        writer = new ReplicaWriter(database.Instance, [vouched, new CredentialProjection(trusted, new FakeLedger())]);
    }

    public async Task DisposeAsync() => await database.DisposeAsync();

    private VouchedSignerWorker Worker() => new(
        vouched, trusted, new FakeLedger(), ReadModel(), clock, NullLogger<VouchedSignerWorker>.Instance);

    private ReadModelState ReadModel() => new(Options.Create(new ReadModelOptions()), clock);

    private async Task<bool> IsTrustedAsync(LedgerScene scene, DelegateScene person) =>
        (await trusted.ForPatientAsync(scene.PatientId, default))(
            new CredentialEntry(scene.PatientId, scene.Credential(person.Passkey), South, Start));

    private static Statement AsOwn(LedgerScene scene, DelegateScene person, StatementBody body) =>
        scene.Statement(body) with { Signer = new StatementSigner(person.Passkey.CredentialId) };

    // Contracts write an affiliation once.
    private bool IsNews(string key) =>
        !(LedgerKey.TryParse(key, out var kind, out _) && kind is LedgerKind.Affiliation) || affiliations.Add(key);

    /// <summary>The whole state in one block, which this node sees now.</summary>
    private Task HearAsync(LedgerScene scene) => writer.ApplyAsync(new BlockChanges(height++, clock.Now,
        [.. scene.Ledger.State.Where(entry => IsNews(entry.Key)).Select(entry => LedgerKey.TryParse(entry.Key, out var kind, out var parts)
            ? new StateWrite(entry.Key, kind, parts, entry.Value, "tx", North)
            : throw new InvalidOperationException(entry.Key))]), [1], default);

    // What stands on the ledger although no contract writes it.
    private Task HearAsync(LedgerScene scene, VouchedEntry forged) => HearAsync(
        ReplayScene.Put(LedgerKey.VouchedSigner(scene.PatientId, forged.Attested.SignerId), forged, Types.VouchedEntry));

    private Task HearAsync(LedgerScene scene, CredentialEntry forged, EndedStatementEntry word) => HearAsync(
        ReplayScene.Put(LedgerKey.EndedStatement(scene.PatientId, word.StatementId), word, Types.EndedStatementEntry),
        ReplayScene.Put(LedgerKey.Credential(scene.PatientId, forged.Credential.CredentialId), forged, Types.CredentialEntry));

    private Task HearAsync(params (string Key, string? Json)[] writes) => writer.ApplyAsync(new BlockChanges(height++, clock.Now,
        [.. writes.Select(write => LedgerKey.TryParse(write.Key, out var kind, out var parts)
            ? new StateWrite(write.Key, kind, parts, System.Text.Encoding.UTF8.GetBytes(write.Json!), "tx", South)
            : throw new InvalidOperationException(write.Key))]), [1], default);

    private static async Task DecideAsync(LedgerScene scene, GovernanceChange change, params string[] voters)
    {
        var id = LedgerId.New(IdKind.Proposal);
        await scene.SubmitAsync(voters[0], LedgerTransactions.ProposeChange, new ProposeChange(id, change), Types.ProposeChange);
        foreach (var voter in voters[1..])
            await scene.SubmitAsync(voter, LedgerTransactions.ApproveChange, new ApproveChange(id), Types.ApproveChange);
    }

    private async Task<PatientPolicy> CustodianAsync(LedgerScene scene)
    {
        var replica = new Replica(database.Instance);
        var times = await vouched.TimesAsync(scene.PatientId, default);
        return await PatientPolicy.LoadVerifiedAsync(replica, scene.PatientId, new CustodianView("health",
            await trusted.TimesAsync(scene.PatientId, replica, "health", times, default), times.From,
            async (key, ct) => (await replica.FindAsync(key, ct))?.SeenAt, TimeSpan.FromHours(24), TimeSpan.FromDays(90)), default);
    }

    /// <summary>Permitted by the ledger, not yet here, and only because of a waiting time that is over then.</summary>
    private async Task WaitsUntilAsync(LedgerScene scene, DateTimeOffset until)
    {
        Assert.False(await PermitsAsync(scene));
        Assert.True(await PermitsAsync(scene, afterWaiting: true));
        Assert.Equal(until, (await CustodianAsync(scene)).NextEffective(clock.Now));
    }

    private async Task<bool> PermitsAsync(LedgerScene scene, bool afterWaiting = false)
    {
        var replica = new Replica(database.Instance);
        var policy = await CustodianAsync(scene);
        policy = afterWaiting ? policy.AfterWaiting() : policy;
        var south = await replica.GetAsync(LedgerKey.Organization(South), Types.OrganizationEntry, default);
        var record = await replica.GetAsync(LedgerKey.Record(scene.PatientId, North, RecordId(1)), Types.RecordEntry, default);
        return policy.Decide(PatientPolicy.FactsOf(record!), PatientPolicy.FactsOf(scene.Request(1), south!, clock.Now)).Permitted;
    }

    private static AttestSigner Guardian(LedgerScene scene, DelegateScene person) => new(
        scene.PatientId, person.Id, VouchedKind.Guardian, [scene.Credential(person.Passkey)], DelegateScene.End);

    private static Task<byte[]> AttestAsync(LedgerScene scene, string member, AttestSigner attested) =>
        scene.SubmitAsync(member, LedgerTransactions.AttestSigner, attested, Types.AttestSigner);
}
