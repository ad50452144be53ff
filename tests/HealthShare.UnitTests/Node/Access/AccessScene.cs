using System.Buffers.Text;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dapper;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Access.Requests;
using HealthShare.Node.Auth;
using HealthShare.Node.Content;
using HealthShare.Node.Database;
using HealthShare.Node.Intake.Parts;
using HealthShare.Node.Keys;
using HealthShare.Node.Ledger;
using HealthShare.Node.ReadModel;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.Sandbox.Authenticator;
using HealthShare.UnitTests.Node.Support;
using HealthShare.UnitTests.Support;
using HealthShare.Vault.Content;
using HealthShare.Vault.Records;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace HealthShare.UnitTests.Node.Access;

/// <summary>
/// North and South, whole nodes on a channel in memory with one content store, and a patient of North with a passkey and three
/// records: a glucose result, an HIV result, an image. South is linked and has the label key.
/// </summary>
internal sealed class AccessScene : IAsyncDisposable
{
    public const string North = "NorthMSP", South = "SouthMSP", Requests = "/api/v1/access-requests";
    private const string Patients = "/api/v1/patients";
    // The nodes put off what fails for up to a minute, each by itself.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private readonly string folder = Directory.CreateTempSubdirectory("hs-access-").FullName;
    private readonly EmbeddedContentStore store;
    private readonly bool followAnything;
    private readonly IReadOnlyDictionary<string, string?> settings;
    private readonly Dictionary<string, Member> members = [];

    private readonly TimeProvider clock;

    private AccessScene(bool followAnything, IReadOnlyDictionary<string, string?>? settings, TimeProvider? clock)
    {
        this.followAnything = followAnything;
        this.settings = settings ?? new Dictionary<string, string?>();
        this.clock = clock ?? TimeProvider.System;
        Channel = new MemoryChannel(this.clock);
        store = EmbeddedContentStore.Open(new() { Folder = Path.Combine(folder, "content") }, TimeProvider.System);
    }

    public MemoryChannel Channel { get; }

    /// <summary>What waits for as long as the channel takes does so by this clock, at once.</summary>
    public NotedWaits Pace { get; } = new();

    /// <summary>While true, the content store does not unpin.</summary>
    public bool IsStoreAway { get; set; }

    public SoftwareAuthenticator Passkey { get; } = SoftwareAuthenticator.Create("north.example", "https://north.example");

    public string PatientId { get; private set; } = "";

    public string Glucose { get; } = LedgerId.New(IdKind.Record);

    public string Hiv { get; } = LedgerId.New(IdKind.Record);

    public string Image { get; } = LedgerId.New(IdKind.Record);

    public static byte[] TextOf(string recordId) => Encoding.UTF8.GetBytes($"MSH|^~\\&|LAB|NORTH|||20260301||ORU^R01|{recordId}|P|2.5\rOBX|1|NM|2345-7||182\r");

    /// <param name="provider">Where the nodes keep their data.</param>
    /// <param name="followAnything">True to see what the nodes do with blocks that their copy would not take over.</param>
    /// <param name="settings">Further settings of both nodes.</param>
    /// <param name="clock">The clock of the nodes and of the channel; the system's where null.</param>
    public static async Task<AccessScene> StartAsync(
        DatabaseProvider provider = DatabaseProvider.Sqlite, bool followAnything = false, IReadOnlyDictionary<string, string?>? settings = null,
        TimeProvider? clock = null)
    {
        var scene = new AccessScene(followAnything, settings, clock);
        foreach (var mspId in new[] { North, South })
        {
            scene.members[mspId] = new Member(await TestDatabase.CreateAsync(provider, migrate: false), new GatedLedger(scene.Channel.As(mspId)));
            await scene.StartAsync(mspId);
        }
        await scene.Channel.InitAsync((North, scene.Node(North)), (South, scene.Node(South)));
        await scene.EnrolAsync();
        return scene;
    }

    public NodeHost Node(string mspId) => members[mspId].Host!;

    public GatedLedger Ledger(string mspId) => members[mspId].Ledger;

    /// <summary>Says whether the member's copy of the channel counts as too old.</summary>
    public void SetStale(string mspId, bool isStale) => members[mspId].IsStale = isStale;

    public HttpClient Client(string mspId, Role role) => Node(mspId).Client(role);

    /// <summary>
    /// Stops a node at once and starts it again on what it kept. Waits until its copy counts as fresh: before that it serves nobody else's
    /// records.
    /// </summary>
    public async Task RestartAsync(string mspId)
    {
        await Node(mspId).DisposeAsync();
        await members[mspId].Database.ReopenAsync();
        await StartAsync(mspId);
        await UntilAsync("a fresh copy", () => Task.FromResult(members[mspId].IsStale || Service<IReadModel>(mspId).IsFresh));
    }

    /// <summary>The story's grant: South's physicians, laboratory, treatment, thirty days, without HIV.</summary>
    public async Task<string> GrantAsync(GrantBody? body = null)
    {
        using var key = await Service<LabelKeys>(North).FindAsync(PatientId, default);
        var now = LedgerTime.Truncate(DateTimeOffset.UtcNow);
        var statement = Passkey.Statement(PatientId, body ?? new GrantBody(Effect.Permit,
            [new Provision
            {
                Who = [new WhoOrg(South, "physician")], Purpose = ["TREAT"],
                Category = [Token.Compute(key!.Bytes, TokenDimension.Category, "laboratory")],
                Except = [new Provision { Labels = [Token.Compute(key.Bytes, TokenDimension.Label, "HIV")] }],
            }],
            new Period(now, now.AddDays(30))));
        using var registrar = Client(North, Role.Registrar);
        await registrar.PostAsync($"{Patients}/{PatientId}/consents", Passkey.Signed(statement), HttpStatusCode.Created);
        await CaughtUpAsync();
        return statement.Id;
    }

    public async Task RevokeAsync(string statementId)
    {
        using var registrar = Client(North, Role.Registrar);
        await registrar.PostAsync($"{Patients}/{PatientId}/consents/{statementId}/revocation",
            Passkey.Signed(Passkey.Statement(PatientId, new RevokeBody(statementId))), HttpStatusCode.OK);
        await CaughtUpAsync();
    }

    public JsonObject Categories(params string[] codes) => Asking("categories", codes);

    public JsonObject Records(params string[] recordIds) => Asking("recordIds", recordIds);

    /// <summary>Asks as a physician; the request's id and the records that it permits.</summary>
    public async Task<(string Id, string[] Records)> AskAsync(string mspId, JsonObject body, Role role = Role.Physician)
    {
        using var client = Client(mspId, role);
        var view = await client.PostAsync(Requests, body, HttpStatusCode.Created);
        return (view.GetProperty("id").GetString()!,
            [.. view.GetProperty("records").EnumerateArray().Select(record => record.GetProperty("recordId").GetString()!)]);
    }

    /// <summary>Reads a record, waiting for its key.</summary>
    public async Task<byte[]> ReadAsync(string mspId, string requestId, string recordId)
    {
        using var client = Client(mspId, Role.Physician);
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            using var answer = await client.GetAsync($"{Requests}/{requestId}/records/{recordId}", patience.Token);
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                Assert.Equal("application/hl7-v2", answer.Content.Headers.ContentType?.ToString());
                Assert.True(answer.Headers.CacheControl?.NoStore);
                return await answer.Content.ReadAsByteArrayAsync(patience.Token);
            }
            Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
            Assert.NotNull(answer.Headers.RetryAfter);
            await Task.Delay(50, patience.Token);
        }
    }

    /// <summary>A problem without what differs from call to call.</summary>
    public static async Task<string> ProblemAsync(HttpClient client, string path, HttpStatusCode expected = HttpStatusCode.NotFound)
    {
        using var answer = await client.GetAsync(path);
        Assert.Equal(expected, answer.StatusCode);
        var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!.AsObject();
        problem.Remove("requestId");
        return problem.ToJsonString();
    }

    public T Service<T>(string mspId)
        where T : notnull => Node(mspId).App.Services.GetRequiredService<T>();

    public async Task<T?> ScalarAsync<T>(string mspId, string sql)
    {
        await using var connection = await members[mspId].Database.Instance.OpenAsync(default);
        return await connection.ExecuteScalarAsync<T>(sql);
    }

    public Task ExecuteAsync(string mspId, string sql) =>
        members[mspId].Database.Instance.WriteAsync(transaction => transaction.Connection!.ExecuteAsync(sql, transaction: transaction), default);

    public static async Task UntilAsync(string what, Func<Task<bool>> holds)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!await holds())
        {
            Assert.False(patience.IsCancellationRequested, $"In vain waited for: {what}");
            await Task.Delay(25, CancellationToken.None);
        }
    }

    /// <summary>Waits until both copies hold every block.</summary>
    public async Task CaughtUpAsync()
    {
        var height = await Channel.As(North).HeightAsync(default);
        foreach (var mspId in members.Keys)
            await Service<IReadModel>(mspId).WaitForAsync(height - 1, default).WaitAsync(Patience);
    }

    /// <summary>Registers records at a member, as its intake does.</summary>
    public Task RegisterAsync(string mspId, params (string RecordId, string Category, string? Label)[] records) => RegisterAsync(mspId, TextOf, records);

    /// <summary>Registers records with other contents.</summary>
    public async Task RegisterAsync(string mspId, Func<string, byte[]> contentOf, params (string RecordId, string Category, string? Label)[] records)
    {
        using var key = await Service<LabelKeys>(mspId).FindAsync(PatientId, default);
        var entries = new List<NewRecord>();
        foreach (var (recordId, category, label) in records)
        {
            var kept = await Service<RecordSealer>(mspId).SealAsync(new RecordToSeal(new RecordContext("health", recordId), contentOf(recordId)), default);
            entries.Add(new NewRecord(PatientId, recordId, [Token.Compute(key!.Bytes, TokenDimension.Category, category)],
                label is null ? [] : [Token.Compute(key.Bytes, TokenDimension.Label, label)], "N", LedgerTime.Truncate(DateTimeOffset.UtcNow),
                kept.Cid.ToString(), kept.Size, Base64Url.EncodeToString(kept.Commitment)));
        }
        await Channel.As(mspId).SubmitAsync(new LedgerCall(LedgerTransactions.RegisterRecords,
            JsonSerializer.SerializeToUtf8Bytes(new RegisterRecords(entries), LedgerJson.Default.RegisterRecords)), default);
        await CaughtUpAsync();
    }

    /// <summary>Registers a laboratory report with the documents in it, as the intake does.</summary>
    /// <returns>The ids of its parts.</returns>
    public async Task<IReadOnlyList<string>> RegisterMessageAsync(string mspId, string recordId, byte[] message)
    {
        var whole = await Service<RecordSealer>(mspId).SealAsync(Service<MessageSplitter>(mspId).Split(new RecordContext("health", recordId), message), default);
        var parts = (await Service<SealedRecords>(mspId).PartsAsync([recordId], default))[recordId].ToList();
        using var key = await Service<LabelKeys>(mspId).FindAsync(PatientId, default);
        var entry = new NewRecord(PatientId, recordId, [Token.Compute(key!.Bytes, TokenDimension.Category, "laboratory")], [], "N",
            LedgerTime.Truncate(DateTimeOffset.UtcNow), whole.Cid.ToString(), whole.Size, Base64Url.EncodeToString(whole.Commitment));
        await Channel.As(mspId).SubmitAsync(new LedgerCall(LedgerTransactions.RegisterRecords, JsonSerializer.SerializeToUtf8Bytes(
            new RegisterRecords([entry, .. parts.Select(part => entry with
            {
                RecordId = part.RecordId, PartOf = recordId, Cid = part.Cid.ToString(), Size = part.Size, KeyCommitment = Base64Url.EncodeToString(part.Commitment),
            })]), LedgerJson.Default.RegisterRecords)), default);
        await CaughtUpAsync();
        return [.. parts.Select(part => part.RecordId)];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var member in members.Values)
        {
            await member.Host!.DisposeAsync();
            await member.Database.DisposeAsync();
        }
        store.Dispose();
        Passkey.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private JsonObject Asking(string name, string[] values) => new()
    {
        ["patientId"] = PatientId, ["purpose"] = "TREAT", [name] = new JsonArray([.. values.Select(value => (JsonNode?)value)]),
    };

    private async Task StartAsync(string mspId)
    {
        var member = members[mspId];
        member.Host = await NodeHost.StartAsync(new Dictionary<string, string?>(settings)
        {
            ["HealthShare:Node:MspId"] = mspId,
            ["HealthShare:Node:DataFolder"] = Path.Combine(folder, mspId),
            ["HealthShare:Consents:RevocationPatience"] = settings.GetValueOrDefault("HealthShare:Consents:RevocationPatience") ?? "00:01:00",
            ["HealthShare:Auth:Callers:3:PatientId"] = PatientId.Length > 0 ? PatientId : NodeHost.PatientId,
        }, services =>
        {
            services.AddSingleton(clock);
            services.AddSingleton<ILedger>(member.Ledger);
            services.AddSingleton<IContentStore>(new UnpinGate(store, this));
            services.AddSingleton(member.Database.Instance);
            services.AddSingleton(new ChannelPace(Pace));
            if (followAnything)
                services.RemoveAll<IBlockCheck>();
            services.AddSingleton<IReadModel>(provider => new SwitchedReadModel(provider.GetRequiredService<ReadModelState>(), member));
        });
    }

    private async Task EnrolAsync()
    {
        using var registrar = Client(North, Role.Registrar);
        var patient = await registrar.PostAsync(Patients, new JsonObject { ["number"] = "4711" }, HttpStatusCode.Created);
        PatientId = patient.GetProperty("patientId").GetString()!;
        await registrar.PostAsync($"{Patients}/{PatientId}/first-credential", Passkey.Credential(), HttpStatusCode.Created);
        await registrar.PostAsync($"{Patients}/{PatientId}/links", Passkey.Signed(Passkey.Statement(PatientId, new LinkBody(South))), HttpStatusCode.Created);
        await RegisterAsync(North, (Glucose, "laboratory", null), (Hiv, "laboratory", "HIV"), (Image, "imaging", null));
        await UntilAsync("South's label key", async () =>
        {
            using var key = await Service<LabelKeys>(South).FindAsync(PatientId, default);
            return key is not null;
        });
        await CaughtUpAsync();
        await UntilAsync("fresh copies", () => Task.FromResult(members.Keys.All(mspId => Service<IReadModel>(mspId).IsFresh)));
    }

    private sealed class Member(TestDatabase database, GatedLedger ledger)
    {
        public TestDatabase Database => database;

        public GatedLedger Ledger => ledger;

        public NodeHost? Host { get; set; }

        public volatile bool IsStale;
    }

    private sealed class SwitchedReadModel(IReadModel inner, Member member) : IReadModel
    {
        public ulong Height => inner.Height;

        public bool IsFresh => inner.IsFresh && !member.IsStale;

        public DateTimeOffset? CompleteAsOf => inner.CompleteAsOf;

        public string? Fault => inner.Fault;

        public Task WaitForAsync(ulong block, CancellationToken ct) => inner.WaitForAsync(block, ct);
    }

    /// <summary>The one store of both nodes, which can refuse to let go.</summary>
    private sealed class UnpinGate(IContentStore inner, AccessScene scene) : IContentStore
    {
        public Task UnpinAsync(Cid cid, CancellationToken ct) =>
            scene.IsStoreAway ? throw new IOException("The store is away.") : inner.UnpinAsync(cid, ct);

        public Task<StoredContent> PutAsync(Stream content, CancellationToken ct) => inner.PutAsync(content, ct);

        public Task<StoredContent> PutAsync(Stream content, ContentLayout layout, CancellationToken ct) => inner.PutAsync(content, layout, ct);

        public Task<Stream> OpenAsync(Cid cid, CancellationToken ct) => inner.OpenAsync(cid, ct);

        public Task<bool> HasAsync(Cid cid, CancellationToken ct) => inner.HasAsync(cid, ct);

        public Task<bool> IsPinnedAsync(Cid cid, CancellationToken ct) => inner.IsPinnedAsync(cid, ct);

        public Task PinAsync(Cid cid, CancellationToken ct) => inner.PinAsync(cid, ct);

        public IAsyncEnumerable<Cid> ListPinsAsync(CancellationToken ct) => inner.ListPinsAsync(ct);

        public Task<int> CollectGarbageAsync(TimeSpan grace, CancellationToken ct) => inner.CollectGarbageAsync(grace, ct);
    }
}
