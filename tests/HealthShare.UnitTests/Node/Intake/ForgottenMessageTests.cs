using System.Text;
using HealthShare.Node.Database;
using HealthShare.Node.Patients;
using HealthShare.UnitTests.Node.Support;

namespace HealthShare.UnitTests.Node.Intake;

/// <summary>A message that comes again after the journal forgot it, where its numbers lead to somebody else by then: it has no second effect.</summary>
public sealed class ForgottenMessageTests
{
    public static TheoryData<DatabaseProvider> Databases => KeyedNode.Providers;

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task After_a_merge_it_is_no_second_record_under_the_id_that_stays(DatabaseProvider database)
    {
        await using var scene = await IntakeScene.StartAsync(database);
        var stays = await IdentityMessages.PatientAsync(scene, "1", "NEW");
        var first = await IdentityMessages.SendAsync(scene, IntakeScene.Message("2", number: "OLD"));
        await MergeAsync(scene, first.PatientId!, stays);
        await ForgetAsync(scene);

        var again = await IdentityMessages.SendAsync(scene, IntakeScene.Message("2", number: "OLD"));
        Assert.Equal(("registered", first.RecordId), (again.State, again.RecordId));
        Assert.Equal(2, scene.Ledger.Records.Count);
        Assert.Equal(first.PatientId, scene.Ledger.Records[first.RecordId!].PatientId);
        Assert.Equal(0, await scene.ScalarAsync<long>("SELECT count(*) FROM intake_payload"));
        Assert.Equal(["received", "registered"], (await scene.Desk.FindAsync(again.Id, default))!.Steps!.Select(step => step.Step));
        Assert.True((await scene.ReceiveAsync(IntakeScene.Message("2", number: "OLD"))).Duplicate);
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task A_result_that_was_corrected_takes_no_place_again_neither_here_nor_under_another_patient(DatabaseProvider database)
    {
        await using var scene = await IntakeScene.StartAsync(database);
        var stays = await IdentityMessages.PatientAsync(scene, "1", "NEW");
        var preliminary = await IdentityMessages.SendAsync(scene, Result("2", "P", "1"));
        await IdentityMessages.SendAsync(scene, Result("3", "F", "2"));
        var said = Assert.Single(scene.Ledger.Superseded.Keys);
        foreach (var isMerged in (bool[])[false, true])
        {
            if (isMerged)
                await MergeAsync(scene, preliminary.PatientId!, stays);
            await ForgetAsync(scene);
            Assert.Equal("registered", (await IdentityMessages.SendAsync(scene, Result("2", "P", "1"))).State);
            Assert.Equal(3, scene.Ledger.Records.Count);
            Assert.Equal(said, Assert.Single(scene.Ledger.Superseded.Keys));
        }
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task A_merge_is_not_said_of_somebody_who_was_given_the_number_since(DatabaseProvider database)
    {
        await using var scene = await IntakeScene.StartAsync(database);
        var merge = IdentityMessages.Adt("1", "A40", "NEW", "MRG|OLD^^^NORTH^MR");
        Assert.Equal("merge.source_unknown", await IdentityMessages.DetailAsync(scene, (await IdentityMessages.SendAsync(scene, merge)).Id));
        await IdentityMessages.SendAsync(scene, IdentityMessages.Adt("2", "A47", "NEWER", "MRG|OLD^^^NORTH^MR"));
        await IdentityMessages.SendAsync(scene, IdentityMessages.Adt("3", "A08", "OTHER", "PV1|1|I"));
        Assert.Equal("registered", (await IdentityMessages.SendAsync(scene, IdentityMessages.Adt("4", "A47", "OLD", "MRG|OTHER^^^NORTH^MR"))).State);
        await ForgetAsync(scene);

        Assert.Equal("registered", (await IdentityMessages.SendAsync(scene, merge)).State);
        Assert.Empty(scene.Ledger.Merged);
        Assert.Equal(4, scene.Ledger.Records.Count);
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task What_comes_again_beside_others_holds_none_of_them_up(DatabaseProvider database)
    {
        await using var scene = await IntakeScene.StartAsync(database);
        await IdentityMessages.SendAsync(scene, IntakeScene.Message("1"));
        await ForgetAsync(scene);
        var ids = new List<string>();
        foreach (var controlId in (string[])["0", "1", "2"])
            ids.Add((await scene.ReceiveAsync(IntakeScene.Message(controlId))).Id);
        await scene.DrainAsync();
        foreach (var id in ids)
            Assert.Equal("registered", (await scene.FindAsync(id)).State);
        Assert.Equal(3, scene.Ledger.Records.Count);
    }

    private static Task MergeAsync(IntakeScene scene, string merged, string stays) =>
        scene.Database.WriteAsync(transaction => PatientDirectory.MergeAsync(transaction, merged, stays, scene.Node.Clock.Now, default), default);

    private static async Task ForgetAsync(IntakeScene scene)
    {
        scene.Node.Clock.Now += scene.Options.KeepMetadata + TimeSpan.FromMinutes(1);
        await scene.Pruner.PruneAsync(default);
        Assert.Equal(0, await scene.ScalarAsync<long>("SELECT count(*) FROM intake_message"));
    }

    // Of one order, both sent at the same time: which is the later one their status and their arrival tell.
    private static byte[] Result(string controlId, string status, string value) => Encoding.UTF8.GetBytes(
        $"MSH|^~\\&|LAB|NORTH|||202603010800||ORU^R01|{controlId}|P|2.5\rPID|1||OLD^^^NORTH^MR\rOBR|1||F1|2345-7^Glucose^LN|||20260301||||||||||||||||||{status}\rOBX|1|NM|2345-7^Glucose^LN||{value}||||||{status}\r");
}
