using System.Globalization;
using System.Text;
using HealthShare.Chaincode.Shim;

namespace HealthShare.AssetChaincode;

/// <summary>
/// Keys and values, with a function for every call that chaincode can make at a peer. Functions are called by their bare names;
/// values are text unless said otherwise.
/// </summary>
public sealed partial class AssetContract : Contract
{
    private const string EmptyAnswer = "";
    private static readonly string ProcessId = Guid.NewGuid().ToString();

    /// <inheritdoc/>
    public override string Name => "asset";

    /// <summary>This contract as a chaincode, whose functions need no contract's name before them.</summary>
    public static ChaincodeRouter CreateChaincode() => new([new AssetContract()], AssetJson.Default, defaultContract: "asset");

    /// <summary>Writes a key and says so in an event <c>put</c> with the key.</summary>
    [Transaction(Name = "put")]
    public async Task<string> PutAsync(TransactionContext tx, string key, string value)
    {
        await tx.Stub.PutStateAsync(key, Bytes(value), tx.Cancellation);
        tx.Stub.SetEvent("put", Bytes(key));
        return EmptyAnswer;
    }

    /// <summary>Writes pairs of keys and values in one transaction; answers how many.</summary>
    [Transaction(Name = "putMany")]
    public async Task<string> PutManyAsync(TransactionContext tx, params string[] pairs)
    {
        if (pairs.Length == 0 || pairs.Length % 2 != 0)
            throw new ContractException(ShimCodes.ArgumentsInvalid, "putMany takes pairs of key and value.");
        for (var i = 0; i < pairs.Length; i += 2)
            await tx.Stub.PutStateAsync(pairs[i], Bytes(pairs[i + 1]), tx.Cancellation);
        tx.Stub.SetEvent("putMany", Bytes($"{pairs.Length / 2}"));
        return $"{pairs.Length / 2}";
    }

    /// <summary>Reads a key, then writes it: two of them on one key in one block conflict. Answers the old value.</summary>
    [Transaction(Name = "update")]
    public async Task<byte[]?> UpdateAsync(TransactionContext tx, string key, string value)
    {
        var old = await tx.Stub.GetStateAsync(key, tx.Cancellation);
        await tx.Stub.PutStateAsync(key, Bytes(value), tx.Cancellation);
        return old;
    }

    /// <summary>The value of a key; refuses where there is none.</summary>
    [Transaction(Name = "get", Evaluate = true)]
    public async Task<byte[]> GetAsync(TransactionContext tx, string key) =>
        await tx.Stub.GetStateAsync(key, tx.Cancellation) ?? throw new ContractException("asset.not_found", $"no such key: {key}");

    /// <summary>Deletes a key, whether or not it is there.</summary>
    [Transaction(Name = "del")]
    public Task DeleteAsync(TransactionContext tx, string key) => tx.DeleteAsync(key);

    /// <summary>Sets the transaction's event and writes nothing.</summary>
    [Transaction(Name = "event")]
    public Task RaiseAsync(TransactionContext tx, string name, string payload)
    {
        tx.Stub.SetEvent(name, Bytes(payload));
        return Task.CompletedTask;
    }

    /// <summary>Writes a value that differs between endorsers, as no contract should.</summary>
    [Transaction(Name = "random")]
    public Task RandomAsync(TransactionContext tx, string key) =>
        tx.Stub.PutStateAsync(key, Bytes(Guid.NewGuid().ToString()), tx.Cancellation);

    /// <summary>
    /// <c>PROCESS MILLISECONDS</c>: an id of this process, and the processor time that it has used since it began. For
    /// benchmarks, by evaluation only, since every process answers something else.
    /// </summary>
    [Transaction(Name = "processorTime", Evaluate = true)]
    public Task<string> ProcessorTimeAsync(TransactionContext tx) => Task.FromResult(
        string.Create(CultureInfo.InvariantCulture, $"{ProcessId} {Environment.CpuUsage.TotalTime.TotalMilliseconds:F1}"));

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);
}
