using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Audit;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using static HealthShare.UnitTests.Chaincode.LedgerScene;
using static HealthShare.UnitTests.Node.Audit.ReplayScene;

namespace HealthShare.UnitTests.Node.Audit;

public sealed class MergeReplayTests
{
    private static readonly LedgerJson Types = LedgerJson.Default;
    private readonly string other = LedgerId.New(IdKind.Patient);

    [Fact]
    public async Task What_the_contracts_write_about_merges_replays_as_right()
    {
        using var scene = await WithOtherAsync();
        var merge = Of(scene);
        await scene.SubmitAsync(North, LedgerTransactions.MergePatients, merge, Types.MergePatients);
        await scene.SubmitAsync(South, LedgerTransactions.LinkPatient, scene.Ledger.Sign(new LinkBody(South)), Types.SignedStatement);
        await scene.SubmitAsync(South, LedgerTransactions.MergePatients, merge, Types.MergePatients);
        await scene.AskAsync(1);
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

    private MergePatients Of(ReplayScene scene) => new(LedgerId.New(IdKind.Statement), other, scene.Ledger.PatientId);

    private static (string Key, string? Json)[] Writes(MergeEntry entry, MergedIntoEntry? link) =>
    [
        Put(LedgerKey.Merge(entry.Merge.Surviving, entry.Merge.Merged), entry, Types.MergeEntry),
        .. link is null ? [] : new[] { Put(LedgerKey.MergedInto(entry.Merge.Merged, link.Surviving), link, Types.MergedIntoEntry) },
    ];

    private async Task<ReplayScene> WithOtherAsync()
    {
        var scene = await CreateAsync();
        await scene.SubmitAsync(North, LedgerTransactions.EnrollPatient, new EnrollPatient(other), Types.EnrollPatient);
        return scene;
    }
}
