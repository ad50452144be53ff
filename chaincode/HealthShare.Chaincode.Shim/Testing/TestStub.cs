using Google.Protobuf;
using HealthShare.Chaincode.Shim.Server;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.Chaincode.Shim.Testing;

/// <summary>One transaction over an <see cref="InMemoryLedger"/>. Writes are kept apart until <see cref="Commit"/>.</summary>
public sealed partial class TestStub : IChaincodeStub
{
    private readonly InMemoryLedger ledger;
    private readonly Dictionary<(string Collection, string Key), TestWrite> writes = [];
    private readonly List<(string Collection, string Key)> order = [];
    private readonly Dictionary<(string Collection, string Key), TestPolicy> policies = [];
    private readonly List<TestStub> called = [];
    private string? readOnlySince;

    internal TestStub(
        InMemoryLedger ledger, string transactionId, DateTimeOffset proposedAt, ReadOnlyMemory<byte> creator,
        IReadOnlyList<ReadOnlyMemory<byte>> arguments)
    {
        (this.ledger, TransactionId, ProposedAt, Creator, Arguments) = (ledger, transactionId, proposedAt, creator, arguments);
        Context = new TransactionContext(this);
    }

    /// <summary>The transaction as a contract's method takes it.</summary>
    public TransactionContext Context { get; }

    /// <inheritdoc/>
    public string ChannelId => ledger.ChannelId;

    /// <inheritdoc/>
    public string TransactionId { get; init; }

    /// <inheritdoc/>
    public DateTimeOffset ProposedAt { get; set; }

    /// <inheritdoc/>
    public IReadOnlyList<ReadOnlyMemory<byte>> Arguments { get; }

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Creator { get; set; }

    /// <summary>Transient values; add to it before the transaction runs.</summary>
    public Dictionary<string, ReadOnlyMemory<byte>> Transient { get; private init; } = new(StringComparer.Ordinal);

    /// <summary>What a peer's decorators would add; add to it before the transaction runs.</summary>
    public Dictionary<string, ReadOnlyMemory<byte>> Decorations { get; private init; } = new(StringComparer.Ordinal);

    IReadOnlyDictionary<string, ReadOnlyMemory<byte>> IChaincodeStub.Transient => Transient;

    IReadOnlyDictionary<string, ReadOnlyMemory<byte>> IChaincodeStub.Decorations => Decorations;

    /// <summary>A proposal with this transaction's facts; nobody signed it, so its signature is empty.</summary>
    public SignedProposal SignedProposal => new()
    {
        ProposalBytes = new Proposal
        {
            Header = new Header
            {
                ChannelHeader = new ChannelHeader
                {
                    ChannelId = ChannelId, TxId = TransactionId,
                    Timestamp = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(ProposedAt),
                }.ToByteString(),
                SignatureHeader = new SignatureHeader { Creator = ByteString.CopyFrom(Creator.Span), Nonce = Nonce }.ToByteString(),
            }.ToByteString(),
        }.ToByteString(),
    };

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Binding => ProposalFacts.Bind(Nonce.Span, Creator.Span, epoch: 0);

    /// <summary>
    /// MSP ids of the organizations whose peers endorse. When set, <see cref="Commit"/> holds the policies of single keys against
    /// them. Default null: every policy counts as satisfied.
    /// </summary>
    public IReadOnlyCollection<string>? Endorsers { get; set; }

    /// <summary>What the transaction wrote so far: the last write of each key, in the order of the first.</summary>
    public IReadOnlyList<TestWrite> Writes => [.. order.Select(key => writes[key])];

    /// <summary>Policies of single keys that the transaction set so far.</summary>
    public IReadOnlyList<TestPolicy> Policies => [.. policies.Values];

    /// <summary>The event so far.</summary>
    public TestEvent? Event { get; private set; }

    internal List<(string Collection, string Key, string? Version)> Reads { get; } = [];

    internal List<(string Start, string End, List<(string Key, string Version)> Found)> Ranges { get; } = [];

    /// <summary>Stubs of chaincodes on this channel that this transaction called: they commit with it or not at all.</summary>
    internal IReadOnlyList<TestStub> Called => called;

    internal InMemoryLedger Ledger => ledger;

    private ByteString Nonce => ByteString.CopyFromUtf8(TransactionId[..24]);

    /// <summary>
    /// Validates reads and ranges against what is committed by now, then applies the writes if all still hold. A transaction gets
    /// one commit, as on a channel: each further one is <see cref="TxValidationCode.DuplicateTxid"/>, whatever became of the first.
    /// </summary>
    public TxValidationCode Commit() => InMemoryLedger.Commit(this);

    /// <inheritdoc/>
    public Task<byte[]?> GetStateAsync(string key, CancellationToken ct = default)
    {
        KeyRules.Check(key);
        return Task.FromResult(ledger.Read(from =>
        {
            Reads.Add(("", key, from.VersionOf("", key)));
            return from.Public.GetValueOrDefault(key)?.Value.ToArray();
        }));
    }

    /// <inheritdoc/>
    public Task PutStateAsync(string key, ReadOnlyMemory<byte> value, CancellationToken ct = default)
    {
        KeyRules.CheckValue(value);
        return WriteAsync("PUT_STATE", new("", key, value.ToArray()));
    }

    /// <inheritdoc/>
    public Task DeleteStateAsync(string key, CancellationToken ct = default) => WriteAsync("DEL_STATE", new("", key, null));

    /// <inheritdoc/>
    public Task<byte[]?> GetStateValidationParameterAsync(string key, CancellationToken ct = default) => ReadPolicyAsync("", key);

    /// <inheritdoc/>
    public Task SetStateValidationParameterAsync(string key, ReadOnlyMemory<byte> policy, CancellationToken ct = default) =>
        WritePolicyAsync("", key, policy);

    /// <inheritdoc/>
    public async Task<ChaincodeResponse> InvokeChaincodeAsync(
        string chaincode, IReadOnlyList<ReadOnlyMemory<byte>> arguments, string channel = "", CancellationToken ct = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(chaincode);
        if (ledger.Find(chaincode, channel) is not { } target)
            throw new LedgerCallException("INVOKE_CHAINCODE", "no such chaincode");
        var inner = new TestStub(target.State, TransactionId, ProposedAt, Creator, arguments)
        {
            Transient = Transient, Decorations = Decorations,
        };
        if (target.State.ChannelId == ChannelId)
            called.Add(inner);
        return await target.Chaincode.InvokeAsync(inner, ct);
    }

    /// <inheritdoc/>
    public void SetEvent(string name, ReadOnlyMemory<byte> payload)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Event = new(name, payload.ToArray());
    }

    private Task WriteAsync(string call, TestWrite write)
    {
        KeyRules.Check(write.Key);
        RefuseWriteAfterQuery(call);
        if (!writes.ContainsKey((write.Collection, write.Key)))
            order.Add((write.Collection, write.Key));
        writes[(write.Collection, write.Key)] = write;
        return Task.CompletedTask;
    }

    private Task<byte[]?> ReadPolicyAsync(string collection, string key)
    {
        KeyRules.Check(key);
        return Task.FromResult(ledger.Read(from =>
        {
            Reads.Add((collection, key, from.VersionOf(collection, key)));
            return from.PolicyOf(collection, key)?.ToArray();
        }));
    }

    private Task WritePolicyAsync(string collection, string key, ReadOnlyMemory<byte> policy)
    {
        KeyRules.Check(key);
        RefuseWriteAfterQuery("PUT_STATE_METADATA");
        policies[(collection, key)] = new(collection, key, policy.ToArray());
        return Task.CompletedTask;
    }

    private void RefuseWriteAfterQuery(string call)
    {
        if (readOnlySince is { } query)
            throw new LedgerCallException(call, $"a write in a transaction with {query}");
    }

    /// <summary>A peer takes queries that it cannot validate at commit only from transactions that do not write.</summary>
    private void BecomeReadOnly(string call, string query)
    {
        if (writes.Count > 0 || policies.Count > 0)
            throw new LedgerCallException(call, $"{query} in a transaction that writes");
        readOnlySince = query;
    }
}
