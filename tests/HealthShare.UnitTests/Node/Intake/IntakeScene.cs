using System.Collections.Concurrent;
using System.Data.Common;
using System.Text;
using System.Text.Json;
using Dapper;
using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Client;
using HealthShare.Node.Content;
using HealthShare.Node.Database;
using HealthShare.Node.Incidents;
using HealthShare.Node.Intake;
using HealthShare.Node.Intake.Classification;
using HealthShare.Node.Intake.Desk;
using HealthShare.Node.Intake.Folder;
using HealthShare.Node.Intake.Identity;
using HealthShare.Node.Intake.Journal;
using HealthShare.Node.Intake.Lineage;
using HealthShare.Node.Intake.Parts;
using HealthShare.Node.Intake.Pipeline;
using HealthShare.Node.Intake.Provenance;
using HealthShare.Node.Intake.Receiving;
using HealthShare.Node.Keys;
using HealthShare.Node.Patients;
using HealthShare.Node.Patients.Erasures;
using HealthShare.Node.ReadModel;
using HealthShare.UnitTests.Node.Support;
using HealthShare.Vault.Content;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace HealthShare.UnitTests.Node.Intake;

/// <summary>The intake from the door to the ledger, on a database of its own; it can be restarted between any two steps.</summary>
internal sealed class IntakeScene : IAsyncDisposable
{
    private readonly IntakeSignal signal = new();
    private IntakeKeys keys = null!;
    private IntakeJournal journal = null!;
    private JournalRoom room = null!;

    private IntakeScene(KeyedNode node) => (Node, Ledger.Crashes) = (node, Crashes);

    public KeyedNode Node { get; }
    public RecordedLedger Ledger { get; } = new();
    public IntakeMetrics Metrics { get; } = new();
    public IntakeOptions Options { get; } = new();
    public CrashPlan Crashes { get; } = new();
    public LabelRules Rules { get; set; } = LabelRules.Load(null);

    /// <summary>Where it is said that senders' zones are wrong; set it before a restart.</summary>
    public ILoggerFactory Logs { get; set; } = NullLoggerFactory.Instance;

    /// <summary>Zone of times that name none, from the next start on.</summary>
    public TimeZoneInfo Zone { get; set; } = TimeZoneInfo.Utc;

    /// <summary>Another content store; set it before a restart.</summary>
    public IContentStore? Content { get; set; }

    public GatedDatabase Database { get; private set; } = null!;
    public IntakeTable Table { get; private set; } = null!;
    public MessageReceiver Receiver { get; private set; } = null!;
    public MllpIntakeHandler Mllp { get; private set; } = null!;
    public MessageDesk Desk { get; private set; } = null!;
    public MessageQuery Query { get; private set; } = null!;
    public JournalPruner Pruner { get; private set; } = null!;
    public ParseStage Parse { get; private set; } = null!;
    public StoreStage Store { get; private set; } = null!;
    public RegisterStage Register { get; private set; } = null!;
    public PatientNumbers Numbers { get; private set; } = null!;
    public LineageTable Lineage { get; private set; } = null!;
    public SupersedeStage Supersede { get; private set; } = null!;
    public StageProgress Progress { get; private set; } = null!;
    public Disk Disk { get; } = new();
    public FolderState Folder { get; } = new();
    public EnrollmentTurns Turns { get; } = new();
    public IntakeWorker Worker { get; private set; } = null!;

    public static async Task<IntakeScene> StartAsync(DatabaseProvider provider = DatabaseProvider.Sqlite, string? root = null)
    {
        var scene = new IntakeScene(await KeyedNode.StartAsync(provider, root));
        scene.Node.Clock.Now = new(2026, 3, 2, 8, 0, 0, TimeSpan.Zero); // after what the messages say of themselves
        scene.Open();
        return scene;
    }

    /// <summary>A laboratory result; each number is a patient, each control id a message.</summary>
    public static byte[] Message(string controlId, string number = "4711", string value = "182", string facility = "NORTH") => Encoding.UTF8.GetBytes(
        $"MSH|^~\\&|LAB|{facility}|||20260301||ORU^R01|{controlId}|P|2.5\rPID|1||{number}^^^NORTH^MR||Quastenflosser^Ada\rOBR|1|||GLU|||20260301\rOBX|1|NM|2345-7||{value}\r");

    /// <summary>The readiness, which has looked at nothing yet.</summary>
    public IntakeCheck Check(JournalRoom? room = null) => new(Table,
        room ?? new JournalRoom(Table, Disk, Microsoft.Extensions.Options.Options.Create(Options), Node.Clock), Folder, Microsoft.Extensions.Options.Options.Create(Options), Node.Clock);

    public async Task<Appended> ReceiveAsync(byte[] message) => (await Receiver.ReceiveAsync(message, "mllp", null, default)).Entry;

    /// <summary>What versions that took framing for content knew a message by.</summary>
    public byte[] ContentKeyOfEarlierVersions(byte[] message) => keys.Hash("content", System.Security.Cryptography.SHA256.HashData(message.AsSpan().TrimEnd("\r\n"u8)));

    public async Task<IntakeMessage> FindAsync(string id) =>
        await Table.FindAsync(id, default) ?? throw new InvalidOperationException("The message is not in the journal.");

    /// <summary>A message's content as the database has it.</summary>
    public async Task<byte[]> PayloadAsync(string id) => (await Table.PayloadsAsync([await FindAsync(id)], default))[0];

    public async Task<T?> ScalarAsync<T>(string sql)
    {
        await using var connection = await Node.Database.OpenAsync(default);
        return await connection.ExecuteScalarAsync<T>(sql);
    }

    /// <summary>What was read of a message that is on its way, in plain JSON.</summary>
    public async Task<string> MeaningAsync(string id) => Encoding.UTF8.GetString(keys.Payloads.Unprotect((await FindAsync(id)).Meaning, id, "meaning"));

    /// <summary>Puts something else in its place.</summary>
    public Task SetMeaningAsync(string id, string json) => Node.Database.WriteAsync(transaction => transaction.Connection!.ExecuteAsync(
        "UPDATE intake_message SET meaning = @meaning WHERE id = @id", new { id, meaning = keys.Payloads.Protect(Encoding.UTF8.GetBytes(json), id, "meaning") }, transaction), default);

    /// <summary>Puts another content in its place, as one that an earlier version took by other rules.</summary>
    public Task SetContentAsync(string id, byte[] content) => Node.Database.WriteAsync(transaction => transaction.Connection!.ExecuteAsync(
        "UPDATE intake_payload SET payload = @payload WHERE message = (SELECT sequence FROM intake_message WHERE id = @id)",
        new { id, payload = keys.Payloads.Protect(content, id, "payload") }, transaction), default);

    /// <summary>The channel brings word that a patient erased.</summary>
    public Task EraseAsync(string patientId)
    {
        var block = new StateWrite(LedgerKey.Patient(patientId), LedgerKind.Patient, [patientId], JsonSerializer.SerializeToUtf8Bytes(
            new PatientEntry(patientId, "NorthMSP", Node.Clock.Now, "st-x", Node.Clock.Now), LedgerJson.Default.PatientEntry), "tx", "NorthMSP");
        var incidents = new IncidentLog(Database, NullLogger<IncidentLog>.Instance);
        return Database.WriteAsync(transaction => new ErasureProjection(incidents, new FakeLedger(), Microsoft.Extensions.Options.Options.Create(new ErasureOptions())).ApplyAsync(
            new BlockChanges(1, Node.Clock.Now, [block]), transaction, default), default);
    }

    /// <summary>A turn of the erasure.</summary>
    public Task DestroyAsync(string patientId) => new HeldRecords(new Replica(Database), Database, Node.Records, Content ?? Node.Store, new FakeLedger(),
        Microsoft.Extensions.Options.Options.Create(new ErasureOptions()), Node.Clock).DestroyAsync(patientId, null, default);

    /// <summary>Works until nothing is due.</summary>
    public async Task DrainAsync()
    {
        while (await Worker.RunOnceAsync(default))
        {
        }
    }

    public async Task RestartAsync()
    {
        await CloseAsync();
        await Node.RestartAsync();
        Open();
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        Metrics.Dispose();
        await Node.DisposeAsync();
    }

    private void Open()
    {
        var options = Microsoft.Extensions.Options.Options.Create(Options);
        keys = new IntakeKeys(Node.Keys, new AuthorityNames(Options.Authorities));
        Database = new GatedDatabase(Node.Database) { Crashes = Crashes };
        var history = new IntakeHistory(Database, Node.Clock);
        Table = new IntakeTable(Database, history, Node.Clock);
        room = new JournalRoom(Table, Disk, options, Node.Clock);
        journal = new IntakeJournal(new JournalWriter(Database, history, Node.Clock), room, signal, options, Node.Clock);
        Receiver = new MessageReceiver(journal, Table, keys, Metrics, options, NullLogger<MessageReceiver>.Instance);
        Mllp = new MllpIntakeHandler(Receiver, Node.Clock, NullLogger<MllpIntakeHandler>.Instance);
        Desk = new MessageDesk(Database, Table, history, keys, Node.Records, Content ?? Node.Store, Ledger, signal, Metrics, Node.Clock, NullLogger<MessageDesk>.Instance);
        Query = new MessageQuery(Database);
        Pruner = new JournalPruner(Database, options, Node.Clock, NullLogger<JournalPruner>.Instance);
        Lineage = new LineageTable(Database, keys, Node.Clock);
        var failures = new StageFailures(Table, Database, Metrics, options, Node.Clock, NullLogger<StageFailures>.Instance);
        Progress = new StageProgress(signal);
        var patients = new PatientDirectory(Database, keys, Node.Clock);
        var enrollment = new IntakeEnrollment(patients, Turns, new LabelKeys(Node.Keys, Database), Ledger);
        Numbers = new PatientNumbers(Database, patients);
        Parse = new ParseStage(Table, Database, new ProvenanceTable(Database), keys, new Classifier(Rules, Zone, keys.Authorities), patients,
            enrollment, new IdentityChanges(Numbers, enrollment, Ledger, keys), new ZoneWatch(new Logger<ZoneWatch>(Logs)), history, failures, Progress, Metrics, options);
        Store = new StoreStage(Table, Database, keys, new MessageSplitter(options), new RecordSealer(Content ?? Node.Store, new SealedRecords(Node.Keys, Database, Node.Clock)),
            Ledger, failures, Progress, Metrics);
        Register = new RegisterStage(Table, Database, new RecordBuilder(keys, Node.LabelKeys, Node.Records, new ErasureTasks(Database, Node.Clock)), Node.Records, Lineage, Ledger, signal, failures, Progress, Metrics,
            options, Node.Clock, NullLogger<RegisterStage>.Instance);
        Supersede = new SupersedeStage(Lineage, Database, history, Ledger, failures, Node.Clock, NullLogger<SupersedeStage>.Instance);
        Worker = new IntakeWorker([Parse, Store, Register, Supersede], signal, failures, Node.Clock, NullLogger<IntakeWorker>.Instance);
    }

    private async Task CloseAsync()
    {
        Worker.Dispose();
        await journal.DisposeAsync();
        room.Dispose();
        Pruner.Dispose();
        keys.Dispose();
    }
}

/// <summary>A disk of whatever room the test says.</summary>
internal sealed class Disk : IDiskSpace
{
    private long free = long.MaxValue;

    /// <summary>Why nobody can tell, such as a disk that is not mounted; null where one can.</summary>
    public Exception? Fault { get; set; }

    public long FreeBytes { get => Fault is null ? free : throw Fault; set => free = value; }
}

/// <summary>What a ledger would hold: a patient's record id twice is one record, and refused where anything of it differs.</summary>
internal sealed class RecordedLedger : IIntakeLedger
{
    public string Channel => "health";

    public bool IsAway { get; set; }

    public CrashPlan Crashes { get; set; } = new();

    /// <summary>Registers, but the answer is lost.</summary>
    public bool LosesAnswers { get; set; }

    public ConcurrentDictionary<string, int> Enrolled { get; } = new(StringComparer.Ordinal);

    /// <summary>Sizes of the transactions that were tried, in their order.</summary>
    public ConcurrentQueue<int> Batches { get; } = new();

    /// <summary>Runs when a transaction begins.</summary>
    public Func<IReadOnlyList<NewRecord>, Task> OnRegister { get; set; } = _ => Task.CompletedTask;

    /// <summary>Runs when an enrolment begins.</summary>
    public Func<string, Task> OnEnroll { get; set; } = _ => Task.CompletedTask;

    /// <summary>What is registered, by its id.</summary>
    public ConcurrentDictionary<string, NewRecord> Records { get; } = new(StringComparer.Ordinal);

    public async Task EnrollAsync(string patientId, CancellationToken ct)
    {
        await OnEnroll(patientId);
        if (IsAway)
            throw FakeLedger.Away(LedgerStage.Endorse);
        Crashes.Reach();
        Enrolled.AddOrUpdate(patientId, 1, (_, count) => count + 1);
        Crashes.Reach();
    }

    public async Task RegisterAsync(IReadOnlyList<NewRecord> records, CancellationToken ct)
    {
        Batches.Enqueue(records.Count);
        await OnRegister(records);
        if (IsAway)
            throw FakeLedger.Away(LedgerStage.Endorse);
        Crashes.Reach();
        lock (Records)
        {
            foreach (var record in records.Where(record => Taken.Contains(record.RecordId)))
                Records.TryAdd(record.RecordId, record with { Cid = AnotherCid });
            if (records.Any(record => Records.TryGetValue(KeyOf(record), out var there) && !LedgerValue.Same(there, record, LedgerJson.Default.NewRecord)))
                throw FakeLedger.Refusal("record.id_taken");
            foreach (var record in records)
                Records[KeyOf(record)] = record;
        }
        Crashes.Reach();
        if (LosesAnswers)
            throw FakeLedger.Away(LedgerStage.CommitStatus);
    }

    public Task<NewRecord?> FindRecordAsync(string patientId, string recordId, CancellationToken ct) =>
        Task.FromResult(Records.Values.FirstOrDefault(record => record.RecordId == recordId && record.PatientId == patientId && !Unseen.Contains(recordId)));

    /// <summary>What this node has not seen yet of the ledger, by their ids.</summary>
    public HashSet<string> Unseen { get; } = [];

    public Task<bool> HasSeenAllAsync(CancellationToken ct) => Task.FromResult(Unseen.Count == 0);

    /// <summary>Record ids under which the ledger has another content by the time that they are to be registered.</summary>
    public HashSet<string> Taken { get; } = [];

    /// <summary>Where that other content lies.</summary>
    public const string AnotherCid = "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy";

    /// <summary>Merges that were said, the id of each by the two patients.</summary>
    public ConcurrentDictionary<(string Merged, string Surviving), string> Merged { get; } = new();

    /// <summary>Code with which merges are refused; null for none.</summary>
    public string? MergeRefusal { get; set; }

    public Task<bool> MergeAsync(string mergeId, string merged, string surviving, CancellationToken ct)
    {
        if (IsAway)
            throw FakeLedger.Away(LedgerStage.Endorse);
        Crashes.Reach();
        if (MergeRefusal is { } code)
            throw FakeLedger.Refusal(code);
        Assert.All((string[])[merged, surviving], id => Assert.Contains(id, Enrolled.Keys));
        Assert.Equal(mergeId, Merged.GetOrAdd((merged, surviving), mergeId));
        Crashes.Reach();
        return Task.FromResult(true);
    }

    // As on the channel, the same id under another patient is another record; one that stands beside the first is found by both ids.
    private string KeyOf(NewRecord record) =>
        Records.TryGetValue(record.RecordId, out var first) && first.PatientId != record.PatientId ? $"{record.PatientId}/{record.RecordId}" : record.RecordId;

    /// <summary>What was said of records, by the earlier and the later one.</summary>
    public ConcurrentDictionary<(string RecordId, string? By), NewSupersession> Superseded { get; } = new();

    /// <summary>Code with which supersessions of a record are refused.</summary>
    public ConcurrentDictionary<string, string> Refusals { get; } = new(StringComparer.Ordinal);

    public Task SupersedeAsync(IReadOnlyList<NewSupersession> supersessions, CancellationToken ct)
    {
        if (IsAway)
            throw FakeLedger.Away(LedgerStage.Endorse);
        Crashes.Reach();
        foreach (var one in supersessions)
        {
            if (Refusals.TryGetValue(one.RecordId, out var code))
                throw FakeLedger.Refusal(code);
            Assert.All((string[])[one.RecordId, one.By ?? one.RecordId], id => Assert.Equal(one.PatientId, Records[id].PatientId));
        }
        foreach (var one in supersessions)
            Assert.Equal(one, Superseded.GetOrAdd((one.RecordId, one.By), one));
        Crashes.Reach();
        return Task.CompletedTask;
    }
}

/// <summary>A database that the test can hold up or take away.</summary>
internal sealed class GatedDatabase(IDatabase inner) : IDatabase
{
    private int begun;
    private int commits;

    public DatabaseProvider Provider => inner.Provider;

    public bool IsAway { get; set; }

    public CrashPlan Crashes { get; init; } = new();

    /// <summary>Connections that were opened for reading.</summary>
    public int Opened { get; private set; }

    /// <summary>What writers wait for before they begin.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>How long the disk takes for a commit.</summary>
    public TimeSpan Sync { get; set; }

    /// <summary>Writes that were begun.</summary>
    public int Begun => Volatile.Read(ref begun);

    /// <summary>Writes that are on the disk.</summary>
    public int Commits => Volatile.Read(ref commits);

    /// <summary>Sees each connection before it is used.</summary>
    public Action<DbConnection> OnUse { get; set; } = _ => { };

    public async Task<DbConnection> OpenAsync(CancellationToken ct)
    {
        Opened++;
        if (IsAway)
            throw new AwayException();
        var connection = await inner.OpenAsync(ct);
        OnUse(connection);
        return connection;
    }

    public async Task<T> WriteAsync<T>(Func<DbTransaction, Task<T>> work, CancellationToken ct)
    {
        Interlocked.Increment(ref begun);
        await Gate.WaitAsync(ct);
        if (IsAway)
            throw new AwayException();
        Crashes.Reach();
        var result = await inner.WriteAsync(async transaction =>
        {
            OnUse(transaction.Connection!);
            var done = await work(transaction);
            if (Sync > TimeSpan.Zero)
                await Task.Delay(Sync, ct); // with the database's lock in hand, as a commit has it
            return done;
        }, ct);
        Interlocked.Increment(ref commits);
        Crashes.Reach();
        return result;
    }

    private sealed class AwayException() : DbException("The database is away.");
}

/// <summary>Stops the intake dead at one of the points that it passes: before or after each commit, here and on the ledger.</summary>
internal sealed class CrashPlan
{
    private int passed;

    /// <summary>Number of the point to stop at, from 1; 0 for none.</summary>
    public int At { get; set; }

    public bool HasCrashed { get; private set; }

    /// <exception cref="SimulatedCrashException">This is the point, or an earlier one was: nothing runs after a crash.</exception>
    public void Reach()
    {
        if (HasCrashed || (At > 0 && Interlocked.Increment(ref passed) == At))
        {
            HasCrashed = true;
            throw new SimulatedCrashException();
        }
    }

    public void Clear() => (At, HasCrashed, passed) = (0, false, 0);
}

internal sealed class SimulatedCrashException() : Exception("The process ends here.");
