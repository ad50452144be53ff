using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Dapper;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Database;
using HealthShare.Node.ReadModel;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.Sandbox;
using HealthShare.Sandbox.Authenticator;
using HealthShare.Sandbox.Stories;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace HealthShare.Benchmarks.Access;

/// <summary>
/// A patient with 10,000 records, 10,000 consents that ended and 10,000 requests in the access log reads a page of each list over HTTP, the
/// first page and pages after it by turns. The peer is a bare server that answers as many bytes from memory. What the lists hold is written
/// into the node's copy as blocks would have: putting it on the channel would take an hour and measure something else.
/// </summary>
internal sealed class ListLatencyBenchmark : IBenchmark
{
    private const int Rounds = 5, ReadsPerRound = 60, Entries = 10_000, Limit = 50;

    public string Name => "list-latency";

    public string Summary => $"pages of {Limit} of a patient's consents, access log and patient entry with {Entries:N0} entries each, and all of {Entries:N0} records, "
        + "read over HTTP one after the other, against a bare server that answers as many bytes";

    public async Task<IReadOnlyList<Measure>> RunAsync(BenchmarkSettings settings, TextWriter progress, CancellationToken ct)
    {
        var state = Directory.CreateTempSubdirectory("healthshare-benchmark-");
        try
        {
            var options = new SandboxOptions { State = state, PortBase = FreePorts.Find() };
            await using var consortium = await Consortium.StartAsync(options, progress, ct);
            var scene = await DecisionScene.PlayAsync(consortium, ct);
            using (var database = new SqliteDatabase($"Data Source={Path.Combine(state.FullName, SandboxMember.North.Key, "node.db")}"))
                await FillAsync(database, scene.PatientId, ct);
            await progress.WriteLineAsync($"{Entries} records, consents and requests are there");
            using var http = new HttpClient { BaseAddress = new Uri(scene.Patient.Url, "/api/v1/") };
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", scene.Patient.Token);
            var measures = new List<Measure>();
            foreach (var (list, path) in ((string, string)[])
            [
                ("consents", $"patients/{scene.PatientId}/consents?limit={Limit}"), ("access log", $"patients/{scene.PatientId}/access-log?limit={Limit}"),
                ("patient", $"patients/{scene.PatientId}"), ("records", $"patients/{scene.PatientId}/records?limit={Limit}"),
            ])
                measures.AddRange(await MeasureAsync(http, list, path, settings.Rounds ?? Rounds, progress, ct));
            return measures;
        }
        catch (Exception e) when (e is SandboxException or StoryException)
        {
            throw new MissingPieceException($"No patient with records and statements could be made: {e.Message}");
        }
        finally
        {
            state.Delete(recursive: true);
        }
    }

    private static async Task<IReadOnlyList<Measure>> MeasureAsync(HttpClient http, string list, string path, int rounds, TextWriter progress, CancellationToken ct)
    {
        var (ours, peer) = (new List<double>(), new List<double>());
        await using var bare = await ServeAsync(await http.GetByteArrayAsync(new Uri(path, UriKind.Relative), ct), ct);
        using var plain = new HttpClient { BaseAddress = new Uri(bare.Urls.Single()) };
        for (var round = 0; round <= rounds; round++)
        {
            var (one, other) = (await ReadAsync(http, path, ct), await ReadAsync(plain, "page", ct));
            await progress.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                $"{list}, round {round} of {rounds}: ours p50 {Measurement.Percentile(one, 50):F2} ms, p99 {Measurement.Percentile(one, 99):F2} ms; "
                + $"peer p50 {Measurement.Percentile(other, 50):F2} ms{(round == 0 ? " (warm-up)" : "")}"));
            if (round == 0)
                continue;
            ours.AddRange(one);
            peer.AddRange(other);
        }
        return
        [
            new Measure($"{list} p99", "ms", Measurement.Percentile(ours, 99), Measurement.Percentile(peer, 99)),
            new Measure($"{list} p50", "ms", Measurement.Percentile(ours, 50), Measurement.Percentile(peer, 50)),
        ];
    }

    private static async Task<List<double>> ReadAsync(HttpClient http, string path, CancellationToken ct)
    {
        var (milliseconds, next) = (new List<double>(), path);
        for (var read = 0; read < ReadsPerRound; read++)
        {
            var started = Stopwatch.GetTimestamp();
            var bytes = await http.GetByteArrayAsync(new Uri(next, UriKind.Relative), ct);
            milliseconds.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            if (http.DefaultRequestHeaders.Authorization is null)
                continue;
            using var json = JsonDocument.Parse(bytes);
            next = json.RootElement.TryGetProperty("next", out var cursor) && cursor.ValueKind is JsonValueKind.String
                ? $"{path}&cursor={cursor.GetString()}"
                : path;
        }
        return milliseconds;
    }

    private static async Task<WebApplication> ServeAsync(byte[] page, CancellationToken ct)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.Run(async http => await http.Response.Body.WriteAsync(page, http.RequestAborted));
        await app.StartAsync(ct);
        return app;
    }

    private static Task FillAsync(IDatabase database, string patientId, CancellationToken ct)
    {
        using var device = new PatientDevice(patientId, SoftwareAuthenticator.Create(SandboxMember.North.Host, $"https://{SandboxMember.North.Host}"));
        var start = LedgerTime.Truncate(TimeProvider.System.GetUtcNow()).AddDays(-400);
        var (north, south) = (SandboxMember.North.MspId, SandboxMember.South.MspId);
        var (entries, log) = (new List<(string Key, byte[] Value)>(), new List<object>());
        for (var number = 0; number < Entries; number++)
        {
            var at = start.AddMinutes(number * 50);
            var (granted, signed) = device.Sign(new GrantBody(
                Effect.Permit, [new Provision { Who = [new WhoOrg(south, "physician")], Purpose = ["TREAT"] }], new Period(at, at.AddDays(30))));
            var (revoked, revocation) = device.Sign(new RevokeBody(granted));
            Add(LedgerKey.EndedStatement(patientId, granted), new EndedStatementEntry(granted, EndedStatementKind.RevokedGrant, north, at, signed, revoked, at.AddMinutes(5)),
                LedgerJson.Default.EndedStatementEntry);
            Add(LedgerKey.EndedStatement(patientId, revoked), new EndedStatementEntry(revoked, EndedStatementKind.Revocation, north, at.AddMinutes(5), revocation),
                LedgerJson.Default.EndedStatementEntry);
            var record = new NewRecord(patientId, LedgerId.New(IdKind.Record), ["AAAAAAAAAAAAAAAAAAAAAA"], [], "N", at, "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy", 1000,
                "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
            Add(LedgerKey.Record(patientId, north, record.RecordId), new RecordEntry(north, at, record), LedgerJson.Default.RecordEntry);
            var access = new AccessEntry(new RequestAccess(patientId, LedgerId.New(IdKind.Access), [new RecordRef(north, record.RecordId)], "TREAT", "physician", "sf-1"),
                south, at, [new AccessDecision(new RecordRef(north, record.RecordId), true, "permit.signed", granted, 0, at.AddDays(1))]);
            Add(LedgerKey.Access(access.Ref), access, LedgerJson.Default.AccessEntry);
            var release = new ReleaseEntry(new ReleaseKeys(access.Ref, LedgerId.New(IdKind.Release), [record.RecordId], "sk-1", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), north, at, at.AddDays(1));
            Add(LedgerKey.Release(access.Ref, north, release.Release.ReleaseId), release, LedgerJson.Default.ReleaseEntry);
            log.Add(new { patientId, at = at.ToUnixTimeMilliseconds(), south, access = access.Request.AccessId });
        }
        return database.WriteAsync(async transaction =>
        {
            var connection = transaction.Connection!;
            await connection.ExecuteAsync("""
                INSERT INTO replica (key, value, block, transaction_id, seen_at, first_seen_at) VALUES (@key, @value, @block, 'benchmark', @block, @block)
                """, entries.Select((entry, index) => new { key = Encoding.UTF8.GetBytes(entry.Key), value = entry.Value, block = (long)(index / 5) }), transaction);
            // The order of all, and not of what was there before alone.
            await connection.ExecuteAsync("DELETE FROM replica_newest", transaction: transaction);
            await ReplicaNewest.FillAsync(transaction, ct);
            await connection.ExecuteAsync("""
                INSERT INTO access_event (patient_id, happened_at, kind, requester, access_id, staff) VALUES (@patientId, @at, 'ledger', @south, @access, 'sf-1')
                """, log, transaction);
        }, ct);

        void Add<T>(string key, T value, JsonTypeInfo<T> type) => entries.Add((key, JsonSerializer.SerializeToUtf8Bytes(value, type)));
    }
}
