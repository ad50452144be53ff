using HealthShare.Node.Content;
using HealthShare.Node.Keys;
using HealthShare.Policy.Ids;
using HealthShare.Vault.Content;
using HealthShare.Vault.Keys;
using HealthShare.Vault.Records;
using static HealthShare.UnitTests.Node.Access.AccessScene;
using static HealthShare.UnitTests.Node.Patients.ErasureApiTests;

namespace HealthShare.UnitTests.Node.Patients;

/// <summary>What an erasure does not destroy on the channel's word alone, what it must not miss, and what must not come back.</summary>
public sealed class ErasureHoldTests
{
    private const string OwnKeys = "SELECT count(*) FROM secret WHERE purpose IN ('record-key', 'label-key')";

    [Fact]
    public async Task A_custodian_keeps_its_own_for_three_days_when_no_credential_of_its_own_list_signed_the_erasure()
    {
        await using var scene = await StartAsync();
        var contents = await ContentsAsync(scene);
        await scene.ExecuteAsync(North, "DELETE FROM trusted_credential"); // what the ledger says of credentials stays as it is
        await EraseAsync(scene, South);
        await UntilAsync("both reports", async () => (await StatesAsync(scene)).SequenceEqual(["retained", "done"]));
        await UntilAsync("the wait", async () => await HereAsync(scene) is { State: "retained", Reason: "erasure.signer_not_trusted" });

        await scene.RestartAsync(North);
        Assert.Equal(4, await scene.ScalarAsync<long>(North, OwnKeys));
        foreach (var cid in contents)
            Assert.True(await scene.Service<IContentStore>(North).IsPinnedAsync(cid, default));
        Assert.Equal(TimeSpan.FromHours(72).TotalMilliseconds, await scene.ScalarAsync<long>(North, "SELECT held_until - seen_at FROM erasure_task"));
        Assert.Equal("erasure.signer_not_trusted", await scene.ScalarAsync<string>(North, "SELECT code FROM incident"));
        Assert.Empty((await scene.AskAsync(South, scene.Records(scene.Glucose))).Records); // nobody else reads anything
        Assert.Equal([scene.Glucose], (await scene.AskAsync(North, scene.Records(scene.Glucose))).Records);

        await scene.ExecuteAsync(North, "UPDATE erasure_task SET held_until = 1, next_at = 1"); // the time is over
        await DoneAsync(scene, North, South);
        Assert.Equal(0, await scene.ScalarAsync<long>(North, OwnKeys));
        foreach (var cid in contents)
            Assert.False(await scene.Service<IContentStore>(North).IsPinnedAsync(cid, default));
    }

    [Fact]
    public async Task A_label_key_that_was_on_its_way_does_not_come_back_after_the_erasure()
    {
        await using var scene = await StartAsync();
        await EraseAsync(scene, North);
        await DoneAsync(scene, North, South);
        using var late = SecretKey.Create();
        Assert.False(await scene.Service<LabelKeys>(South).KeepAsync(scene.PatientId, late, default));
        await scene.Service<LabelKeys>(South).CreateMissingAsync([scene.PatientId], default);
        Assert.Equal(0, await scene.ScalarAsync<long>(South, "SELECT count(*) FROM secret WHERE purpose = 'label-key'"));
    }

    [Fact]
    public async Task What_was_sealed_and_never_registered_is_let_go_of_even_when_the_node_stops_between_key_and_content()
    {
        await using var scene = await StartAsync();
        var recordId = LedgerId.New(IdKind.Record);
        var aside = await scene.Service<RecordSealer>(North).SealAsync(
            new RecordToSeal(new RecordContext("health", recordId), TextOf(recordId)), default);
        await scene.ExecuteAsync(North, $"""
            INSERT INTO intake_message (id, state, source, message_key, content_key, size, control_id_reused, received_at, updated_at, record_id,
                patient_id, attempts, next_attempt_at)
            VALUES ('ms-aside', 'quarantined', 'test', x'01', x'02', 1, 0, 0, 0, '{recordId}', '{scene.PatientId}', 0, 0)
            """);
        scene.IsStoreAway = true;
        await EraseAsync(scene, North);
        await UntilAsync("a first attempt", async () => await HereAsync(scene) is { Attempts: > 0, Reason: "content.unavailable" });
        Assert.Equal(0, await scene.ScalarAsync<long>(North, OwnKeys));

        await scene.RestartAsync(North);
        scene.IsStoreAway = false;
        await DoneAsync(scene, North, South);
        Assert.False(await scene.Service<IContentStore>(North).IsPinnedAsync(aside.Cid, default));
        Assert.Equal(0, await scene.ScalarAsync<long>(North, "SELECT count(*) FROM erased_content"));
    }
}
