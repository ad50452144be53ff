using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Audit;
using HealthShare.Policy.Emergencies;
using HealthShare.Policy.Ids;
using HealthShare.UnitTests.Chaincode;
using static HealthShare.UnitTests.Chaincode.LedgerScene;
using static HealthShare.UnitTests.Node.Audit.ReplayScene;

namespace HealthShare.UnitTests.Node.Audit;

public sealed class EmergencyReplayTests
{
    private static readonly LedgerJson Types = LedgerJson.Default;

    [Fact]
    public async Task Right_emergencies_are_found_right_to_their_review()
    {
        using var scene = await CreateAsync();
        using var crew = await CrewAsync(scene);
        var session = await BreakAsync(scene, crew);
        var access = await AskAsync(scene, session, 1, 2);
        Assert.All(access.Decisions, decision => Assert.Equal("permit.emergency", decision.Reason));
        await scene.ReleaseAsync(ReleaseOf(access));
        await scene.SubmitAsync(North, LedgerTransactions.ReviewEmergency, ReviewOf(session), Types.ReviewEmergency);
        await scene.SubmitAsync(East, LedgerTransactions.RevokeStaffKey, new RevokeStaffKey(crew.Nurse.CredentialId), Types.RevokeStaffKey);
        Assert.Equal((2, 1), (scene.Replay.Decisions, scene.Replay.Releases));
    }

    [Fact]
    public async Task A_forged_emergency_is_named()
    {
        using var scene = await CreateAsync();
        using var crew = await CrewAsync(scene);
        var statement = crew.Statement(scene.Ledger);
        var entry = EntryOf(crew, statement);
        var bytes = EmergencyWriter.Write(statement);
        await ForgedAsync(scene, entry with { Signed = EmergencyCrew.Sign(bytes, crew.Physician, crew.Physician) });
        await ForgedAsync(scene, entry with { Signed = EmergencyCrew.Sign(bytes, scene.Ledger.Passkey, crew.Nurse) });
        await ForgedAsync(scene, entry with { NotAfter = Start.AddHours(5) });
        await ForgedAsync(scene, entry with { ReviewDue = Start.AddHours(720) });
        await ForgedAsync(scene, entry with { DeclaredAt = Start.AddSeconds(1) });
        await ForgedAsync(scene, entry with { Emergency = entry.Emergency with { EmergencyId = LedgerId.New(IdKind.Emergency) } });
        await ForgedAsync(scene, EntryOf(crew, statement with { NotAfter = Start.AddHours(13) }));
        await ForgedAsync(scene, EntryOf(crew, statement with { Issued = Start.AddSeconds(-601) }));
        await ForgedAsync(scene, EntryOf(crew, statement with { Patient = LedgerId.New(IdKind.Patient) }));
        Assert.Equal(ReplayFaultKind.EmergencyForged, (await scene.ForgeAsync(South, Puts(entry)))?.Kind); // in another's name
        Assert.Equal(ReplayFaultKind.EmergencyForged, (await scene.ForgeAsync(East, Puts(entry)[0]))?.Kind); // without its review
        Assert.Equal(ReplayFaultKind.EmergencyForged, (await scene.ForgeAsync(East, Puts(entry)[1]))?.Kind); // a review of nothing
        Assert.Null(await scene.ForgeAsync(East, Puts(entry))); // as the contract writes it
        await ForgedAsync(scene, entry); // for the second time
    }

    [Fact]
    public async Task An_emergency_with_a_revoked_key_or_an_overdue_review_is_named()
    {
        using var scene = await CreateAsync();
        using var crew = await CrewAsync(scene);
        await BreakAsync(scene, crew);
        scene.Ledger.Ledger.Now = Start.AddHours(72);
        await ForgedAsync(scene, EntryOf(crew, crew.Statement(scene.Ledger)) with { DeclaredAt = scene.Now, ReviewDue = scene.Now.AddHours(72) });
        scene.Ledger.Ledger.Now = Start.AddHours(1);
        await scene.SubmitAsync(East, LedgerTransactions.RevokeStaffKey, new RevokeStaffKey(crew.Nurse.CredentialId), Types.RevokeStaffKey);
        await ForgedAsync(scene, EntryOf(crew, crew.Statement(scene.Ledger)) with { DeclaredAt = scene.Now, ReviewDue = scene.Now.AddHours(72) });
    }

    [Fact]
    public async Task An_access_under_an_emergency_that_does_not_stand_is_named_and_so_is_its_release()
    {
        using var scene = await CreateAsync();
        using var crew = await CrewAsync(scene);
        var session = await BreakAsync(scene, crew);
        var right = await AskAsync(scene, session, 1);
        foreach (var request in (RequestAccess[])
        [
            right.Request with { EmergencyId = LedgerId.New(IdKind.Emergency) }, right.Request with { Role = "nurse" },
        ])
        {
            var forged = right with { Request = request with { AccessId = LedgerId.New(IdKind.Access) } };
            Assert.Equal(ReplayFaultKind.DecisionForged, (await scene.ForgeAsync(East, Put(LedgerKey.Access(forged.Ref), forged, Types.AccessEntry)))?.Kind);
        }
        var longer = right with
        {
            Request = right.Request with { AccessId = LedgerId.New(IdKind.Access) },
            Decisions = [right.Decisions[0] with { NotAfter = Start.AddHours(24) }],
        };
        Assert.Equal(ReplayFaultKind.DecisionWrong, (await scene.ForgeAsync(East, Put(LedgerKey.Access(longer.Ref), longer, Types.AccessEntry)))?.Kind);
        await scene.SubmitAsync(East, LedgerTransactions.RevokeStaffKey, new RevokeStaffKey(crew.Nurse.CredentialId), Types.RevokeStaffKey);
        var release = ReleaseOf(right);
        Assert.Equal(ReplayFaultKind.ReleaseNotPermitted, (await scene.ForgeAsync(North, Put(
            LedgerKey.Release(right.Ref, North, release.ReleaseId), new ReleaseEntry(release, North, Start, Start.AddHours(4)), Types.ReleaseEntry)))?.Kind);
    }

    [Fact]
    public async Task A_staff_key_is_its_own_hospitals_and_ends_once()
    {
        using var scene = await CreateAsync();
        using var crew = await CrewAsync(scene);
        var key = LedgerKey.StaffKey(East, crew.Nurse.CredentialId);
        var entry = scene.Read(key, Types.StaffKeyEntry);
        await KeyForgedAsync(East, entry); // the second time
        await KeyForgedAsync(East, entry with { RevokedAt = Start, Role = "physician" });
        await KeyForgedAsync(South, entry with { RevokedAt = Start });
        await KeyForgedAsync(East, entry with { RevokedAt = Start.AddSeconds(1) });
        await scene.SubmitAsync(East, LedgerTransactions.RevokeStaffKey, new RevokeStaffKey(crew.Nurse.CredentialId), Types.RevokeStaffKey);
        await KeyForgedAsync(East, entry);
        Assert.Equal(ReplayFaultKind.EntryRemoved, (await scene.ForgeAsync(East, (key, null)))?.Kind);
        // One authenticator for two persons, one after the other or both at once.
        (string, string?) Register(string id, string staff, Credential credential) => Put(LedgerKey.StaffKey(East, id),
            new StaffKeyEntry(East, staff, "nurse", credential with { CredentialId = id }, scene.Now), Types.StaffKeyEntry);
        Assert.Equal(ReplayFaultKind.StaffKeyForged, (await scene.ForgeAsync(East, Register("AAAA", "s-e8", crew.PhysicianKey.Credential)))?.Kind);
        using var others = new EmergencyCrew(East);
        Assert.Equal(ReplayFaultKind.StaffKeyForged, (await scene.ForgeAsync(East,
            Register("AAAA", "s-e8", others.PhysicianKey.Credential), Register("AAAB", "s-e9", others.PhysicianKey.Credential)))?.Kind);
        Assert.Null(await scene.ForgeAsync(East, Register("AAAA", "s-e8", others.PhysicianKey.Credential)));

        async Task KeyForgedAsync(string creator, StaffKeyEntry forged) => Assert.Equal(
            ReplayFaultKind.StaffKeyForged, (await scene.ForgeAsync(creator, Put(key, forged, Types.StaffKeyEntry)))?.Kind);
    }

    [Fact]
    public async Task A_review_is_another_members_comes_once_and_nothing_else_takes_an_open_one_away()
    {
        using var scene = await CreateAsync();
        using var crew = await CrewAsync(scene);
        var session = await BreakAsync(scene, crew);
        var (key, open) = (LedgerKey.EmergencyReview(session), (LedgerKey.OpenReview(session), (string?)null));
        foreach (var by in (string[])[East, South])
            await ReviewForgedAsync(by, new ReviewEntry(ReviewOf(session), by, Start), open);
        await ReviewForgedAsync(South, new ReviewEntry(ReviewOf(session), North, Start), open);
        await ReviewForgedAsync(North, new ReviewEntry(ReviewOf(session), North, Start)); // and it stays open
        Assert.Equal(ReplayFaultKind.EntryRemoved, (await scene.ForgeAsync(East, open))?.Kind);
        await scene.SubmitAsync(North, LedgerTransactions.ReviewEmergency, ReviewOf(session), Types.ReviewEmergency);
        await ReviewForgedAsync(Regulator, new ReviewEntry(ReviewOf(session), Regulator, Start), open);

        async Task ReviewForgedAsync(string creator, ReviewEntry entry, params (string, string?)[] others) => Assert.Equal(
            ReplayFaultKind.ReviewForged, (await scene.ForgeAsync(creator, [Put(key, entry, Types.ReviewEntry), .. others]))?.Kind);
    }

    private static async Task<EmergencyCrew> CrewAsync(ReplayScene scene)
    {
        var crew = new EmergencyCrew(East);
        foreach (var key in (RegisterStaffKey[])[crew.PhysicianKey, crew.NurseKey])
            await scene.SubmitAsync(East, LedgerTransactions.RegisterStaffKey, key, Types.RegisterStaffKey);
        return crew;
    }

    private static async Task<EmergencyRef> BreakAsync(ReplayScene scene, EmergencyCrew crew)
    {
        var statement = crew.Statement(scene.Ledger);
        await scene.SubmitAsync(East, LedgerTransactions.BreakGlass, crew.Sign(statement), Types.SignedEmergency);
        return EmergencyCrew.RefOf(statement);
    }

    private static async Task<AccessEntry> AskAsync(ReplayScene scene, EmergencyRef session, params int[] records)
    {
        var request = EmergencyCrew.Request(scene.Ledger, session.EmergencyId, records);
        await scene.SubmitAsync(East, LedgerTransactions.RequestAccess, request, Types.RequestAccess);
        return scene.Read(LedgerKey.Access(new AccessRef(request.PatientId, East, request.AccessId)), Types.AccessEntry);
    }

    private static EmergencyEntry EntryOf(EmergencyCrew crew, EmergencyStatement statement) => new(
        EmergencyCrew.RefOf(statement), crew.Sign(statement), Start, statement.NotAfter, Start.AddHours(72));

    private static (string Key, string? Json)[] Puts(EmergencyEntry entry) =>
    [
        Put(LedgerKey.Emergency(entry.Emergency), entry, Types.EmergencyEntry),
        Put(LedgerKey.OpenReview(entry.Emergency), new OpenReviewEntry(entry.Emergency, entry.ReviewDue), Types.OpenReviewEntry),
    ];

    private static async Task ForgedAsync(ReplayScene scene, EmergencyEntry entry) =>
        Assert.Equal(ReplayFaultKind.EmergencyForged, (await scene.ForgeAsync(East, Puts(entry)))?.Kind);

    private static ReviewEmergency ReviewOf(EmergencyRef emergency) => new(emergency, ReviewOutcome.Justified, "s-n9");

    private static ReleaseKeys ReleaseOf(AccessEntry access) => new(
        access.Ref, LedgerId.New(IdKind.Release), [RecordId(1)], KeyIdOf(East),
        System.Buffers.Text.Base64Url.EncodeToString(System.Security.Cryptography.SHA256.HashData("envelope"u8)));
}
