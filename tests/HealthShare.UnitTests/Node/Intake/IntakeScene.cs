using System.Collections.Concurrent;
using System.Data.Common;
using System.Text;
using Dapper;
using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Client;
using HealthShare.Node.Database;
using HealthShare.Node.Intake;
using HealthShare.Node.Intake.Classification;
using HealthShare.Node.Intake.Journal;
using HealthShare.Node.Intake.Pipeline;
using HealthShare.Node.Intake.Receiving;
using HealthShare.Node.Patients;
using HealthShare.UnitTests.Node.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace HealthShare.UnitTests.Node.Intake;

/// <summary>The intake from the door to the ledger, on a database of its own; it can be restarted between any two steps.</summary>
internal sealed class IntakeScene : IAsyncDisposable
{
    private readonly IntakeMetrics metrics = new();
    private readonly IntakeSignal signal = new();
    private IntakeKeys keys = null!;
    private IntakeJournal journal = null!;

    private IntakeScene(KeyedNode node) => (Node, Ledger.Crashes) = (node, Crashes);

    public KeyedNode Node { get; }
    public RecordedLedger Ledger { get; } = new();
    public IntakeOptions Options { get; } = new();
    public CrashPlan Crashes { get; } = new();
    public GatedDatabase Database { get; private set; } = null!;
    public IntakeTable Table { get; private set; } = null!;
    public MessageReceiver Receiver { get; private set; } = null!;
    public MllpIntakeHandler Mllp { get; private set; } = null!;
    public IntakeSteps Steps { get; private set; } = null!;
    public IntakeWorker Worker { get; private set; } = null!;

    public static async Task<IntakeScene> StartAsync(DatabaseProvider provider = DatabaseProvider.Sqlite)
    {
        var scene = new IntakeScene(await KeyedNode.StartAsync(provider));
        scene.Open();
        return scene;
    }

    /// <summary>A laboratory result; each number is a patient, each control id a message.</summary>
    public static byte[] Message(string controlId, string number = "4711", string value = "182", string facility = "NORTH") => Encoding.UTF8.GetBytes(
        $"MSH|^~\\&|LAB|{facility}|||20260301||ORU^R01|{controlId}|P|2.5\rPID|1||{number}^^^NORTH^MR||Quastenflosser^Ada\rOBR|1|||GLU|||20260301\rOBX|1|NM|2345-7||{value}\r");

    public async Task<Appended> ReceiveAsync(byte[] message) => (await Receiver.ReceiveAsync(message, "mllp", default)).Entry;

    public async Task<IntakeMessage> FindAsync(string id) =>
        await Table.FindAsync(id, default) ?? throw new InvalidOperationException("The message is not in the journal.");

    public async Task<T?> ScalarAsync<T>(string sql)
    {
        await using var connection = await Node.Database.OpenAsync(default);
        return await connection.ExecuteScalarAsync<T>(sql);
    }

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
        metrics.Dispose();
        await Node.DisposeAsync();
    }

    private void Open()
    {
        var options = Microsoft.Extensions.Options.Options.Create(Options);
        keys = new IntakeKeys(Node.Keys);
        Database = new GatedDatabase(Node.Database) { Crashes = Crashes };
        Table = new IntakeTable(Database, Node.Clock);
        journal = new IntakeJournal(Table, signal, options);
        Receiver = new MessageReceiver(journal, keys, metrics, options, NullLogger<MessageReceiver>.Instance);
        Mllp = new MllpIntakeHandler(Receiver, Node.Clock, NullLogger<MllpIntakeHandler>.Instance);
        Steps = new IntakeSteps(Table, Database, keys, new Classifier(LabelRules.Load(null), TimeZoneInfo.Utc),
            new PatientDirectory(Database, keys, Node.Clock), Node.LabelKeys, Node.Sealer, Node.Records, Ledger);
        Worker = new IntakeWorker(Table, Steps, signal, metrics, options, Node.Clock, NullLogger<IntakeWorker>.Instance);
    }

    private async Task CloseAsync()
    {
        Worker.Dispose();
        await journal.DisposeAsync();
        keys.Dispose();
    }
}

/// <summary>What a ledger would hold: a record id twice is one record, and another content under it is refused.</summary>
internal sealed class RecordedLedger : IIntakeLedger
{
    public string Channel => "health";

    public bool IsAway { get; set; }

    public CrashPlan Crashes { get; set; } = new();

    /// <summary>Registers, but the answer is lost.</summary>
    public bool LosesAnswers { get; set; }

    /// <summary>Record ids that somebody else took.</summary>
    public HashSet<string> Taken { get; } = [];

    public ConcurrentDictionary<string, int> Enrolled { get; } = new(StringComparer.Ordinal);

    public ConcurrentDictionary<string, NewRecord> Records { get; } = new(StringComparer.Ordinal);

    public Task EnrollAsync(string patientId, CancellationToken ct)
    {
        if (IsAway)
            throw FakeLedger.Away(LedgerStage.Endorse);
        Crashes.Reach();
        Enrolled.AddOrUpdate(patientId, 1, (_, count) => count + 1);
        Crashes.Reach();
        return Task.CompletedTask;
    }

    public Task RegisterAsync(IReadOnlyList<NewRecord> records, CancellationToken ct)
    {
        if (IsAway)
            throw FakeLedger.Away(LedgerStage.Endorse);
        Crashes.Reach();
        if (records.Any(record => Taken.Contains(record.RecordId)))
            throw FakeLedger.Refusal("record.id_taken");
        foreach (var record in records)
        {
            var there = Records.GetOrAdd(record.RecordId, record);
            Assert.Equal((there.Cid, there.KeyCommitment, there.PatientId), (record.Cid, record.KeyCommitment, record.PatientId));
        }
        Crashes.Reach();
        return LosesAnswers ? throw FakeLedger.Away(LedgerStage.CommitStatus) : Task.CompletedTask;
    }
}

/// <summary>A database that the test can hold up or take away.</summary>
internal sealed class GatedDatabase(IDatabase inner) : IDatabase
{
    public DatabaseProvider Provider => inner.Provider;

    public bool IsAway { get; set; }

    public CrashPlan Crashes { get; init; } = new();

    /// <summary>What writers wait for before they begin.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    public Task<DbConnection> OpenAsync(CancellationToken ct) => IsAway ? throw new AwayException() : inner.OpenAsync(ct);

    public async Task<T> WriteAsync<T>(Func<DbTransaction, Task<T>> work, CancellationToken ct)
    {
        await Gate.WaitAsync(ct);
        if (IsAway)
            throw new AwayException();
        Crashes.Reach();
        var result = await inner.WriteAsync(work, ct);
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

    public void Clear() => (At, HasCrashed) = (0, false);
}

internal sealed class SimulatedCrashException() : Exception("The process ends here.");
