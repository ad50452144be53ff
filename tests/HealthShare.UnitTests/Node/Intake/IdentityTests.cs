using System.Text;
using HealthShare.Chaincode.Ledger;
using HealthShare.Hl7;
using HealthShare.Hl7.Acknowledgements;
using HealthShare.Node.Database;
using HealthShare.Node.Patients;
using HealthShare.UnitTests.Node.Support;
using static HealthShare.UnitTests.Node.Intake.IdentityMessages;

namespace HealthShare.UnitTests.Node.Intake;

/// <summary>What messages say of patients' identities: numbers learned, merged, replaced, visits moved.</summary>
public sealed class IdentityTests
{
    public static TheoryData<DatabaseProvider> Databases => KeyedNode.Providers;

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task Two_known_patients_are_said_to_be_one_and_the_message_is_a_record_of_the_one_that_stays(DatabaseProvider database)
    {
        await using var scene = await IntakeScene.StartAsync(database);
        var (old, stays) = (await PatientAsync(scene, "1", "OLD"), await PatientAsync(scene, "2", "NEW"));
        var merge = await SendAsync(scene, Adt("3", "A40", "NEW", "MRG|OLD^^^NORTH^MR"));
        Assert.Equal((old, stays), Assert.Single(scene.Ledger.Merged).Key);
        Assert.Equal(("registered", stays), (merge.State, merge.PatientId));
        Assert.Equal($"merge.said {old}", await DetailAsync(scene, merge.Id));
        // The same message again, and the same merge in another message, say nothing new.
        await SendAsync(scene, Adt("3", "A40", "NEW", "MRG|OLD^^^NORTH^MR"));
        Assert.Single(scene.Ledger.Merged);
        Assert.DoesNotContain(scene.Ledger.Merged.Values, id => id.Contains("OLD", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_earlier_number_that_is_not_known_leads_to_the_patient_from_now_on()
    {
        await using var scene = await IntakeScene.StartAsync();
        var merge = await SendAsync(scene, Adt("1", "A40", "NEW", "MRG|OLD^^^NORTH^MR"));
        Assert.Equal("merge.source_unknown", await DetailAsync(scene, merge.Id));
        Assert.Equal(merge.PatientId, await PatientAsync(scene, "2", "OLD"));
        Assert.Equal("merge.same_patient", await DetailAsync(scene, (await SendAsync(scene, Adt("3", "A40", "NEW", "MRG|OLD^^^NORTH^MR"))).Id));
        Assert.Empty(scene.Ledger.Merged);
    }

    [Theory]
    [InlineData("merge.objected")]
    [InlineData("merge.already_merged")]
    [InlineData("merge.is_surviving")]
    [InlineData("patient.not_affiliated")]
    [InlineData("patient.erased")]
    public async Task A_merge_that_the_channel_refuses_is_put_aside_with_the_reason_and_can_be_sent_through_again(string code)
    {
        await using var scene = await IntakeScene.StartAsync();
        await PatientAsync(scene, "1", "OLD");
        await PatientAsync(scene, "2", "NEW");
        scene.Ledger.MergeRefusal = code;
        var merge = await SendAsync(scene, Adt("3", "A40", "NEW", "MRG|OLD^^^NORTH^MR"));
        Assert.Equal(("quarantined", code), (merge.State, merge.ReasonCode));
        Assert.DoesNotContain("OLD", merge.Reason, StringComparison.Ordinal);
        scene.Ledger.MergeRefusal = null;
        await scene.Desk.ReplayAsync(merge.Id, "staff", default);
        await scene.DrainAsync();
        Assert.Equal("registered", (await scene.FindAsync(merge.Id)).State);
        Assert.Single(scene.Ledger.Merged);
    }

    [Theory]
    [InlineData("A40", "MRG|OLD^^^NORTH^MR~OTHER^^^NORTH^MR", "patient.conflict")]
    [InlineData("A47", "MRG|OLD^^^NORTH^MR", "patient.conflict")]
    public async Task What_cannot_be_done_is_put_aside_whole(string trigger, string segments, string code)
    {
        await using var scene = await IntakeScene.StartAsync();
        foreach (var number in (string[])["OLD", "OTHER", "NEW"])
            await PatientAsync(scene, number, number);
        var aside = await SendAsync(scene, Adt("9", trigger, "NEW", segments));
        Assert.Equal(("quarantined", code), (aside.State, aside.ReasonCode));
        Assert.Equal(1, await scene.ScalarAsync<long>("SELECT count(*) FROM intake_payload"));
        Assert.Empty(scene.Ledger.Merged);
    }

    [Theory]
    [InlineData("A18", "", "100", "", "message.segment_missing")]
    [InlineData("A40", "", "100", "", "message.segment_missing")]
    [InlineData("A45", "PV1|1|I", "100", "", "message.segment_missing")]
    [InlineData("A47", "", "100", "", "message.segment_missing")]
    [InlineData("A40", "MRG|", "101", "1", "message.field_missing")]
    [InlineData("A40", "MRG|\"\"", "101", "1", "message.field_missing")]
    [InlineData("A47", "MRG|OLD^^^NORTH^AN", "101", "1", "message.field_missing")]
    [InlineData("A40", "MRG|OLD^^^NORTH^MR\rMRG|OTHER^^^NORTH^MR", "102", "", "message.field_invalid")]
    public async Task A_merge_that_lacks_what_it_is_about_is_never_answered_with_AA_and_is_kept_whole(string trigger, string segments, string code, string field, string reason)
    {
        await using var scene = await IntakeScene.StartAsync();
        await PatientAsync(scene, "1", "OLD");
        var merge = Adt("9", trigger, "NEW", segments);
        var answer = Er7Message.Parse(await scene.Mllp.HandleAsync(merge, null, default));
        Assert.Equal(("AE", "9", code, "MRG", field), (answer.Get("MSA-1").Text, answer.Get("MSA-2").Text, answer.Get("ERR-3.1").Text, answer.Get("ERR-2.1").Text, answer.Get("ERR-2.3").Text));
        var enhanced = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(merge).Replace("|9|P|2.5", "|10|P|2.5|||AL|NE", StringComparison.Ordinal));
        Assert.Equal("CE", Er7Message.Parse(await scene.Mllp.HandleAsync(enhanced, null, default)).Get("MSA-1").Text);
        await scene.DrainAsync();
        var id = (await scene.ScalarAsync<string>("SELECT id FROM intake_message WHERE state = 'quarantined' ORDER BY sequence LIMIT 1"))!;
        Assert.Equal(reason, (await scene.FindAsync(id)).ReasonCode);
        Assert.Equal(merge, await scene.Desk.ReadContentAsync(id, "Rosa", default));
        await scene.Desk.ReplayAsync(id, "Ida", default); // it is what it was
        await scene.DrainAsync();
        Assert.Equal(("quarantined", reason), ((await scene.FindAsync(id)).State, (await scene.FindAsync(id)).ReasonCode));
        Assert.Empty(scene.Ledger.Merged);
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task A_replaced_number_leads_nowhere_and_its_successor_to_the_same_patient(DatabaseProvider database)
    {
        await using var scene = await IntakeScene.StartAsync(database);
        var patient = await PatientAsync(scene, "1", "OLD");
        // In one batch with a message of before, which still has its patient.
        await scene.ReceiveAsync(IntakeScene.Message("2", number: "OLD"));
        var change = await SendAsync(scene, Adt("3", "A47", "NEW", "MRG|OLD^^^NORTH^MR"));
        Assert.Equal(("registered", patient, "number.replaced"), (change.State, change.PatientId, await DetailAsync(scene, change.Id)));
        Assert.Equal(patient, await PatientAsync(scene, "4", "NEW"));
        Assert.Equal(3 + 1, scene.Ledger.Records.Values.Count(record => record.PatientId == patient));
        var late = await SendAsync(scene, IntakeScene.Message("5", number: "OLD"));
        Assert.Equal(("quarantined", "patient.number_replaced"), (late.State, late.ReasonCode));
        // Beside the new number the old one says nothing; sending the change again does nothing.
        Assert.Equal(patient, (await SendAsync(scene, Adt("6", "A08", "NEW^^^NORTH^MR~OLD", ""))).PatientId);
        Assert.Equal("registered", (await SendAsync(scene, Adt("7", "A47", "NEW", "MRG|OLD^^^NORTH^MR"))).State);
        Assert.Single(scene.Ledger.Enrolled);
    }

    [Theory]
    [InlineData("EI")]
    [InlineData("AN")]
    [InlineData("PI")]
    public async Task The_same_digits_in_another_series_of_the_authority_are_another_patients(string type)
    {
        await using var scene = await IntakeScene.StartAsync();
        var one = await SendAsync(scene, Adt("1", "A08", $"88231^^^NORTH^MR~1234^^^NORTH^{type}", "", last: ""));
        var other = await PatientAsync(scene, "2", "1234");
        Assert.Equal("registered", one.State);
        Assert.NotEqual(one.PatientId, other);
        Assert.Equal(one.PatientId, await PatientAsync(scene, "3", "88231"));
        Assert.Equal(2, scene.Ledger.Enrolled.Count);
    }

    [Theory]
    [InlineData("AN")]
    [InlineData("VN")]
    [InlineData("SS")]
    [InlineData("EI")]
    public async Task A_message_with_no_number_of_a_person_is_put_aside_and_merges_nobody(string type)
    {
        await using var scene = await IntakeScene.StartAsync();
        await PatientAsync(scene, "1", "1234");
        await PatientAsync(scene, "2", "NEW");
        var account = await scene.Receiver.ReceiveAsync(Adt("3", "A08", $"1234^^^NORTH^{type}", "", last: ""), "mllp", null, default);
        Assert.Equal((Outcome.Error, Er7Fault.FieldMissing, 3), (account.Outcome, account.Error!.Fault, account.Error.Field));
        Assert.DoesNotContain("1234", account.Error.ToString(), StringComparison.Ordinal);
        Assert.Equal("quarantined", (await scene.FindAsync(account.Entry.Id)).State);
        var merge = await SendAsync(scene, Adt("4", "A40", "NEW", $"MRG|1234^^^NORTH^{type}"));
        Assert.Equal(("quarantined", "message.field_missing"), (merge.State, merge.ReasonCode));
        Assert.Empty(scene.Ledger.Merged);
        Assert.Equal(2, scene.Ledger.Records.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("MRN")]
    [InlineData(" mr ")]
    [InlineData("U")]
    [InlineData("\"\"")]
    public async Task A_record_number_is_the_same_with_and_without_its_type(string type)
    {
        await using var scene = await IntakeScene.StartAsync();
        var patient = await PatientAsync(scene, "1", "1234");
        Assert.Equal(patient, (await SendAsync(scene, Adt("2", "A08", $"1234^^^NORTH^{type}", "", last: ""))).PatientId);
    }

    [Theory]
    [InlineData("^^^\"\"")]
    [InlineData("^^^\"\"&\"\"&\"\"^MR")]
    [InlineData("^^^ ^MR")]
    [InlineData("")]
    public async Task The_same_number_without_an_authority_from_two_senders_is_two_patients(string last)
    {
        await using var scene = await IntakeScene.StartAsync();
        var patients = new List<string?>();
        foreach (var sender in (string[])["ADT|NORTH", "ADT|SOUTH", "WARD|", "THEATRE|\"\""])
        {
            var text = Encoding.UTF8.GetString(Adt("1", "A08", "55", "", last: last)).Replace("ADT|NORTH", sender, StringComparison.Ordinal);
            patients.Add((await SendAsync(scene, Encoding.UTF8.GetBytes(text))).PatientId);
        }
        Assert.DoesNotContain(null, patients);
        Assert.Equal(4, patients.Distinct().Count());
    }

    [Theory]
    [InlineData("|")]
    [InlineData("\"\"|\"\"")]
    [InlineData(" |^\"\"^ISO")]
    public async Task A_number_of_which_nobody_says_who_assigned_it_is_refused(string sender)
    {
        await using var scene = await IntakeScene.StartAsync();
        var text = Encoding.UTF8.GetString(Adt("1", "A08", "55", "", last: "^^^\"\"^MR")).Replace("ADT|NORTH", sender, StringComparison.Ordinal);
        var receipt = await scene.Receiver.ReceiveAsync(Encoding.UTF8.GetBytes(text), "mllp", null, default);
        Assert.Equal((Outcome.Error, Er7Fault.FieldMissing, 3), (receipt.Outcome, receipt.Error!.Fault, receipt.Error.Field));
        Assert.Equal("quarantined", (await scene.FindAsync(receipt.Entry.Id)).State);
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task A_replacement_does_not_bring_an_erased_persons_number_back(DatabaseProvider database)
    {
        await using var scene = await IntakeScene.StartAsync(database);
        var (erased, known) = (await PatientAsync(scene, "1", "N"), await PatientAsync(scene, "2", "M"));
        await scene.Database.WriteAsync(async transaction =>
        {
            await PatientDirectory.EraseAsync(transaction, erased, scene.Node.Clock.GetUtcNow(), default);
            return 0;
        }, default);
        foreach (var trigger in (string[])["A47", "A46"])
        {
            var change = await SendAsync(scene, Adt(trigger, trigger, "N", "MRG|M^^^NORTH^MR"));
            Assert.Equal(("quarantined", "patient.erased"), (change.State, change.ReasonCode));
        }
        // Nothing of it took effect.
        Assert.Equal(known, await PatientAsync(scene, "5", "M"));
        var late = await SendAsync(scene, IntakeScene.Message("6", number: "N"));
        Assert.Equal(("quarantined", "patient.erased"), (late.State, late.ReasonCode));
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task A_merge_that_names_a_replaced_number_is_put_aside_and_gives_it_to_nobody(DatabaseProvider database)
    {
        await using var scene = await IntakeScene.StartAsync(database);
        var patient = await PatientAsync(scene, "1", "OLD");
        await SendAsync(scene, Adt("2", "A47", "NEW", "MRG|OLD^^^NORTH^MR"));
        var other = await PatientAsync(scene, "3", "X");
        foreach (var trigger in (string[])["A40", "A45"])
        {
            var aside = await SendAsync(scene, Adt(trigger, trigger, "X", "MRG|OLD^^^NORTH^MR||||V1^^^NORTH"));
            Assert.Equal(("quarantined", "patient.number_replaced"), (aside.State, aside.ReasonCode));
        }
        Assert.Empty(scene.Ledger.Merged);
        Assert.Equal("patient.number_replaced", (await SendAsync(scene, IntakeScene.Message("4", number: "OLD"))).ReasonCode);
        // With the number that replaced it the same merge says who is meant; into its own patient it says nothing new.
        await SendAsync(scene, Adt("5", "A40", "X", "MRG|OLD^^^NORTH^MR~NEW^^^NORTH^MR"));
        Assert.Equal((patient, other), Assert.Single(scene.Ledger.Merged).Key);
        Assert.Equal("merge.same_patient", await DetailAsync(scene, (await SendAsync(scene, Adt("6", "A40", "NEW", "MRG|OLD^^^NORTH^MR"))).Id));
        Assert.Equal("patient.number_replaced", (await SendAsync(scene, IntakeScene.Message("7", number: "OLD"))).ReasonCode);
    }

    [Fact]
    public async Task An_update_teaches_the_index_further_numbers_of_the_patient()
    {
        await using var scene = await IntakeScene.StartAsync();
        var patient = await PatientAsync(scene, "1", "MRN");
        Assert.Equal(patient, (await SendAsync(scene, Adt("2", "A08", "MRN^^^NORTH^MR~NATIONAL", ""))).PatientId);
        Assert.Equal(patient, await PatientAsync(scene, "3", "NATIONAL"));
        Assert.Single(scene.Ledger.Enrolled);
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task A_moved_visit_takes_back_the_records_of_before_also_those_that_come_later(DatabaseProvider database)
    {
        await using var scene = await IntakeScene.StartAsync(database);
        var before = await SendAsync(scene, Adt("1", "A01", "WRONG", "PV1|1|I|||||||||||||||||V1^^^NORTH"));
        var other = await SendAsync(scene, Adt("2", "A01", "WRONG", "PV1|1|I|||||||||||||||||V2^^^NORTH"));
        await PatientAsync(scene, "3", "RIGHT");
        var move = await SendAsync(scene, Adt("4", "A45", "RIGHT", "MRG|WRONG^^^NORTH^MR||||V1^^^NORTH", "0900"));
        Assert.Equal("visit.moved", await DetailAsync(scene, move.Id));
        var late = await SendAsync(scene, Adt("5", "A02", "WRONG", "PV1|1|I|||||||||||||||||V1^^^NORTH"));
        var after = await SendAsync(scene, Adt("6", "A02", "WRONG", "PV1|1|I|||||||||||||||||V1^^^NORTH", "1000"));
        Assert.All(scene.Ledger.Superseded.Values, one => Assert.Equal((Relation.Withdraws, before.PatientId, null), (one.Relation, one.PatientId, one.By)));
        Assert.Equal(new[] { before.RecordId!, late.RecordId! }.Order(), scene.Ledger.Superseded.Keys.Select(key => key.RecordId).Order());
        Assert.Equal(("registered", "registered"), (other.State, after.State));
    }

    [Theory]
    [InlineData("MRG|", "visit.source_missing")]
    [InlineData("MRG|NOBODY^^^NORTH^MR||||V1^^^NORTH", "visit.source_unknown")]
    [InlineData("MRG|RIGHT^^^NORTH^MR||||V1^^^NORTH", "visit.same_patient")]
    [InlineData("MRG|WRONG^^^NORTH^MR", "visit.not_named")]
    public async Task A_move_that_moves_nothing_is_a_record_with_a_note(string segment, string note)
    {
        await using var scene = await IntakeScene.StartAsync();
        await PatientAsync(scene, "1", "WRONG");
        await PatientAsync(scene, "2", "RIGHT");
        var move = await SendAsync(scene, Adt("3", "A45", "RIGHT", segment));
        Assert.Equal(("registered", note), (move.State, await DetailAsync(scene, move.Id)));
        Assert.Empty(scene.Ledger.Superseded);
    }

    [Fact]
    public async Task Merges_of_one_patient_from_many_connections_end_in_one_word_each()
    {
        await using var scene = await IntakeScene.StartAsync();
        await PatientAsync(scene, "0", "NEW");
        for (var i = 0; i < 8; i++)
            await PatientAsync(scene, $"{i + 1}", $"OLD{i}");
        await Parallel.ForAsync(0, 32, async (i, _) => await scene.ReceiveAsync(Adt($"m{i}", "A40", "NEW", $"MRG|OLD{i % 8}^^^NORTH^MR")));
        await scene.DrainAsync();
        Assert.Equal(8, scene.Ledger.Merged.Count);
        Assert.Equal(9 + 32, scene.Ledger.Records.Count);
    }
}
