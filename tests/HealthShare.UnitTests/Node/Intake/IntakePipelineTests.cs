using HealthShare.Node.Content;
using HealthShare.Node.Database;
using HealthShare.Node.Intake.Journal;
using HealthShare.Node.Intake.Pipeline;
using HealthShare.UnitTests.Node.Support;
using HealthShare.Vault.Records;

namespace HealthShare.UnitTests.Node.Intake;

/// <summary>From the journal to the ledger: stops at every point, a ledger that is away, messages that can never succeed.</summary>
public sealed class IntakePipelineTests
{
    public static TheoryData<DatabaseProvider> Databases => KeyedNode.Providers;

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task After_a_stop_in_any_state_a_message_goes_on_and_becomes_one_record(DatabaseProvider database)
    {
        await using var scene = await IntakeScene.StartAsync(database);
        var id = (await scene.ReceiveAsync(IntakeScene.Message("1"))).Id;
        await scene.RestartAsync();
        Assert.Equal(Turn.Moved, await scene.Parse.RunOnceAsync(default));
        await scene.RestartAsync();
        Assert.Equal(Turn.Moved, await scene.Store.RunOnceAsync(default));
        await scene.RestartAsync();
        Assert.Equal("stored", (await scene.FindAsync(id)).State);
        Assert.Equal(Turn.Moved, await scene.Register.RunOnceAsync(default));
        await scene.RestartAsync();

        var done = await scene.FindAsync(id);
        Assert.Equal("registered", done.State);
        Assert.False(await scene.Worker.RunOnceAsync(default));
        var record = Assert.Single(scene.Ledger.Records.Values);
        Assert.Equal((done.RecordId, done.PatientId), (record.RecordId, record.PatientId));
        Assert.Equal(new HealthShare.Node.Intake.Provenance.RecordArrival(done.ReceivedAt, "mllp"),
            await new HealthShare.Node.Intake.Provenance.ProvenanceTable(scene.Database).FindAsync(record.RecordId, default));
        Assert.Equal(0, await scene.ScalarAsync<long>("SELECT count(*) FROM intake_message WHERE meaning IS NOT NULL"));
        Assert.Equal(0, await scene.ScalarAsync<long>("SELECT count(*) FROM intake_payload"));
        var content = await scene.Node.Reader.ReadOwnAsync(new RecordLocation(new RecordContext("health", record.RecordId),
            HealthShare.Vault.Content.Cid.Parse(record.Cid), record.Size, System.Buffers.Text.Base64Url.DecodeFromChars(record.KeyCommitment)), default);
        Assert.Equal(IntakeScene.Message("1"), content);
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task A_message_on_its_way_when_its_patient_erases_is_put_aside_and_its_key_destroyed(DatabaseProvider database)
    {
        await using var scene = await IntakeScene.StartAsync(database);
        var id = (await scene.ReceiveAsync(IntakeScene.Message("1"))).Id;
        await scene.Parse.RunOnceAsync(default);
        await scene.Store.RunOnceAsync(default);
        var patientId = (await scene.FindAsync(id)).PatientId!;
        await scene.EraseAsync(patientId);
        await scene.RestartAsync();
        await scene.DrainAsync();

        var aside = await scene.FindAsync(id);
        Assert.Equal(("quarantined", "patient.erased"), (aside.State, aside.ReasonCode));
        Assert.Empty(scene.Ledger.Records);
        Assert.True(await scene.ScalarAsync<long>("SELECT next_at FROM erasure_task") < 0); // it is taken up again, before all others
        await scene.DestroyAsync(patientId);
        Assert.Equal(0, await scene.ScalarAsync<long>("SELECT count(*) FROM sealed_record"));
        Assert.Equal(0, await scene.ScalarAsync<long>("SELECT count(*) FROM secret WHERE purpose IN ('record-key', 'label-key')"));
        Assert.Equal(1, await scene.ScalarAsync<long>("SELECT count(*) FROM intake_payload")); // nothing that was acknowledged is lost
        var next = (await scene.ReceiveAsync(IntakeScene.Message("2"))).Id;
        await scene.DrainAsync();
        Assert.Equal("patient.erased", (await scene.FindAsync(next)).ReasonCode);
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task What_a_step_did_before_the_stop_is_found_again_and_not_done_twice(DatabaseProvider database)
    {
        await using var scene = await IntakeScene.StartAsync(database);
        var id = (await scene.ReceiveAsync(IntakeScene.Message("1"))).Id;
        await scene.Parse.RunOnceAsync(default);
        var parsed = await scene.FindAsync(id);
        // Sealed and kept, but stopped before the journal heard of it.
        var before = await scene.Node.Sealer.SealAsync(new RecordToSeal(new RecordContext("health", parsed.RecordId!), IntakeScene.Message("1")), default);
        await scene.RestartAsync();
        Assert.Equal(Turn.Moved, await scene.Store.RunOnceAsync(default));
        // On the ledger, but stopped before the journal heard of it.
        scene.Ledger.LosesAnswers = true;
        Assert.False(await scene.Worker.RunOnceAsync(default));
        Assert.Equal("stored", (await scene.FindAsync(id)).State);
        scene.Ledger.LosesAnswers = false;
        await scene.RestartAsync();
        scene.Node.Clock.Now += TimeSpan.FromMinutes(2);
        await scene.DrainAsync();
        Assert.Equal("registered", (await scene.FindAsync(id)).State);
        Assert.Equal(before.Cid.ToString(), Assert.Single(scene.Ledger.Records.Values).Cid);
        Assert.Equal(1, await scene.ScalarAsync<long>("SELECT count(*) FROM sealed_record"));
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task With_the_ledger_away_messages_are_still_acknowledged_and_drain_when_it_is_back(DatabaseProvider database)
    {
        await using var scene = await IntakeScene.StartAsync(database);
        scene.Ledger.IsAway = true;
        var ids = new List<string>();
        for (var i = 0; i < 20; i++)
            ids.Add((await scene.ReceiveAsync(IntakeScene.Message($"{i}", number: $"{i % 4}", value: $"{i}"))).Id);
        Assert.False(await scene.Worker.RunOnceAsync(default));
        var waiting = await scene.FindAsync(ids[0]);
        Assert.Equal(("received", "ledger.unavailable", 1L), (waiting.State, waiting.ReasonCode, waiting.Attempts));
        Assert.False(await scene.Worker.RunOnceAsync(default)); // not due yet: no tight loop
        Assert.Equal(1, (await scene.FindAsync(ids[0])).Attempts);
        await scene.RestartAsync();
        scene.Ledger.IsAway = false;
        scene.Node.Clock.Now += TimeSpan.FromMinutes(2);
        await scene.DrainAsync();
        foreach (var id in ids)
            Assert.Equal("registered", (await scene.FindAsync(id)).State);
        Assert.Equal(20, scene.Ledger.Records.Count);
        Assert.Equal(4, scene.Ledger.Enrolled.Count);
        Assert.Equal(4, scene.Ledger.Records.Values.Select(record => record.PatientId).Distinct().Count());
    }

    [Fact]
    public async Task A_record_that_the_ledger_refuses_for_good_goes_to_quarantine_and_holds_up_no_other()
    {
        await using var scene = await IntakeScene.StartAsync();
        var entries = new List<Appended>();
        for (var i = 0; i < 5; i++)
            entries.Add(await scene.ReceiveAsync(IntakeScene.Message($"{i}")));
        scene.Ledger.Taken.Add((await scene.FindAsync(entries[2].Id)).RecordId!);
        await scene.DrainAsync();
        for (var i = 0; i < 5; i++)
            Assert.Equal(i == 2 ? "quarantined" : "registered", (await scene.FindAsync(entries[i].Id)).State);
        Assert.Equal("record.id_taken", (await scene.FindAsync(entries[2].Id)).ReasonCode);
        Assert.NotEmpty(await scene.PayloadAsync(entries[2].Id));
    }

    [Fact]
    public async Task Numbers_of_two_patients_in_one_message_put_it_into_quarantine_whole()
    {
        await using var scene = await IntakeScene.StartAsync();
        await scene.ReceiveAsync(IntakeScene.Message("1", number: "1"));
        await scene.ReceiveAsync(IntakeScene.Message("2", number: "2"));
        await scene.DrainAsync();
        var id = (await scene.ReceiveAsync(IntakeScene.Message("3", number: "1^^^NORTH^MR~2"))).Id;
        await scene.DrainAsync();
        var kept = await scene.FindAsync(id);
        Assert.Equal(("quarantined", "patient.conflict"), (kept.State, kept.ReasonCode));
        Assert.Equal(2, scene.Ledger.Records.Count);
        Assert.Equal(2, scene.Ledger.Enrolled.Count);
    }

    [Fact]
    public async Task A_journal_entry_that_was_changed_goes_to_quarantine_and_the_others_go_on()
    {
        await using var scene = await IntakeScene.StartAsync();
        var first = await scene.ReceiveAsync(IntakeScene.Message("1"));
        var second = await scene.ReceiveAsync(IntakeScene.Message("2"));
        await scene.Node.Database.WriteAsync(transaction => Dapper.SqlMapper.ExecuteAsync(transaction.Connection!,
            """
            UPDATE intake_payload SET payload = (SELECT payload FROM intake_payload WHERE message = (SELECT sequence FROM intake_message WHERE id = @from))
            WHERE message = (SELECT sequence FROM intake_message WHERE id = @to)
            """, new { from = second.Id, to = first.Id }, transaction), default);
        await scene.DrainAsync();
        Assert.Equal(("quarantined", "journal.not_authentic"), ((await scene.FindAsync(first.Id)).State, (await scene.FindAsync(first.Id)).ReasonCode));
        Assert.Equal("registered", (await scene.FindAsync(second.Id)).State);
    }

    [Theory]
    [InlineData("20260301120000+2300")]
    [InlineData("20260301120000-2359")]
    [InlineData("00010101000000+1400")]
    [InlineData("99991231235959-1400")]
    public async Task Times_at_the_ends_of_the_calendar_and_zones_that_nobody_has_stop_nothing(string time)
    {
        await using var scene = await IntakeScene.StartAsync();
        var message = System.Text.Encoding.UTF8.GetString(IntakeScene.Message("1")).Replace("20260301", time, StringComparison.Ordinal);
        var id = (await scene.ReceiveAsync(System.Text.Encoding.UTF8.GetBytes(message))).Id;
        await scene.DrainAsync();
        Assert.Equal("registered", (await scene.FindAsync(id)).State);
    }

    [Fact]
    public async Task A_field_with_very_many_repetitions_holds_up_no_other_message()
    {
        await using var scene = await IntakeScene.StartAsync();
        var id = (await scene.ReceiveAsync(IntakeScene.Message("1", value: string.Join('~', Enumerable.Repeat("a^b^c", 300_000))))).Id;
        var fields = (await scene.ReceiveAsync(IntakeScene.Message("2", value: string.Join('|', Enumerable.Repeat("a^b^c", 300_000))))).Id;
        await scene.DrainAsync();
        Assert.Equal("registered", (await scene.FindAsync(id)).State);
        Assert.Equal("registered", (await scene.FindAsync(fields)).State);
        var numbers = await scene.Receiver.ReceiveAsync(IntakeScene.Message("3", number: string.Join('~', Enumerable.Repeat("1", 300_000))), "mllp", null, default);
        Assert.Equal(("PID", 3), (numbers.Error!.Segment, numbers.Error.Field));
    }
}
