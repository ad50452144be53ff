using System.Buffers.Text;
using System.Security.Cryptography;
using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.Sandbox.Authenticator;
using static HealthShare.UnitTests.Chaincode.LedgerScene;

namespace HealthShare.UnitTests.Chaincode;

public sealed class ErasureTests
{
    private const string Erase = LedgerTransactions.ErasePatient, Report = LedgerTransactions.ReportErasure;
    private static readonly LedgerJson Types = LedgerJson.Default;

    [Fact]
    public async Task From_the_erasure_on_nothing_begins_under_the_id_and_nothing_is_permitted()
    {
        using var scene = await WithRecordsAsync();
        using var other = SoftwareAuthenticator.Create("south.example", "https://south.example");
        using var person = new DelegateScene(scene);
        using var crew = await EmergencyCrew.RegisteredAsync(scene);
        var permit = await scene.GrantAsync(StoryGrant);
        var emergency = (await crew.BreakGlassAsync(scene)).Emergency;
        var access = await scene.AskAsync(scene.Request(1));
        var attestation = new AttestConsent(scene.PatientId, LedgerId.New(IdKind.Statement), AttestationForm.Paper,
            Base64Url.EncodeToString(StatementWriter.WriteGrant(StoryGrant)));
        await scene.SubmitAsync(North, LedgerTransactions.AttestConsent, attestation, Types.AttestConsent);
        var envelope = "sealed"u8.ToArray();
        var release = new ReleaseKeys(access.Ref, LedgerId.New(IdKind.Release), [RecordId(1)], KeyIdOf(South), Base64Url.EncodeToString(SHA256.HashData(envelope)));
        await scene.SubmitAsync(North, LedgerTransactions.ReleaseKeys, release, Types.ReleaseKeys);
        var (_, heldRequest) = await scene.RunAsync(South, LedgerTransactions.RequestAccess, scene.Request(1), Types.RequestAccess);
        var (_, heldRelease) = await scene.RunAsync(North, LedgerTransactions.ReleaseKeys, release with { ReleaseId = LedgerId.New(IdKind.Release) }, Types.ReleaseKeys);

        var erasure = scene.Sign(new EraseBody());
        var entry = Read(await scene.SubmitAsync(East, Erase, erasure, Types.SignedStatement), Types.PatientEntry);
        Assert.Equal((North, Start, SignedStatementReader.Read(erasure).Id), (entry.EnrolledBy, entry.ErasedAt, entry.ErasedBy));
        await scene.SubmitAsync(East, Erase, erasure, Types.SignedStatement); // again: no second effect
        Assert.Equal(TxValidationCode.MvccReadConflict, heldRequest.Commit());
        Assert.Equal(TxValidationCode.MvccReadConflict, heldRelease.Commit());

        await ErasedAsync(Erase, scene.Sign(new EraseBody()));
        await ErasedAsync(LedgerTransactions.GrantConsent, scene.Sign(StoryGrant));
        await ErasedAsync(LedgerTransactions.RevokeConsent, scene.Sign(new RevokeBody(permit.StatementId)));
        await ErasedAsync(LedgerTransactions.LinkPatient, scene.Sign(new LinkBody(South)));
        await ErasedAsync(LedgerTransactions.AddCredential, scene.Sign(scene.Addition(other)));
        await ErasedAsync(LedgerTransactions.RevokeCredential, scene.Sign(new RevokeCredentialBody(scene.Passkey.CredentialId)));
        await ErasedAsync(LedgerTransactions.AppointDelegate, scene.Sign(person.Appointment()));
        await scene.RefusedAsync("patient.erased", North, LedgerTransactions.EnrollPatient, new EnrollPatient(scene.PatientId), Types.EnrollPatient);
        await scene.RefusedAsync("patient.erased", North, LedgerTransactions.PinCredential, new PinCredential(scene.PatientId, scene.Credential(other)), Types.PinCredential);
        await scene.RefusedAsync("patient.erased", North, LedgerTransactions.RegisterRecords, new RegisterRecords([scene.Record(7)]), Types.RegisterRecords);
        await scene.RefusedAsync("patient.erased", North, LedgerTransactions.AttestConsent, attestation, Types.AttestConsent);
        await scene.RefusedAsync("patient.erased", North, LedgerTransactions.WithdrawAttestation,
            new WithdrawAttestation(scene.PatientId, attestation.AttestationId), Types.WithdrawAttestation);
        await scene.RefusedAsync("patient.erased", North, LedgerTransactions.AttestSigner, new AttestSigner(scene.PatientId, person.Id,
            VouchedKind.Guardian, [scene.Credential(person.Passkey)], DelegateScene.End), Types.AttestSigner);
        await scene.RefusedAsync("patient.erased", South, LedgerTransactions.RequestAccess, scene.Request(1), Types.RequestAccess);
        await scene.RefusedAsync("patient.erased", emergency.Member, LedgerTransactions.RequestAccess,
            scene.Request(1) with { Purpose = "ETREAT", EmergencyId = emergency.EmergencyId }, Types.RequestAccess);
        await scene.RefusedAsync("access.no_longer_permitted", North, LedgerTransactions.ReleaseKeys,
            release with { ReleaseId = LedgerId.New(IdKind.Release) }, Types.ReleaseKeys);
        await scene.RefusedAsync("patient.erased", North, LedgerTransactions.DeliverKeys,
            new DeliverKeys(access.Ref, release.ReleaseId), Types.DeliverKeys, envelope);
        await scene.RefusedAsync("patient.erased", South, LedgerTransactions.GetEnvelope,
            new GetEnvelope(access.Ref, North, release.ReleaseId), Types.GetEnvelope);
        await scene.RefusedAsync("patient.erased", crew.Member, LedgerTransactions.BreakGlass, crew.Sign(crew.Statement(scene)), Types.SignedEmergency);

        // What was stays to be seen, and an emergency is reviewed all the same.
        Assert.NotEmpty((await scene.QueryAsync(Regulator, LedgerTransactions.ListAccesses, scene.PatientId, Types.AccessList)).Accesses);
        await scene.SubmitAsync(North, LedgerTransactions.ReviewEmergency, new ReviewEmergency(emergency, ReviewOutcome.Justified, "s-1"), Types.ReviewEmergency);

        Task ErasedAsync(string name, SignedStatement signed) => scene.RefusedAsync("patient.erased", South, name, signed, Types.SignedStatement);
    }

    [Fact]
    public async Task Only_the_patient_erases_and_with_a_fresh_signature()
    {
        using var scene = await WithRecordsAsync();
        using var stranger = SoftwareAuthenticator.Create("north.example", "https://north.example");
        using var friend = new DelegateScene(scene);
        using var found = new DelegateScene(scene);
        await friend.AppointAsync();
        await scene.SubmitAsync(North, LedgerTransactions.AttestSigner, new AttestSigner(scene.PatientId, found.Id,
            VouchedKind.Credential, [scene.Credential(found.Passkey)]), Types.AttestSigner);
        await scene.SubmitAsync(South, LedgerTransactions.LinkPatient, scene.Sign(new LinkBody(South)), Types.SignedStatement);
        await scene.SubmitAsync(South, LedgerTransactions.AttestSigner, new AttestSigner(scene.PatientId, found.Id,
            VouchedKind.Credential, [scene.Credential(found.Passkey)]), Types.AttestSigner);
        var now = scene.Ledger.Now = Start.AddHours(72);

        await RefusedAsync("delegate.outside_scope", friend.Sign(new EraseBody()));
        await RefusedAsync("delegate.outside_scope", found.Sign(new EraseBody()));
        await RefusedAsync("credential.unknown", scene.SignWith(stranger, new EraseBody()));
        await RefusedAsync("statement.wrong_type", scene.Sign(StoryGrant));
        await RefusedAsync("statement.too_old", scene.Sign(scene.Statement(new EraseBody()) with { Issued = now.AddSeconds(-601) }));
        await RefusedAsync("statement.issued_ahead", scene.Sign(scene.Statement(new EraseBody()) with { Issued = now.AddSeconds(61) }));
        await RefusedAsync("statement.wrong_channel", scene.Sign(scene.Statement(new EraseBody()) with { Channel = "other" }));
        await scene.RefusedAsync("caller.not_member", Stranger, Erase, scene.Sign(new EraseBody()), Types.SignedStatement);
        await scene.RefusedAsync("patient.not_erased", North, Report, new ReportErasure(scene.PatientId), Types.ReportErasure);

        Task RefusedAsync(string code, SignedStatement signed) => scene.RefusedAsync(code, South, Erase, signed, Types.SignedStatement);
    }

    [Fact]
    public async Task A_hospitals_staff_reads_what_it_must_keep_of_its_own_and_nobody_anything_else()
    {
        using var scene = await WithRecordsAsync();
        await scene.GrantAsync(StoryGrant);
        await scene.GrantAsync(new GrantBody(Effect.Deny, [new Provision { Who = [new WhoOrg(North)] }], new Period(Start), EmergencyNever: true));
        await scene.SubmitAsync(North, Erase, scene.Sign(new EraseBody()), Types.SignedStatement);
        var policy = await PatientPolicy.LoadAsync(new LedgerTests.Replica(scene.Ledger.State), scene.PatientId, default);
        var record = PatientPolicy.FactsOf(new RecordEntry(North, Start, scene.Record(1)));
        Assert.Equal("permit.own_record", Reason(North, "TREAT"));
        Assert.Equal("deny.erased", Reason(North, "HRESCH"));
        Assert.Equal("deny.erased", Reason(South, "TREAT"));
        Assert.Equal("deny.erased", Reason(South, "ETREAT", Start.AddHours(4)));
        Assert.Equal("deny.erased", Reason(North, "ETREAT", Start.AddHours(4)));

        string Reason(string member, string purpose, DateTimeOffset? until = null) => HealthShare.Policy.Decisions.DecisionCodes.CodeOf(policy.Decide(record,
            PatientPolicy.FactsOf(scene.Request(1) with { Purpose = purpose }, Founders.Organizations.Single(entry => entry.MspId == member), Start, until)).Reason);
    }

    [Fact]
    public async Task Each_hospital_reports_for_itself_and_says_what_it_must_keep()
    {
        using var scene = await WithRecordsAsync();
        await scene.SubmitAsync(North, Erase, scene.Sign(new EraseBody()), Types.SignedStatement);
        await scene.RefusedAsync("caller.not_hospital", Regulator, Report, new ReportErasure(scene.PatientId), Types.ReportErasure);
        await scene.RefusedAsync("patient.not_found", North, Report, new ReportErasure(LedgerId.New(IdKind.Patient)), Types.ReportErasure);
        var kept = new ReportErasure(scene.PatientId, Start.AddYears(10));
        await scene.SubmitAsync(North, Report, kept, Types.ReportErasure);
        await scene.SubmitAsync(North, Report, kept, Types.ReportErasure);
        await scene.SubmitAsync(North, Report, kept with { RetainedUntil = null }, Types.ReportErasure);
        await scene.RefusedAsync("erasure.already_reported", North, Report, kept, Types.ReportErasure);
        Assert.Equal(new ErasureReportEntry(scene.PatientId, North, Start),
            Read(scene.Ledger.State[LedgerKey.ErasureReport(scene.PatientId, North)], Types.ErasureReportEntry));
    }

    [Fact]
    public async Task The_envelopes_of_an_erased_patient_are_purged_and_no_others()
    {
        using var scene = await WithRecordsAsync();
        await scene.GrantAsync(StoryGrant);
        var envelope = "sealed"u8.ToArray();
        var access = await scene.AskAsync(scene.Request(1));
        var release = new ReleaseKeys(access.Ref, LedgerId.New(IdKind.Release), [RecordId(1)], KeyIdOf(South), Base64Url.EncodeToString(SHA256.HashData(envelope)));
        await scene.SubmitAsync(North, LedgerTransactions.ReleaseKeys, release, Types.ReleaseKeys);
        await scene.SubmitAsync(North, LedgerTransactions.DeliverKeys, new DeliverKeys(access.Ref, release.ReleaseId), Types.DeliverKeys, envelope);
        var purge = new PurgeEnvelopes(scene.PatientId, [new ReleaseName(South, access.Request.AccessId, release.ReleaseId)], [South]);
        await scene.RefusedAsync("patient.not_erased", North, LedgerTransactions.PurgeEnvelopes, purge, Types.PurgeEnvelopes);
        await scene.SubmitAsync(North, Erase, scene.Sign(new EraseBody()), Types.SignedStatement);
        await scene.RefusedAsync("arguments.invalid", North, LedgerTransactions.PurgeEnvelopes, purge with { LabelKeysFor = ["no member"] }, Types.PurgeEnvelopes);
        await scene.RefusedAsync("arguments.invalid", North, LedgerTransactions.PurgeEnvelopes, purge with { Releases = [.. purge.Releases, .. purge.Releases] }, Types.PurgeEnvelopes);
        var (response, stub) = await scene.RunAsync(North, LedgerTransactions.PurgeEnvelopes, purge, Types.PurgeEnvelopes);
        Assert.True(response.IsSuccess, response.Message);
        Assert.Equal(2, stub.Writes.Count);
        Assert.All(stub.Writes, write => Assert.True(write is { IsPurge: true } && write.Collection == LedgerKey.OwnCollection(North)));
        Assert.Equal(TxValidationCode.Valid, stub.Commit());
        var (_, again) = await scene.RunAsync(North, LedgerTransactions.PurgeEnvelopes, purge, Types.PurgeEnvelopes); // what is gone is fine
        Assert.Equal(TxValidationCode.Valid, again.Commit());
    }

    [Fact]
    public async Task Envelopes_are_purged_once_their_release_is_over_and_by_their_custodian_alone()
    {
        using var scene = await WithRecordsAsync();
        await scene.GrantAsync(StoryGrant);
        var envelope = "sealed"u8.ToArray();
        var access = await scene.AskAsync(scene.Request(1));
        var release = new ReleaseKeys(access.Ref, LedgerId.New(IdKind.Release), [RecordId(1)], KeyIdOf(South), Base64Url.EncodeToString(SHA256.HashData(envelope)));
        await scene.SubmitAsync(North, LedgerTransactions.ReleaseKeys, release, Types.ReleaseKeys);
        var delivery = new DeliverKeys(access.Ref, release.ReleaseId);
        await scene.SubmitAsync(North, LedgerTransactions.DeliverKeys, delivery, Types.DeliverKeys, envelope);
        await scene.RefusedAsync("release.stands", North, LedgerTransactions.PurgeExpired, new PurgeExpired([delivery]), Types.PurgeExpired);
        scene.Ledger.Now = Start.AddHours(24).AddSeconds(-1);
        await scene.RefusedAsync("release.stands", North, LedgerTransactions.PurgeExpired, new PurgeExpired([delivery]), Types.PurgeExpired);
        scene.Ledger.Now = Start.AddHours(24);
        await scene.RefusedAsync("release.not_found", East, LedgerTransactions.PurgeExpired, new PurgeExpired([delivery]), Types.PurgeExpired);
        await scene.RefusedAsync("release.not_found", North, LedgerTransactions.PurgeExpired,
            new PurgeExpired([delivery with { ReleaseId = LedgerId.New(IdKind.Release) }]), Types.PurgeExpired);
        await scene.RefusedAsync("arguments.invalid", North, LedgerTransactions.PurgeExpired, new PurgeExpired([delivery, delivery]), Types.PurgeExpired);
        await scene.RefusedAsync("arguments.invalid", North, LedgerTransactions.PurgeExpired, new PurgeExpired([]), Types.PurgeExpired);
        await scene.RefusedAsync("caller.not_hospital", Regulator, LedgerTransactions.PurgeExpired, new PurgeExpired([delivery]), Types.PurgeExpired);
        var (response, stub) = await scene.RunAsync(North, LedgerTransactions.PurgeExpired, new PurgeExpired([delivery]), Types.PurgeExpired);
        Assert.True(response.IsSuccess, response.Message);
        var write = Assert.Single(stub.Writes);
        Assert.True(write is { IsPurge: true } && write.Collection == LedgerKey.OwnCollection(North));
        Assert.Equal(TxValidationCode.Valid, stub.Commit());
        await scene.SubmitAsync(North, LedgerTransactions.PurgeExpired, new PurgeExpired([delivery]), Types.PurgeExpired); // what is gone is fine
    }
}
