using HealthShare.Chaincode.Shim;

namespace HealthShare.AssetChaincode;

/// <content>Other chaincodes, what the proposal says, and misbehaviour on request.</content>
public sealed partial class AssetContract
{
    private static readonly TimeSpan LongestSleep = TimeSpan.FromMinutes(5);

    /// <summary>Runs a function of another chaincode and answers what it answered.</summary>
    /// <param name="tx">The transaction.</param>
    /// <param name="chaincode">Its name.</param>
    /// <param name="channel">Its channel; empty is this one.</param>
    /// <param name="function">Function name.</param>
    /// <param name="arguments">Arguments.</param>
    [Transaction(Name = "call")]
    public async Task<byte[]> CallAsync(
        TransactionContext tx, string chaincode, string channel, string function, params string[] arguments)
    {
        ReadOnlyMemory<byte>[] call = [Bytes(function), .. arguments.Select(argument => (ReadOnlyMemory<byte>)Bytes(argument))];
        var answer = await tx.Stub.InvokeChaincodeAsync(chaincode, call, channel, tx.Cancellation);
        return answer.IsSuccess
            ? answer.Payload.ToArray()
            : throw new ContractException("asset.call_refused", $"{answer.Status} {answer.Message}");
    }

    /// <summary>Who calls: MSP id, client id and the certificate's attribute <c>role</c>, if any.</summary>
    [Transaction(Name = "whoami", Evaluate = true)]
    public Task<Caller> WhoAmIAsync(TransactionContext tx) =>
        Task.FromResult(new Caller(tx.Caller.MspId, tx.Caller.Id, tx.Caller.Attributes.GetValueOrDefault("role")));

    /// <summary>What the proposal says: transaction, channel, time, binding and names of transient values and decorations.</summary>
    [Transaction(Name = "proposal", Evaluate = true)]
    public Task<ProposalReport> ProposalAsync(TransactionContext tx) => Task.FromResult(new ProposalReport(
        tx.TransactionId, tx.ChannelId, tx.ProposedAt, Convert.ToHexStringLower(tx.Stub.Binding.Span),
        tx.Stub.SignedProposal.Signature.Length, [.. tx.Stub.Transient.Keys.Order(StringComparer.Ordinal)],
        [.. tx.Stub.Decorations.Keys.Order(StringComparer.Ordinal)]));

    /// <summary>The argument again.</summary>
    [Transaction(Name = "echo", Evaluate = true)]
    public Task<string> EchoAsync(TransactionContext tx, string text) => Task.FromResult(text);

    /// <summary>An answer of so many bytes.</summary>
    [Transaction(Name = "large", Evaluate = true)]
    public Task<byte[]> LargeAsync(TransactionContext tx, string size) => Task.FromResult(new byte[Number(size)]);

    /// <summary>Waits, at most five minutes, then writes the key where one is given.</summary>
    [Transaction(Name = "slow")]
    public async Task SlowAsync(TransactionContext tx, string milliseconds, string key = "")
    {
        var wanted = TimeSpan.FromMilliseconds(Number(milliseconds));
        await Task.Delay(wanted < LongestSleep ? wanted : LongestSleep, tx.Cancellation);
        if (key.Length > 0)
            await tx.Stub.PutStateAsync(key, Bytes(milliseconds), tx.Cancellation);
    }

    /// <summary>Never ends by itself.</summary>
    [Transaction(Name = "hang")]
    public Task HangAsync(TransactionContext tx) => Task.Delay(Timeout.Infinite, tx.Cancellation);

    /// <summary>Fails as a contract with a fault does.</summary>
    [Transaction(Name = "fail")]
    public Task FailAsync(TransactionContext tx) => throw new InvalidOperationException("This contract was asked to fail.");
}
