using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Audit;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.UnitTests.Chaincode;
using static HealthShare.UnitTests.Chaincode.LedgerScene;
using static HealthShare.UnitTests.Node.Audit.ReplayScene;

namespace HealthShare.UnitTests.Node.Audit;

public sealed class MergeReplayTests
{
    private static readonly LedgerJson Types = LedgerJson.Default;
    private readonly string other = LedgerId.New(IdKind.Patient);
    private readonly string fresh = LedgerId.New(IdKind.Patient);
    private string last = "";

    [Fact]
    public async Task What_the_contracts_write_about_merges_replays_as_right()
    {
        using var scene = await WithOtherAsync();
        var merge = Of(scene);
        await scene.SubmitAsync(North, LedgerTransactions.MergePatients, merge, Types.MergePatients);
        await scene.SubmitAsync(South, LedgerTransactions.LinkPatient, scene.Ledger.Sign(new LinkBody(South)), Types.SignedStatement);
        await scene.SubmitAsync(South, LedgerTransactions.MergePatients, merge, Types.MergePatients);
        await scene.AskAsync(1);
        await scene.SubmitAsync(North, LedgerTransactions.MergePatients, merge, Types.MergePatients); // begins the time to object
        await scene.SubmitAsync(North, LedgerTransactions.ObjectToMerge, new ObjectToMerge(other, scene.Ledger.PatientId), Types.ObjectToMerge);
        await scene.RevokeAsync(merge.MergeId);
    }

    [Fact]
    public async Task A_merge_that_no_contract_writes_is_forged()
    {
        using var scene = await WithOtherAsync();
        var merge = Of(scene);
        var entry = new MergeEntry(merge, [new Voucher(North, scene.Now)]);
        var (link, patient) = (new MergedIntoEntry(merge.MergeId, merge.Surviving), scene.Ledger.PatientId);
        await ForgedAsync(North, entry with { SettlingFrom = scene.Now });
        await ForgedAsync(North, entry with { CompleteAt = scene.Now }); // the patient's credential asks for another word
        await ForgedAsync(North, entry with { Vouchers = [new Voucher(North, scene.Now), new Voucher(South, scene.Now)] });
        await ForgedAsync(North, entry with { Vouchers = [] });
        await ForgedAsync(South, entry with { Vouchers = [new Voucher(South, scene.Now)] });
        await ForgedAsync(North, entry with { ObjectedBy = North, ObjectedAt = scene.Now });
        await ForgedAsync(North, entry, links: false);
        await ForgedAsync(North, entry with { Merge = merge with { Surviving = LedgerId.New(IdKind.Patient) } });
        Assert.Equal(ReplayFaultKind.MergeForged, (await scene.ForgeAsync(North, Put(LedgerKey.MergedInto(other, patient), link, Types.MergedIntoEntry)))?.Kind);
        Assert.Null(await scene.ForgeAsync(North, Writes(entry, link)));
        await ForgedAsync(North, entry, links: false); // nothing new
        await ForgedAsync(South, entry with { ObjectedBy = South, ObjectedAt = scene.Now }, links: false); // not affiliated
        Assert.Equal(ReplayFaultKind.EntryRemoved, (await scene.ForgeAsync(North, (LedgerKey.Merge(patient, other), null)))?.Kind);
        Assert.Equal(ReplayFaultKind.EntryRemoved, (await scene.ForgeAsync(North, (LedgerKey.MergedInto(other, patient), null)))?.Kind);

        async Task ForgedAsync(string creator, MergeEntry forged, bool links = true) => Assert.Equal(ReplayFaultKind.MergeForged,
            (await scene.ForgeAsync(creator, Writes(forged, links ? link : null)))?.Kind);
    }

    [Fact]
    public async Task A_merge_that_makes_a_chain_or_is_begun_by_a_stranger_to_the_id_that_stays_is_forged()
    {
        using var scene = await WithOtherAsync();
        var (last, foreign) = (LedgerId.New(IdKind.Patient), LedgerId.New(IdKind.Patient));
        await scene.SubmitAsync(North, LedgerTransactions.EnrollPatient, new EnrollPatient(last), Types.EnrollPatient);
        await scene.SubmitAsync(South, LedgerTransactions.EnrollPatient, new EnrollPatient(foreign), Types.EnrollPatient);
        var first = LedgerId.New(IdKind.Patient);
        await scene.SubmitAsync(North, LedgerTransactions.EnrollPatient, new EnrollPatient(first), Types.EnrollPatient);
        await scene.SubmitAsync(North, LedgerTransactions.MergePatients, new MergePatients(LedgerId.New(IdKind.Statement), first, other), Types.MergePatients);
        await ForgedAsync(North, other, last, scene.Now);
        await ForgedAsync(North, last, first, scene.Now);
        await ForgedAsync(South, foreign, last, null);

        async Task ForgedAsync(string creator, string merged, string surviving, DateTimeOffset? completeAt)
        {
            var merge = new MergePatients(LedgerId.New(IdKind.Statement), merged, surviving);
            Assert.Equal(ReplayFaultKind.MergeForged, (await scene.ForgeAsync(creator, Writes(
                new MergeEntry(merge, [new Voucher(creator, scene.Now)], completeAt), new MergedIntoEntry(merge.MergeId, surviving))))?.Kind);
        }
    }

    [Fact]
    public async Task The_time_to_object_begins_with_a_word_that_found_the_merge_complete_and_once()
    {
        using var scene = await WithOtherAsync();
        await scene.SubmitAsync(North, LedgerTransactions.EnrollPatient, new EnrollPatient(fresh), Types.EnrollPatient);
        var merge = new MergePatients(LedgerId.New(IdKind.Statement), other, fresh);
        var complete = new MergeEntry(merge, [new Voucher(North, scene.Now)], scene.Now);
        await ForgedAsync(North, complete with { SettlingFrom = scene.Now }, new MergedIntoEntry(merge.MergeId, fresh)); // it completes it itself
        await scene.SubmitAsync(North, LedgerTransactions.MergePatients, merge, Types.MergePatients);
        scene.Ledger.Ledger.Now += TimeSpan.FromDays(4);
        await ForgedAsync(South, complete with { SettlingFrom = scene.Now }); // gave no word
        await ForgedAsync(North, complete with { SettlingFrom = complete.CompleteAt });
        await ForgedAsync(North, complete with { SettlingFrom = scene.Now, CompleteAt = scene.Now });
        await scene.SubmitAsync(North, LedgerTransactions.MergePatients, merge, Types.MergePatients);
        var settling = complete with { SettlingFrom = scene.Now };
        scene.Ledger.Ledger.Now += MergeEntry.Waiting;
        await ForgedAsync(North, settling with { SettlingFrom = scene.Now }); // once
        await ForgedAsync(North, settling with { ObjectedBy = North, ObjectedAt = scene.Now }); // too late

        async Task ForgedAsync(string creator, MergeEntry forged, MergedIntoEntry? link = null) =>
            Assert.Equal(ReplayFaultKind.MergeForged, (await scene.ForgeAsync(creator, Writes(forged, link)))?.Kind);
    }

    [Fact]
    public async Task A_credential_that_was_revoked_asks_for_two_words_in_the_replay_as_well()
    {
        using var scene = await WithOtherAsync();
        var second = DelegateScene.Own(scene.Ledger.Passkey);
        await scene.SubmitAsync(South, LedgerTransactions.RevokeCredential,
            scene.Ledger.Sign(new RevokeCredentialBody(second.Credential)), Types.SignedStatement);
        var merge = Of(scene);
        var link = new MergedIntoEntry(merge.MergeId, merge.Surviving);
        var entry = new MergeEntry(merge, [new Voucher(North, scene.Now)]);
        Assert.Equal(ReplayFaultKind.MergeForged, (await scene.ForgeAsync(North, Writes(entry with { CompleteAt = scene.Now }, link)))?.Kind);
        await scene.SubmitAsync(North, LedgerTransactions.MergePatients, merge, Types.MergePatients);
    }

    [Fact]
    public async Task More_merges_than_one_hospital_may_begin_are_forged_either_way()
    {
        using var scene = await WithOtherAsync();
        for (var i = 0; i < Merging.MaxPerMember; i++)
        {
            foreach (var (from, to) in ((string, string)[])[(await EnrolAsync(scene), scene.Ledger.PatientId), (other, await EnrolAsync(scene))])
                await scene.SubmitAsync(North, LedgerTransactions.MergePatients, new MergePatients(LedgerId.New(IdKind.Statement), from, to), Types.MergePatients);
            await scene.SubmitAsync(North, LedgerTransactions.ObjectToMerge, new ObjectToMerge(other, last), Types.ObjectToMerge); // stopped ones count
        }
        foreach (var (from, to) in ((string, string)[])[(await EnrolAsync(scene), scene.Ledger.PatientId), (other, await EnrolAsync(scene))])
        {
            var merge = new MergePatients(LedgerId.New(IdKind.Statement), from, to);
            var complete = to == scene.Ledger.PatientId ? (DateTimeOffset?)null : scene.Now;
            Assert.Equal(ReplayFaultKind.MergeForged, (await scene.ForgeAsync(North, Writes(
                new MergeEntry(merge, [new Voucher(North, scene.Now)], complete), new MergedIntoEntry(merge.MergeId, to))))?.Kind);
        }
    }

    [Fact]
    public async Task A_delegates_word_under_the_id_of_a_merge_is_forged_and_so_is_a_merge_under_the_id_of_a_word()
    {
        using var scene = await WithOtherAsync();
        using var friend = new DelegateScene(scene.Ledger);
        await scene.SubmitAsync(South, LedgerTransactions.AppointDelegate, scene.Ledger.Sign(friend.Appointment()), Types.SignedStatement);
        var word = friend.Statement(StoryGrant);
        await scene.SubmitAsync(South, LedgerTransactions.GrantConsent, friend.Sign(word), Types.SignedStatement);
        await scene.RevokeAsync(word.Id);
        var (merge, taken) = (Of(scene), LedgerId.New(IdKind.Statement));
        await scene.SubmitAsync(South, LedgerTransactions.LinkPatient, friend.Sign(friend.Statement(new LinkBody(South)) with { Id = taken }), Types.SignedStatement);
        Assert.Equal(ReplayFaultKind.MergeForged, (await scene.ForgeAsync(North, Writes(
            new MergeEntry(merge with { MergeId = taken }, [new Voucher(North, scene.Now)]), new MergedIntoEntry(taken, merge.Surviving))))?.Kind);
        await scene.SubmitAsync(North, LedgerTransactions.MergePatients, merge, Types.MergePatients);
        var own = friend.Statement(StoryGrant) with { Id = merge.MergeId };
        Assert.Equal(ReplayFaultKind.StatementForged, (await scene.ForgeAsync(South, Put(LedgerKey.Statement(own.Patient, own.Id),
            new StatementEntry(own.Id, friend.Sign(own), South, scene.Now), Types.StatementEntry)))?.Kind);
    }

    [Fact]
    public async Task A_merge_of_an_id_with_too_much_and_more_under_one_that_was_merged_are_forged()
    {
        using var scene = await WithOtherAsync();
        var (full, merge) = (await EnrolAsync(scene), Of(scene));
        for (var i = 0; i <= AttestedConsents.MaxCarriedPerMember; i++)
            Assert.Null(await AttestAsync(scene, full));
        var tooMuch = new MergePatients(LedgerId.New(IdKind.Statement), full, scene.Ledger.PatientId);
        Assert.Equal(ReplayFaultKind.MergeForged, (await scene.ForgeAsync(North, Writes(
            new MergeEntry(tooMuch, [new Voucher(North, scene.Now)]), new MergedIntoEntry(tooMuch.MergeId, tooMuch.Surviving))))?.Kind);

        await scene.SubmitAsync(North, LedgerTransactions.MergePatients, merge, Types.MergePatients);
        await scene.SubmitAsync(South, LedgerTransactions.LinkPatient, scene.Ledger.Sign(new LinkBody(South)), Types.SignedStatement);
        await scene.SubmitAsync(South, LedgerTransactions.MergePatients, merge, Types.MergePatients);
        for (var i = 0; i < AttestedConsents.MaxCarriedPerMember; i++)
            Assert.Null(await AttestAsync(scene, other));
        Assert.Equal(ReplayFaultKind.AttestationForged, (await AttestAsync(scene, other))?.Kind);
    }

    private static Task<ReplayFault?> AttestAsync(ReplayScene scene, string patient)
    {
        var entry = new AttestationEntry(new AttestConsent(patient, LedgerId.New(IdKind.Statement), AttestationForm.Word,
            System.Buffers.Text.Base64Url.EncodeToString(StatementWriter.WriteGrant(StoryGrant))), North, scene.Now);
        return scene.ForgeAsync(North, Put(LedgerKey.Attestation(patient, North, entry.Attestation.AttestationId), entry, Types.AttestationEntry));
    }

    private MergePatients Of(ReplayScene scene) => new(LedgerId.New(IdKind.Statement), other, scene.Ledger.PatientId);

    private static (string Key, string? Json)[] Writes(MergeEntry entry, MergedIntoEntry? link) =>
    [
        Put(LedgerKey.Merge(entry.Merge.Surviving, entry.Merge.Merged), entry, Types.MergeEntry),
        .. link is null ? [] : new[] { Put(LedgerKey.MergedInto(entry.Merge.Merged, link.Surviving), link, Types.MergedIntoEntry) },
    ];

    private async Task<string> EnrolAsync(ReplayScene scene)
    {
        last = LedgerId.New(IdKind.Patient);
        await scene.SubmitAsync(North, LedgerTransactions.EnrollPatient, new EnrollPatient(last), Types.EnrollPatient);
        return last;
    }

    private async Task<ReplayScene> WithOtherAsync()
    {
        var scene = await CreateAsync();
        await scene.SubmitAsync(North, LedgerTransactions.EnrollPatient, new EnrollPatient(other), Types.EnrollPatient);
        return scene;
    }
}
