using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using HealthShare.Chaincode;
using HealthShare.Chaincode.Ledger;
using HealthShare.Chaincode.Shim;
using HealthShare.Chaincode.Shim.Testing;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.Node.Keys;
using HealthShare.Node.Ledger;
using HealthShare.Node.Receipts;
using HealthShare.Policy.Ids;
using Microsoft.Extensions.DependencyInjection;

namespace HealthShare.UnitTests.Node.Support;

/// <summary>
/// A channel without a network: the real contracts over the in-memory ledger, and every commit a block that nodes follow.
/// Members' nodes share it, each by a ledger of its own.
/// </summary>
internal sealed class MemoryChannel(TimeProvider? clock = null)
{
    private const int Attempts = 6;
    private readonly TimeProvider clock = clock ?? TimeProvider.System;
    private readonly InMemoryLedger state = new() { ChannelId = "health" };
    private readonly ChaincodeRouter router = ContractCatalog.CreateRouter(clock ?? TimeProvider.System);
    private readonly TestChain chain = new();
    private readonly List<Block> blocks = [];
    private readonly Lock turn = new();
    private TaskCompletionSource grown = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>While true, nobody reaches the ledger.</summary>
    public bool IsAway { get; set; }

    /// <summary>The way of one member to the channel.</summary>
    /// <summary>What every member's node hears of its way to the channel.</summary>
    public LedgerConnection Connection { get; set; } = new([], null);

    public ILedger As(string mspId) => new MemberLedger(this, mspId);

    /// <summary>Makes the nodes' members the founders.</summary>
    public Task InitAsync(params (string MspId, NodeHost Node)[] members) => As(members[0].MspId).SubmitAsync(
        new LedgerCall(LedgerTransactions.InitNetwork, JsonSerializer.SerializeToUtf8Bytes(
            new InitNetwork([.. members.Select(member => Entry(member.MspId, member.Node))]), LedgerJson.Default.InitNetwork)), default);

    /// <summary>Commits a write that no contract made, as members do who collude.</summary>
    public async Task ForgeAsync(string mspId, string key, byte[] json)
    {
        var stub = state.BeginRaw(TestIdentity.Create(mspId), []);
        await stub.PutStateAsync(key, json);
        Commit(mspId, stub);
    }

    /// <summary>Commits a transaction that writes something private alone, and announces what it did not do.</summary>
    public void Announce(string mspId, HealthShare.Chaincode.Ledger.LedgerEvent said)
    {
        lock (turn)
        {
            blocks.Add(chain.Block(new TestTransaction([]) { Creator = mspId, PrivateIn = [LedgerKey.OwnCollection(mspId)], Announces = said, ProposedAt = clock.GetUtcNow() }));
            var old = grown;
            grown = new(TaskCreationOptions.RunContinuationsAsynchronously);
            old.SetResult();
        }
    }

    private static OrganizationEntry Entry(string mspId, NodeHost node)
    {
        var key = node.App.Services.GetRequiredService<NodeKeys>().SealingKey;
        return new OrganizationEntry(mspId, mspId, OrganizationKind.Hospital, new SealingKey(key.KeyId, key.ToString()));
    }

    private async Task<(ChaincodeResponse Response, TestStub Stub)> RunAsync(string mspId, LedgerCall call, LedgerStage stage)
    {
        if (IsAway)
            throw FakeLedger.Away(stage);
        state.Now = LedgerTime.Truncate(clock.GetUtcNow());
        var stub = state.BeginRaw(TestIdentity.Create(mspId), [Encoding.UTF8.GetBytes(call.Transaction), .. call.Arguments]);
        foreach (var (field, value) in call.Transient)
            stub.Transient[field] = value.ToArray();
        var response = await router.InvokeAsync(stub, CancellationToken.None);
        if (response.IsSuccess)
            return (response, stub);
        var parts = response.Message.Split(": ", 2);
        throw new LedgerException(stage, stub.TransactionId, parts[0], response.Message) { ChaincodeMessage = parts[^1], ChaincodeStatus = 500 };
    }

    private async Task<LedgerCommit> SubmitAsync(string mspId, LedgerCall call)
    {
        for (var attempt = 1; ; attempt++)
        {
            var (response, stub) = await RunAsync(mspId, call, LedgerStage.Endorse);
            try
            {
                return new LedgerCommit(stub.TransactionId, Commit(mspId, stub), response.Payload);
            }
            catch (LedgerException e) when (e.IsTransient && attempt < Attempts)
            {
                // Tried again, as the channel's client does.
            }
        }
    }

    private ulong Commit(string mspId, TestStub stub)
    {
        lock (turn)
        {
            if (stub.Commit() is not TxValidationCode.Valid and var code)
                throw new LedgerException(LedgerStage.Commit, stub.TransactionId, "commit.conflict", "Conflict.") { ValidationCode = code };
            var writes = stub.Writes.Where(write => write.Collection.Length == 0)
                .Select(write => (write.Key, write.Value is { } value ? Encoding.UTF8.GetString(value.Span) : null)).ToList();
            blocks.Add(chain.Block(new TestTransaction(writes) { Creator = mspId, Id = stub.TransactionId, ProposedAt = stub.ProposedAt }));
            var (old, number) = (grown, (ulong)blocks.Count - 1);
            grown = new(TaskCreationOptions.RunContinuationsAsynchronously);
            old.SetResult();
            return number;
        }
    }

    private ulong Height
    {
        get
        {
            lock (turn)
                return (ulong)blocks.Count;
        }
    }

    // A list that others add to may be read by nobody meanwhile.
    private Task? Find(int number, out Block? block)
    {
        lock (turn)
        {
            block = number < blocks.Count ? blocks[number] : null;
            return block is null ? grown.Task : null;
        }
    }

    private sealed class MemberLedger(MemoryChannel channel, string mspId) : ILedger
    {
        public string Channel => "health";

        public string MspId => mspId;

        public LedgerConnection Connection => channel.Connection;

        public Task<LedgerCommit> SubmitAsync(LedgerCall call, CancellationToken ct) => channel.SubmitAsync(mspId, call);

        public int MembersWithPeers => 2;

        public Task<LedgerCommit> SubmitElsewhereAsync(LedgerCall call, CancellationToken ct) => channel.SubmitAsync(mspId, call);

        public Task<IReadOnlyList<string>> CommittedByAsync(string transactionId, int wanted, CancellationToken ct) =>
            Task.FromResult<IReadOnlyList<string>>([mspId, "OtherMSP"]);

        public async Task<ReadOnlyMemory<byte>> EvaluateAsync(LedgerCall call, CancellationToken ct) =>
            (await channel.RunAsync(mspId, call, LedgerStage.Evaluate)).Response.Payload;

        public Task<ulong> HeightAsync(CancellationToken ct) =>
            channel.IsAway ? throw FakeLedger.Away(LedgerStage.Evaluate) : Task.FromResult(channel.Height);

        // Nobody has an identity here, so nobody's receipts hold.
        public (ReadOnlyMemory<byte> Identity, ReadOnlyMemory<byte> Signature) Sign(ReceiptClaim claim) =>
            (Encoding.UTF8.GetBytes(mspId), System.Security.Cryptography.SHA256.HashData(claim.ToBytes([])));

        public async IAsyncEnumerable<Block> BlocksAsync(ulong from, [EnumeratorCancellation] CancellationToken ct)
        {
            for (var next = (int)from; ; next++)
            {
                Block? block;
                while (channel.Find(next, out block) is { } more)
                    await more.WaitAsync(ct);
                yield return block!;
            }
        }
    }
}
