using HealthShare.Chaincode.Shim;

namespace HealthShare.AssetChaincode;

/// <content>Private collections. Values travel in the transient map under <c>value</c>, never in the arguments.</content>
public sealed partial class AssetContract
{
    /// <summary>Writes the transient <c>value</c> to a private key.</summary>
    [Transaction(Name = "putPrivate")]
    public Task PutPrivateAsync(TransactionContext tx, string collection, string key) =>
        tx.Stub.PutPrivateDataAsync(collection, key, tx.Transient("value")
            ?? throw new ContractException("asset.no_value", "The transient map holds no 'value'."), tx.Cancellation);

    /// <summary>Reads a private value; empty where there is none.</summary>
    [Transaction(Name = "getPrivate", Evaluate = true)]
    public Task<byte[]?> GetPrivateAsync(TransactionContext tx, string collection, string key) =>
        tx.Stub.GetPrivateDataAsync(collection, key, tx.Cancellation);

    /// <summary>SHA-256 of a private value in hexadecimal; empty where there is none.</summary>
    [Transaction(Name = "getPrivateHash", Evaluate = true)]
    public async Task<string> GetPrivateHashAsync(TransactionContext tx, string collection, string key) =>
        Convert.ToHexStringLower(await tx.GetPrivateHashAsync(collection, key) ?? []);

    /// <summary>Deletes a private key.</summary>
    [Transaction(Name = "delPrivate")]
    public Task DeletePrivateAsync(TransactionContext tx, string collection, string key) => tx.DeletePrivateAsync(collection, key);

    /// <summary>Removes a private key with all its earlier versions.</summary>
    [Transaction(Name = "purgePrivate")]
    public Task PurgePrivateAsync(TransactionContext tx, string collection, string key) =>
        tx.Stub.PurgePrivateDataAsync(collection, key, tx.Cancellation);

    /// <summary>Private keys of a range.</summary>
    [Transaction(Name = "rangePrivate", Evaluate = true)]
    public Task<Rows> RangePrivateAsync(TransactionContext tx, string collection, string start, string end) =>
        RowsOf(tx.Stub.GetPrivateDataByRangeAsync(collection, start, end, tx.Cancellation));
}
