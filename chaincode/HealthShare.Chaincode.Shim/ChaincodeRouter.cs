using System.Text;
using System.Text.Json.Serialization;
using HealthShare.Chaincode.Shim.Routing;

namespace HealthShare.Chaincode.Shim;

/// <summary>
/// Maps <c>Contract:Transaction</c> to methods. Methods are found and compiled once, in the constructor; nothing is reflected on
/// while transactions run.
/// </summary>
public sealed class ChaincodeRouter : IChaincode
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private readonly Dictionary<string, BoundTransaction> transactions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, BoundTransaction> called = new(StringComparer.Ordinal);
    private readonly Lazy<byte[]> metadata;

    /// <summary>Finds the transactions of the given contracts.</summary>
    /// <param name="contracts">The contracts; each instance serves all transactions.</param>
    /// <param name="json">Source-generated context that knows every type of an argument or result but strings and bytes.</param>
    /// <param name="defaultContract">
    /// Name of the contract whose transactions are also called without their contract's name. Null (the default): none are.
    /// </param>
    /// <exception cref="ArgumentException">
    /// A contract is not well formed, two transactions have one name, or no contract has the default's name.
    /// </exception>
    public ChaincodeRouter(IEnumerable<Contract> contracts, JsonSerializerContext json, string? defaultContract = null)
    {
        var all = contracts.ToArray();
        if (all.Any(contract => contract.Name == ContractMetadata.SystemContract))
            throw new ArgumentException($"'{ContractMetadata.SystemContract}' is the name of every chaincode's own contract.", nameof(contracts));
        foreach (var transaction in all.SelectMany(contract => TransactionBinder.Bind(contract, json)))
        {
            if (!transactions.TryAdd(transaction.Info.Name, transaction))
                throw new ArgumentException($"Two transactions are called '{transaction.Info.Name}'.", nameof(contracts));
            called.Add(transaction.Info.Name, transaction);
            if (transaction.Info.Contract == defaultContract)
                called.Add(transaction.Info.Name[(defaultContract.Length + 1)..], transaction);
        }
        if (defaultContract is not null && !transactions.Values.Any(t => t.Info.Contract == defaultContract))
            throw new ArgumentException($"No contract is called '{defaultContract}'.", nameof(defaultContract));
        metadata = new(() => ContractMetadata.Write(
            transactions.Values, defaultContract, (all.FirstOrDefault()?.GetType() ?? typeof(ChaincodeRouter)).Assembly));
    }

    /// <summary>Every transaction, ordered by name.</summary>
    public IReadOnlyList<TransactionInfo> Transactions =>
        [.. transactions.Values.Select(transaction => transaction.Info).OrderBy(info => info.Name, StringComparer.Ordinal)];

    /// <summary>
    /// What clients get from <c>org.hyperledger.fabric:GetMetadata</c>: JSON with every contract, its transactions, their
    /// parameters and results.
    /// </summary>
    public ReadOnlyMemory<byte> Metadata => metadata.Value;

    /// <inheritdoc/>
    /// <remarks>
    /// Refusals answer 500 and <c>code: text</c>: <see cref="ContractException"/> with its own code, the rest with those of
    /// <see cref="ShimCodes"/>. Any other exception goes to the caller of this method.
    /// </remarks>
    public async Task<ChaincodeResponse> InvokeAsync(IChaincodeStub stub, CancellationToken ct)
    {
        try
        {
            if (Find(stub.Arguments) is not { } transaction)
                return ChaincodeResponse.Success(Metadata);
            var context = new TransactionContext(transaction.Info.Evaluate ? new ReadOnlyStub(stub) : stub, ct);
            return ChaincodeResponse.Success(await transaction.InvokeAsync(context, stub.Arguments));
        }
        catch (ContractException e)
        {
            return ChaincodeResponse.Error(e.Code, e.Message);
        }
    }

    /// <summary>The transaction that is called; null for the metadata.</summary>
    private BoundTransaction? Find(IReadOnlyList<ReadOnlyMemory<byte>> arguments)
    {
        if (arguments.Count == 0)
            throw new ContractException(ShimCodes.TransactionUnknown, "The proposal names no transaction.");
        try
        {
            var name = StrictUtf8.GetString(arguments[0].Span);
            if (called.TryGetValue(name, out var transaction))
                return transaction;
            if (name == ContractMetadata.Transaction)
                return null;
        }
        catch (DecoderFallbackException)
        {
            // Falls through: a name that is not UTF-8 is no name of ours.
        }
        // The name is not repeated: whoever calls with private data in the wrong place must not find it in a log.
        throw new ContractException(ShimCodes.TransactionUnknown, "This chaincode has no such function.");
    }
}

/// <summary>What callers know about a transaction.</summary>
/// <param name="Name"><c>Contract:Transaction</c>.</param>
/// <param name="Evaluate">True when it only reads.</param>
/// <param name="Parameters">Names of its arguments, in order.</param>
public sealed record TransactionInfo(string Name, bool Evaluate, IReadOnlyList<string> Parameters)
{
    /// <summary>Name of its contract.</summary>
    public string Contract => Name[..Name.IndexOf(':', StringComparison.Ordinal)];
}
