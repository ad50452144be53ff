using System.Text;
using System.Text.Json.Serialization.Metadata;
using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.Node.Audit;
using HealthShare.Policy.Statements;
using HealthShare.UnitTests.Chaincode;
using HealthShare.UnitTests.Node.Support;

namespace HealthShare.UnitTests.Node.Audit;

/// <summary>
/// A channel on which the contracts write, and whose members may also write what no contract would: each transaction
/// becomes a block, and each block is replayed.
/// </summary>
internal sealed class ReplayScene : IDisposable
{
    private readonly TestChain chain = new();

    private ReplayScene(LedgerScene ledger) => Ledger = ledger;

    public LedgerScene Ledger { get; }

    public DecisionReplay Replay { get; } = new("health");

    /// <summary>What the contracts wrote so far, each with the state before.</summary>
    public List<(TestTransaction Transaction, IReadOnlyDictionary<string, byte[]> Before)> History { get; } = [];

    /// <summary>The blocks so far.</summary>
    public List<Block> Blocks { get; } = [];

    public DateTimeOffset Now => Ledger.Ledger.Now;

    /// <summary>The patient, enrolled at North with a passkey, and three records there; all replayed.</summary>
    public static async Task<ReplayScene> CreateAsync()
    {
        var scene = new ReplayScene(new LedgerScene());
        var ledger = scene.Ledger;
        await scene.SubmitAsync(LedgerScene.North, LedgerTransactions.InitNetwork, LedgerScene.Founders, LedgerJson.Default.InitNetwork);
        await scene.SubmitAsync(LedgerScene.North, LedgerTransactions.EnrollPatient,
            new EnrollPatient(ledger.PatientId, [ledger.Credential()]), LedgerJson.Default.EnrollPatient);
        await scene.SubmitAsync(LedgerScene.North, LedgerTransactions.RegisterRecords,
            new RegisterRecords([ledger.Record(1), ledger.Record(2) with { Labels = [LedgerScene.Hiv] }]),
            LedgerJson.Default.RegisterRecords);
        return scene;
    }

    /// <summary>Runs a contract's transaction, commits it and replays it; both must find it right.</summary>
    public async Task SubmitAsync<T>(string caller, string name, T argument, JsonTypeInfo<T> type)
    {
        var before = new Dictionary<string, byte[]>(Ledger.Ledger.State, StringComparer.Ordinal);
        var (response, stub) = await Ledger.RunAsync(caller, name, argument, type);
        Assert.True(response.IsSuccess, response.Message);
        Assert.Equal(TxValidationCode.Valid, stub.Commit());
        var transaction = new TestTransaction([.. stub.Writes.Where(write => write.Collection.Length == 0).Select(write =>
            (write.Key, write.Value is { } value ? Encoding.UTF8.GetString(value.Span) : null))]) { Creator = caller, ProposedAt = Now };
        Assert.Null(await ReplayAsync(transaction));
        History.Add((transaction, before));
    }

    public async Task<StatementEntry> GrantAsync(StatementBody body)
    {
        var signed = Ledger.Sign(body);
        await SubmitAsync(LedgerScene.South, LedgerTransactions.GrantConsent, signed, LedgerJson.Default.SignedStatement);
        return Read(LedgerKey.Statement(Ledger.PatientId, SignedStatementReader.Read(signed).Id), LedgerJson.Default.StatementEntry);
    }

    public Task RevokeAsync(string statementId) => SubmitAsync(
        LedgerScene.South, LedgerTransactions.RevokeConsent, Ledger.Sign(new RevokeBody(statementId)), LedgerJson.Default.SignedStatement);

    public async Task<AccessEntry> AskAsync(params int[] records)
    {
        var request = Ledger.Request(records);
        await SubmitAsync(LedgerScene.South, LedgerTransactions.RequestAccess, request, LedgerJson.Default.RequestAccess);
        return Read(LedgerKey.Access(new AccessRef(request.PatientId, LedgerScene.South, request.AccessId)), LedgerJson.Default.AccessEntry);
    }

    public Task ReleaseAsync(ReleaseKeys release) =>
        SubmitAsync(LedgerScene.North, LedgerTransactions.ReleaseKeys, release, LedgerJson.Default.ReleaseKeys);

    public T Read<T>(string key, JsonTypeInfo<T> type) => LedgerScene.Read(Ledger.Ledger.State[key], type);

    /// <summary>A write as colluding endorsers may sign it.</summary>
    public static (string Key, string? Json) Put<T>(string key, T value, JsonTypeInfo<T> type) => (key, LedgerScene.Json(value, type));

    public Task<ReplayFault?> ForgeAsync(string creator, params (string Key, string? Json)[] writes) =>
        ReplayAsync(new TestTransaction(writes) { Creator = creator, ProposedAt = Now });

    /// <summary>Replays a block of these transactions.</summary>
    public Task<ReplayFault?> ReplayAsync(params TestTransaction[] transactions)
    {
        Blocks.Add(chain.Block(transactions));
        return Replay.ApplyAsync(
            new BlockView(Blocks[^1]), [.. transactions.Select(transaction => transaction.Code)], CancellationToken.None);
    }

    public void Dispose() => Ledger.Dispose();
}
