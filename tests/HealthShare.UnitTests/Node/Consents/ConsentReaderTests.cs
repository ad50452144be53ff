using HealthShare.Node.Incidents;
using Microsoft.Extensions.Logging.Abstractions;
using System.Text;
using System.Text.Json.Serialization.Metadata;
using System.Text.Json;
using Dapper;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Consents;
using HealthShare.Node.Database;
using HealthShare.Node.Notifications;
using HealthShare.Node.Patients.Handles;
using HealthShare.Node.Problems;
using HealthShare.Node.ReadModel;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.UnitTests.Chaincode;
using HealthShare.UnitTests.Node.Support;
using static HealthShare.UnitTests.Chaincode.LedgerScene;

namespace HealthShare.UnitTests.Node.Consents;

/// <summary>What a patient's consents are, as read from a copy that holds whatever the channel may hold.</summary>
public sealed class ConsentReaderTests : IAsyncLifetime, IDisposable
{
    private static readonly LedgerJson Types = LedgerJson.Default;
    private readonly LedgerScene scene = new();
    private readonly List<(string Key, byte[] Value, long Block)> rows = [];
    private TestDatabase database = null!;
    private ConsentReader reader = null!;

    [Fact]
    public async Task However_many_statements_ended_one_consent_is_found_by_its_key_and_all_are_listed_in_pages()
    {
        const int count = 5000;
        Add(LedgerKey.Credential(scene.PatientId, scene.Passkey.CredentialId), new CredentialEntry(scene.PatientId, scene.Credential(), North, Start), Types.CredentialEntry, 0);
        var (ended, standing) = (new List<string>(), new List<string>());
        for (var i = 0; i < count; i++)
        {
            var (id, revocation) = (LedgerId.New(IdKind.Statement), LedgerId.New(IdKind.Statement));
            ended.Add(id);
            Add(LedgerKey.EndedStatement(scene.PatientId, id), new EndedStatementEntry(
                id, EndedStatementKind.RevokedUnseen, South, Start, null, revocation, Start.AddMinutes(i)), Types.EndedStatementEntry, 10 + (i / 3));
            Add(LedgerKey.EndedStatement(scene.PatientId, revocation), new EndedStatementEntry(
                revocation, EndedStatementKind.Link, South, Start), Types.EndedStatementEntry, 10 + (i / 3));
        }
        for (var i = 0; i < 7; i++)
        {
            var statement = scene.Statement(StoryGrant);
            standing.Add(statement.Id);
            Add(LedgerKey.Statement(scene.PatientId, statement.Id), new StatementEntry(statement.Id, scene.Sign(statement), South, Start.AddHours(i / 2)),
                Types.StatementEntry, i);
        }
        await WriteAsync();

        Assert.Equal(ConsentStatus.Revoked, (await reader.FindAsync(scene.PatientId, ended[4711], default))?.Status);
        Assert.Equal(ConsentStatus.Active, (await reader.FindAsync(scene.PatientId, standing[3], default))?.Status);
        Assert.Null(await reader.FindAsync(scene.PatientId, LedgerId.New(IdKind.Statement), default));
        foreach (var limit in (int[])[3, 7, 499])
        {
            var (seen, cursor, pages) = (new List<Consent>(), (string?)null, 0);
            do
            {
                var page = (await reader.ListAsync(scene.PatientId, cursor, limit, default))!;
                Assert.True(page.Consents.Count <= limit);
                seen.AddRange(page.Consents);
                cursor = page.Next;
            }
            while (cursor is not null && (limit == 499 || ++pages < 10));
            Assert.Equal(7, seen.Take(7).Select(consent => consent.Id).Intersect(standing).Count());
            Assert.Equal(seen.Count, seen.Select(consent => consent.Id).Distinct().Count());
            Assert.True(seen.Skip(7).Zip(seen.Skip(8)).All(pair => pair.First.RevokedAt >= pair.Second.RevokedAt!.Value.AddMinutes(-3)));
            if (limit == 499)
                Assert.Equal(ended.Concat(standing).Order(StringComparer.Ordinal), seen.Select(consent => consent.Id).Order(StringComparer.Ordinal));
        }
        Assert.Null(await reader.ListAsync(LedgerId.New(IdKind.Patient), null, 10, default));
        foreach (var wrong in (string[])["AAAA", PageCursor.Of("x", "1", ""), PageCursor.Of("o", "-1", ""), PageCursor.Of("o", "one", "")])
            await Assert.ThrowsAsync<ApiProblemException>(() => reader.ListAsync(scene.PatientId, wrong, 10, default));
    }

    [Fact]
    public async Task Notifications_come_in_pages_and_say_where_older_ones_are_left_out()
    {
        for (var i = 0; i <= NotificationReader.MostRead; i++)
        {
            var id = LedgerId.New(IdKind.Statement);
            Add(LedgerKey.EndedStatement(scene.PatientId, id), new EndedStatementEntry(
                id, EndedStatementKind.ExpiredGrant, South, Start.AddMinutes(i)), Types.EndedStatementEntry, i);
        }
        await WriteAsync();
        var notifications = new NotificationReader(
            new Replica(database.Instance), new HandleTable(database.Instance, null!, TimeProvider.System),
            new IncidentLog(database.Instance, NullLogger<IncidentLog>.Instance), new FakeLedger());
        var (seen, cursor) = (new List<Notification>(), (string?)null);
        do
        {
            var page = (await notifications.ListAsync(scene.PatientId, cursor, 500, default))!;
            Assert.Equal((NotificationReader.MostRead, true), (page.Total, page.IsCut));
            seen.AddRange(page.Items);
            cursor = page.Next;
        }
        while (cursor is not null);
        Assert.Equal(NotificationReader.MostRead, seen.Select(item => item.Subject).Distinct().Count());
        Assert.Equal(Start.AddMinutes(NotificationReader.MostRead), seen[0].At);
        Assert.True(seen.Zip(seen.Skip(1)).All(pair => pair.First.At >= pair.Second.At));
        await Assert.ThrowsAsync<ApiProblemException>(() => notifications.ListAsync(scene.PatientId, "AAAA", 10, default));
    }

    [Fact]
    public async Task What_a_hospital_attested_is_shown_as_it_decides()
    {
        var permit = Attested(StoryGrant);
        Add(LedgerKey.EndedStatement(scene.PatientId, permit), new EndedStatementEntry(permit, EndedStatementKind.Link, South, Start.AddHours(1)), Types.EndedStatementEntry, 5);
        var deny = Attested(StoryGrant with { Effect = Effect.Deny });
        var byDelegate = scene.Statement(new RevokeBody(deny)) with { Signer = new StatementSigner(scene.Passkey.CredentialId, LedgerId.New(IdKind.Delegate)) };
        Revoke(deny, byDelegate);
        var revoked = Attested(StoryGrant with { Effect = Effect.Deny });
        Revoke(revoked, scene.Statement(new RevokeBody(revoked)));
        await WriteAsync();
        await ShownAsync(permit, ConsentStatus.Revoked);
        await ShownAsync(deny, ConsentStatus.Active);
        await ShownAsync(revoked, ConsentStatus.Revoked);
        Assert.Equal(3, (await reader.ListAsync(scene.PatientId, null, 10, default))!.Consents.Count); // each once

        async Task ShownAsync(string id, ConsentStatus status)
        {
            Assert.Equal(status, (await reader.FindAsync(scene.PatientId, id, default))?.Status);
            Assert.Equal(status, (await reader.ListAsync(scene.PatientId, null, 10, default))!.Consents.Single(consent => consent.Id == id).Status);
        }
    }

    public async Task InitializeAsync()
    {
        database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        reader = new ConsentReader(new Replica(database.Instance), new StoppedClock());
        Add(LedgerKey.Patient(scene.PatientId), new PatientEntry(scene.PatientId, North, Start), Types.PatientEntry, 0);
        Add(LedgerKey.Affiliation(scene.PatientId, North), new AffiliationEntry(scene.PatientId, North, Start, LedgerId.New(IdKind.Statement)), Types.AffiliationEntry, 0);
    }

    public async Task DisposeAsync()
    {
        await database.DisposeAsync();
    }

    public void Dispose() => scene.Dispose();

    private string Attested(GrantBody grant)
    {
        var id = LedgerId.New(IdKind.Statement);
        Add(LedgerKey.Attestation(scene.PatientId, North, id), new AttestationEntry(new AttestConsent(scene.PatientId, id, AttestationForm.Paper,
            System.Buffers.Text.Base64Url.EncodeToString(StatementWriter.WriteGrant(grant))), North, Start), Types.AttestationEntry, 1);
        return id;
    }

    private void Revoke(string id, Statement revocation)
    {
        Add(LedgerKey.EndedStatement(scene.PatientId, id), new EndedStatementEntry(
            id, EndedStatementKind.RevokedUnseen, South, Start.AddHours(1), null, revocation.Id, Start.AddHours(1)), Types.EndedStatementEntry, 5);
        Add(LedgerKey.EndedStatement(scene.PatientId, revocation.Id), new EndedStatementEntry(
            revocation.Id, EndedStatementKind.Revocation, South, Start.AddHours(1), scene.Sign(revocation)), Types.EndedStatementEntry, 5);
    }

    private void Add<T>(string key, T value, JsonTypeInfo<T> type, long block) => rows.Add((key, JsonSerializer.SerializeToUtf8Bytes(value, type), block));

    private Task WriteAsync() => database.Instance.WriteAsync(async transaction =>
    {
        await transaction.Connection!.ExecuteAsync(
            "INSERT INTO replica (key, value, block, transaction_id, seen_at, first_seen_at) VALUES (@key, @value, @block, 'tx', 0, 0)",
            rows.Select(row => new { key = Encoding.UTF8.GetBytes(row.Key), value = row.Value, block = row.Block }), transaction);
        // As a node does that finds a copy from before the order was kept.
        await ReplicaNewest.FillAsync(transaction, default);
    }, default);

    private sealed class StoppedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Start.AddDays(1);
    }
}
