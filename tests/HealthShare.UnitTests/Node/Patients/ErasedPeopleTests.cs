using System.Text.Json;
using Dapper;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Auth.People;
using HealthShare.Node.Database;
using HealthShare.Node.Patients.Erasures;
using HealthShare.Node.ReadModel;
using HealthShare.UnitTests.Node.Support;

namespace HealthShare.UnitTests.Node.Patients;

/// <summary>What the sign-in knows of a person goes with the erasure, and nobody else's.</summary>
public sealed class ErasedPeopleTests
{
    private static readonly string[] Tables = ["invitation", "session", "passkey", "person", "revocation_followed", "event", "webhook_delivery"];

    [Theory]
    [MemberData(nameof(KeyedNode.Providers), MemberType = typeof(KeyedNode))]
    public async Task An_erasure_takes_names_links_and_helpers_at_once_and_the_rest_of_the_person_a_week_later(DatabaseProvider provider)
    {
        await using var node = await KeyedNode.StartAsync(provider);
        using var names = new PersonNames(node.Keys);
        var erased = new ErasedPeople(node.Database, names, node.Clock);
        await AddAsync(node, names, "pt-x", "x");
        await AddAsync(node, names, "pt-y", "y");
        var entry = new PatientEntry("pt-x", "NorthMSP", DateTimeOffset.UnixEpoch) { ErasedAt = node.Clock.Now, ErasedBy = "st-erase-x" };
        await node.Database.WriteAsync(async transaction =>
        {
            await ErasureTasks.AddAsync(transaction, "pt-x", node.Clock.Now, null, default);
            await erased.ApplyAsync(new BlockChanges(1, node.Clock.Now, [new StateWrite(LedgerKey.Patient("pt-x"), LedgerKind.Patient, ["pt-x"],
                JsonSerializer.SerializeToUtf8Bytes(entry, LedgerJson.Default.PatientEntry), "tx", "NorthMSP")]), transaction, default);
        }, default);
        // Of two people of pt-x the patient is left, nameless; what tells of the erasure itself is still followed.
        Assert.Equal([0, 1, 1, 1, 1], await CountAsync("x", 5));
        Assert.Equal([2, 2, 2, 2, 2], await CountAsync("y", 5));
        Assert.Equal(("", "Keller"), (await NameAsync("us-x-own"), await NameAsync("us-y-own")));
        Assert.Equal(("", "Firefox"), (await ScalarAsync<string>("SELECT user_agent FROM session WHERE id = 'se-us-x-own'"),
            await ScalarAsync<string>("SELECT user_agent FROM session WHERE id = 'se-us-y-own'")));
        Assert.Equal("st-erase-x", await ScalarAsync<string>("SELECT statement_id FROM revocation_followed WHERE patient_id = 'pt-x'"));

        await erased.PruneAsync(default);
        Assert.Equal([0, 1, 1, 1, 1], await CountAsync("x", 5));
        node.Clock.Now += ErasedPeople.SeesFor;
        await erased.PruneAsync(default);
        Assert.All(await CountAsync("x", Tables.Length), left => Assert.Equal(0, left));
        Assert.Equal([2, 2, 2, 2, 2, 1, 1], await CountAsync("y", Tables.Length));

        async Task<List<long>> CountAsync(string of, int tables)
        {
            var counts = new List<long>();
            foreach (var table in Tables.Take(tables))
            {
                counts.Add(await ScalarAsync<long>(table is "session" or "passkey"
                    ? $"SELECT count(*) FROM {table} WHERE person_id LIKE 'us-{of}-%'" : $"SELECT count(*) FROM {table} WHERE patient_id = 'pt-{of}'"));
            }
            return counts;
        }

        async Task<string> NameAsync(string id) => names.Unprotect((await ScalarAsync<byte[]>($"SELECT name FROM person WHERE id = '{id}'"))!, id);

        async Task<T?> ScalarAsync<T>(string sql)
        {
            await using var connection = await node.Database.OpenAsync(default);
            return await connection.ExecuteScalarAsync<T>(sql);
        }
    }

    [Theory]
    [MemberData(nameof(KeyedNode.Providers), MemberType = typeof(KeyedNode))]
    public async Task While_the_node_holds_what_is_its_own_the_person_signs_in_and_a_week_after(DatabaseProvider provider)
    {
        await using var node = await KeyedNode.StartAsync(provider);
        using var names = new PersonNames(node.Keys);
        var erased = new ErasedPeople(node.Database, names, node.Clock);
        await AddAsync(node, names, "pt-x", "x");
        var hold = TimeSpan.FromDays(30); // the longest that HealthShare:Erasure:UntrustedWait takes
        await node.Database.WriteAsync(transaction => ErasureTasks.AddAsync(transaction, "pt-x", node.Clock.Now, node.Clock.Now + hold, default), default);
        node.Clock.Now += hold + ErasedPeople.SeesFor - TimeSpan.FromSeconds(1);
        Assert.Equal(0, await erased.PruneAsync(default));
        node.Clock.Now += TimeSpan.FromSeconds(1);
        Assert.True(await erased.PruneAsync(default) > 0);
        await using var connection = await node.Database.OpenAsync(default);
        Assert.Equal(0, await connection.ExecuteScalarAsync<long>("SELECT count(*) FROM person"));
    }

    // The patient and a helper, each with a link, a passkey and a session.
    private static Task AddAsync(KeyedNode node, PersonNames names, string patientId, string of) => node.Database.WriteAsync(async transaction =>
    {
        var now = node.Clock.Now.ToUnixTimeMilliseconds();
        foreach (var (kind, delegateId) in new (string, string?)[] { ("own", null), ("helper", $"dg-{of}") })
        {
            var id = $"us-{of}-{kind}";
            await transaction.Connection!.ExecuteAsync("""
                INSERT INTO person (id, subject, role, name, patient_id, delegate_id, created_at) VALUES (@id, @id, 'Patient', @name, @patientId, @delegateId, @now);
                INSERT INTO passkey (credential_id, person_id, public_key, sign_count, transports, backup_eligible, backed_up, created_at)
                    VALUES (@id, @id, @name, 0, '', 0, 0, @now);
                INSERT INTO session (id, token_hash, person_id, credential_id, user_agent, created_at, last_seen_at, expires_at, step_up_until)
                    VALUES ('se-' || @id, @name, @id, @id, 'Firefox', @now, @now, @now, @now);
                INSERT INTO invitation (id, token_hash, person_id, subject, role, name, patient_id, delegate_id, created_by, created_at, expires_at)
                    VALUES (@id, @name, @id, @id, 'Patient', @name, @patientId, @delegateId, 'us-desk', @now, @now);
                INSERT INTO revocation_followed (transaction_id, patient_id, statement_id, since, attempts, next_at) VALUES (@id, @patientId, @statement, @now, 0, @now)
                """,
                new { id, name = names.Protect("Keller", id), patientId, delegateId, now, statement = kind == "own" ? $"st-erase-{of}" : $"st-{of}" }, transaction);
        }
        await transaction.Connection!.ExecuteAsync("""
            INSERT INTO event (sequence, topic, kind, happened_at, patient_id) VALUES (@number, 'decision', 'decided', @now, @patientId);
            INSERT INTO webhook_delivery (id, webhook_id, kind, body, state, created_at, attempts, next_attempt_at, patient_id)
                VALUES (@of, 'wh-1', 'decided', '', 'waiting', @now, 0, @now, @patientId)
            """, new { number = of == "x" ? 1 : 2, now, patientId, of }, transaction);
    }, default);
}
