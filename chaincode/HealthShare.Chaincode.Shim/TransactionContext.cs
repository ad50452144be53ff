using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace HealthShare.Chaincode.Shim;

/// <summary>
/// World state, caller and proposal time of the running transaction, in the contract's own types. Every read sees the state as
/// last committed, also for keys that this transaction wrote.
/// </summary>
/// <param name="stub">The transaction at the peer.</param>
/// <param name="cancellation">Cancelled when the execution limit passes or the peer goes away.</param>
public sealed class TransactionContext(IChaincodeStub stub, CancellationToken cancellation = default)
{
    private ClientIdentity? caller;

    /// <summary>The transaction at the peer, for raw bytes, pages and history.</summary>
    public IChaincodeStub Stub { get; } = stub;

    /// <summary>Cancelled when the execution limit passes or the peer goes away; every method here observes it.</summary>
    public CancellationToken Cancellation { get; } = cancellation;

    /// <summary>Channel of the transaction.</summary>
    public string ChannelId => Stub.ChannelId;

    /// <summary>Transaction id.</summary>
    public string TransactionId => Stub.TransactionId;

    /// <summary>Time from the proposal: the only time a contract may use, since endorsers must agree byte for byte.</summary>
    public DateTimeOffset ProposedAt => Stub.ProposedAt;

    /// <summary>Who signed the proposal.</summary>
    /// <exception cref="ContractException"><c>caller.invalid</c>: the creator is no identity.</exception>
    public ClientIdentity Caller => caller ??= ClientIdentity.Parse(Stub.Creator);

    /// <summary>A value of the proposal's transient map, or null.</summary>
    public ReadOnlyMemory<byte>? Transient(string name) =>
        Stub.Transient.TryGetValue(name, out var value) ? value : default(ReadOnlyMemory<byte>?);

    /// <summary>True when the key has a committed value.</summary>
    public async Task<bool> ExistsAsync(string key) => await Stub.GetStateAsync(key, Cancellation) is not null;

    /// <summary>Reads a key's committed value; null where there is none.</summary>
    /// <exception cref="ContractException"><c>state.corrupt</c>: the value is not the JSON it should be.</exception>
    public async Task<T?> GetAsync<T>(string key, JsonTypeInfo<T> type) where T : class =>
        await Stub.GetStateAsync(key, Cancellation) is { } value ? Read(value, type) : null;

    /// <summary>Writes a key when the transaction commits.</summary>
    public Task PutAsync<T>(string key, T value, JsonTypeInfo<T> type) where T : class =>
        Stub.PutStateAsync(key, JsonSerializer.SerializeToUtf8Bytes(value, type), Cancellation);

    /// <summary>Deletes a key when the transaction commits.</summary>
    public Task DeleteAsync(string key) => Stub.DeleteStateAsync(key, Cancellation);

    /// <summary>All values of an object type whose keys begin with the given parts, ordered by key; read again at commit.</summary>
    public async IAsyncEnumerable<StateItem<T>> ListAsync<T>(string objectType, IReadOnlyList<string> parts, JsonTypeInfo<T> type)
        where T : class
    {
        await foreach (var entry in Stub.GetStateByPartialCompositeKeyAsync(objectType, parts, Cancellation))
            yield return new(entry.Key, Read(entry.Value.Span, type));
    }

    /// <summary>The keys' parts alone, where the values say nothing; read again at commit.</summary>
    public async IAsyncEnumerable<IReadOnlyList<string>> ListKeysAsync(string objectType, params IReadOnlyList<string> parts)
    {
        await foreach (var entry in Stub.GetStateByPartialCompositeKeyAsync(objectType, parts, Cancellation))
            yield return CompositeKey.Split(entry.Key).Parts;
    }

    /// <summary>Reads a private value; null where there is none. Fails on a peer outside the collection.</summary>
    public async Task<T?> GetPrivateAsync<T>(string collection, string key, JsonTypeInfo<T> type) where T : class =>
        await Stub.GetPrivateDataAsync(collection, key, Cancellation) is { } value ? Read(value, type) : null;

    /// <summary>SHA-256 of a private value, readable on every peer; null where there is none.</summary>
    public Task<byte[]?> GetPrivateHashAsync(string collection, string key) => Stub.GetPrivateDataHashAsync(collection, key, Cancellation);

    /// <summary>Writes a private value; only its hash goes into the block.</summary>
    public Task PutPrivateAsync<T>(string collection, string key, T value, JsonTypeInfo<T> type) where T : class =>
        Stub.PutPrivateDataAsync(collection, key, JsonSerializer.SerializeToUtf8Bytes(value, type), Cancellation);

    /// <summary>Deletes a private value when the transaction commits.</summary>
    public Task DeletePrivateAsync(string collection, string key) => Stub.DeletePrivateDataAsync(collection, key, Cancellation);

    /// <summary>Attaches the transaction's event. There is one: the last call wins.</summary>
    public void SetEvent<T>(string name, T payload, JsonTypeInfo<T> type) =>
        Stub.SetEvent(name, JsonSerializer.SerializeToUtf8Bytes(payload, type));

    // The message names no key and no content: keys may be long and values may be private.
    private static T Read<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type, [CallerMemberName] string call = "") where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(json, type) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw new ContractException(ShimCodes.StateCorrupt, $"{call} met a value that is no {typeof(T).Name}.", e);
        }
    }
}

/// <summary>A composite key and its value.</summary>
/// <param name="Key">The whole key.</param>
/// <param name="Value">The value.</param>
public sealed record StateItem<T>(string Key, T Value)
{
    /// <summary>The key's parts, without the object type.</summary>
    public IReadOnlyList<string> Parts => CompositeKey.Split(Key).Parts;
}
