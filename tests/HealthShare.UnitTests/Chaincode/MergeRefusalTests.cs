using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using static HealthShare.UnitTests.Chaincode.LedgerScene;

namespace HealthShare.UnitTests.Chaincode;

/// <summary>Who stops a merge until when, and which merges there are not.</summary>
public sealed class MergeRefusalTests : MergeScene
{
    [Fact]
    public async Task A_new_merge_is_stopped_by_a_hospital_and_any_by_the_patients_signature()
    {
        using var scene = await WithOtherAsync(North, credential: false);
        await scene.SubmitAsync(South, LedgerTransactions.LinkPatient, scene.Sign(new LinkBody(South)), Types.SignedStatement);
        await scene.RefusedAsync("merge.not_found", North, Object, new ObjectToMerge(other, scene.PatientId), Types.ObjectToMerge);
        await MergeAsync(scene, North, other, scene.PatientId);
        await MergeAsync(scene, South, other, scene.PatientId);
        var merge = await MergeAsync(scene, North, other, scene.PatientId);
        await scene.RefusedAsync("patient.not_affiliated", East, Object, new ObjectToMerge(other, scene.PatientId), Types.ObjectToMerge);
        scene.Ledger.Now = Start.AddHours(72);
        await scene.RefusedAsync("merge.settled", South, Object, new ObjectToMerge(other, scene.PatientId), Types.ObjectToMerge);
        await AttestDenyAsync(scene, other, DenySouth with { Scope = [new Provision { Who = [new WhoOrg(East)] }] });
        Assert.Equal("deny.attested", (await DecisionAsync(scene, East)).Reason);
        await scene.SubmitAsync(East, LedgerTransactions.RevokeConsent, scene.Sign(new RevokeBody(merge.Merge.MergeId)), Types.SignedStatement);
        Assert.Equal("deny.default", (await DecisionAsync(scene, East)).Reason);
        await RefusedAsync(scene, "merge.objected", North);

        using var again = await WithOtherAsync(North, credential: false);
        await MergeAsync(again, North, other, again.PatientId);
        var objection = new ObjectToMerge(other, again.PatientId);
        await again.SubmitAsync(North, Object, objection, Types.ObjectToMerge);
        again.Ledger.Now = Start.AddHours(80);
        await again.SubmitAsync(North, Object, objection, Types.ObjectToMerge); // again: no second effect
        await RefusedAsync(again, "merge.objected", North);
    }

    [Fact]
    public async Task Whoever_holds_the_completing_word_back_takes_none_of_the_hospitals_time_to_object()
    {
        using var scene = await WithOtherAsync(North, credential: false);
        await scene.SubmitAsync(South, LedgerTransactions.LinkPatient, scene.Sign(new LinkBody(South)), Types.SignedStatement);
        await MergeAsync(scene, North, other, scene.PatientId);
        var word = new MergePatients(IdOf(other, scene.PatientId), other, scene.PatientId);
        var (_, completing) = await scene.RunAsync(South, Merge, word, Types.MergePatients);
        var (_, early) = await scene.RunAsync(North, Merge, word, Types.MergePatients); // endorsed before anybody saw it complete
        scene.Ledger.Now = Start.AddDays(30);
        Assert.Equal(TxValidationCode.Valid, completing.Commit());
        Assert.Equal(TxValidationCode.MvccReadConflict, early.Commit());
        var key = LedgerKey.Merge(scene.PatientId, other);
        var complete = Read(scene.Ledger.State[key], Types.MergeEntry);
        Assert.Equal((Start, null), (complete.CompleteAt, complete.SettlingFrom));

        // Until somebody says so again hospitals may object; and the word that begins their time cannot be held back from them either.
        var (objection, _) = await scene.RunAsync(North, Object, new ObjectToMerge(other, scene.PatientId), Types.ObjectToMerge);
        Assert.True(objection.IsSuccess, objection.Message);
        var seen = scene.Ledger.Now;
        Assert.Equal(seen, (await MergeAsync(scene, North, other, scene.PatientId)).SettlingFrom);
        scene.Ledger.Now = seen + MergeEntry.Waiting;
        await scene.RefusedAsync("merge.settled", North, Object, new ObjectToMerge(other, scene.PatientId), Types.ObjectToMerge);
        scene.Ledger.Now = seen + MergeEntry.Waiting - TimeSpan.FromSeconds(1);
        await scene.SubmitAsync(South, Object, new ObjectToMerge(other, scene.PatientId), Types.ObjectToMerge);
    }

    [Fact]
    public async Task An_id_is_merged_once_and_there_are_no_chains()
    {
        using var scene = await WithOtherAsync(North, credential: false);
        var (first, last) = (await EnrolNewAsync(scene, North), await EnrolNewAsync(scene, North));
        await MergeAsync(scene, North, first, other);
        await RefusedAsync(scene, "merge.already_merged", North, merged: first, surviving: last);
        await RefusedAsync(scene, "merge.already_merged", North, merged: last, surviving: first);
        await RefusedAsync(scene, "merge.already_merged", North, merged: other, surviving: first); // no circle
        await RefusedAsync(scene, "merge.is_surviving", North, merged: other, surviving: last);
        await MergeAsync(scene, North, last, other);
        var deny = await AttestDenyAsync(scene, first, DenySouth);
        var policy = await PatientPolicy.LoadAsync(new LedgerTests.Replica(scene.Ledger.State), other, default);
        Assert.Equal(deny, Assert.Single(policy.Statements).Id);
    }

    [Fact]
    public async Task What_one_hospital_says_of_an_id_is_bounded_for_good_either_way()
    {
        using var scene = await WithOtherAsync(North, credential: false);
        for (var i = 0; i < Merging.MaxPerMember; i++)
        {
            foreach (var (from, to) in ((string, string)[])[(await EnrolNewAsync(scene, North), scene.PatientId), (other, await EnrolNewAsync(scene, North))])
            {
                await MergeAsync(scene, North, from, to);
                await scene.SubmitAsync(North, Object, new ObjectToMerge(from, to), Types.ObjectToMerge); // what was stopped counts, too
            }
        }
        var fresh = await EnrolNewAsync(scene, North);
        await RefusedAsync(scene, "merge.too_many", North, merged: fresh);
        await RefusedAsync(scene, "merge.too_many", North, surviving: fresh);
        await MergeAsync(scene, North, fresh, await EnrolNewAsync(scene, North));
    }

    [Fact]
    public async Task A_merge_of_what_is_none_or_was_erased_is_refused()
    {
        using var scene = await WithOtherAsync(North, credential: false);
        await RefusedAsync(scene, "arguments.invalid", North, merged: other, surviving: other);
        await RefusedAsync(scene, "arguments.invalid", North, id: LedgerId.New(IdKind.Delegate));
        await RefusedAsync(scene, "patient.not_found", North, surviving: LedgerId.New(IdKind.Patient));
        await RefusedAsync(scene, "caller.not_hospital", Regulator);
        var taken = await scene.GrantAsync(StoryGrant);
        await RefusedAsync(scene, "statement.id_taken", North, taken.StatementId);
        await scene.SubmitAsync(North, LedgerTransactions.ErasePatient, scene.Sign(new EraseBody()), Types.SignedStatement);
        await RefusedAsync(scene, "patient.erased", North);
    }
}
