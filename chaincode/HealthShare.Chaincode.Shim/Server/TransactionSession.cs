using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using HealthShare.Fabric.Protocol.Peer;
using MessageType = HealthShare.Fabric.Protocol.Peer.ChaincodeMessage.Types.Type;

namespace HealthShare.Chaincode.Shim.Server;

/// <summary>
/// One transaction on a peer's stream: asks the peer and waits for its answer, one request at a time. A peer drops a second
/// request of the same transaction without a word, so requests queue here.
/// </summary>
/// <param name="channelId">Channel of the transaction.</param>
/// <param name="transactionId">Transaction id.</param>
/// <param name="send">Writes to the peer's stream.</param>
/// <param name="over">Cancelled once the transaction may ask nothing any more: answered, timed out, or the peer is gone.</param>
[SuppressMessage("Design", "CA1001", Justification = "A SemaphoreSlim holds nothing to free unless its wait handle is asked for.")]
internal sealed class TransactionSession(
    string channelId, string transactionId, Func<ChaincodeMessage, CancellationToken, Task> send, CancellationToken over)
{
    private readonly SemaphoreSlim turn = new(1, 1);
    private TaskCompletionSource<ChaincodeMessage>? pending;

    public string ChannelId => channelId;

    public string TransactionId => transactionId;

    /// <summary>True while a request waits for the peer: a contract that returns now has not awaited one of its calls.</summary>
    public bool IsAsking => turn.CurrentCount == 0;

    /// <summary>Sends a request and returns the payload of its answer.</summary>
    /// <exception cref="LedgerCallException">The peer answered with an error.</exception>
    /// <exception cref="ContractException"><c>ledger.unsupported</c>: the peer does not offer the call.</exception>
    /// <exception cref="OperationCanceledException">The transaction is over, or <paramref name="ct"/> was cancelled.</exception>
    public Task<ByteString> AskAsync(MessageType type, IMessage request, CancellationToken ct)
    {
        // The request is written out at once: it may refer to memory that the contract uses again.
        var exchange = ExchangeAsync(type, request.ToByteString());
        // Giving up the wait must not give up the turn: the peer's answer to this request is still to come.
        return ct == over ? exchange : exchange.WaitAsync(ct);
    }

    /// <summary>Hands over the peer's answer. False when nothing was asked.</summary>
    public bool Answer(ChaincodeMessage message) => Interlocked.Exchange(ref pending, null)?.TrySetResult(message) ?? false;

    private async Task<ByteString> ExchangeAsync(MessageType type, ByteString payload)
    {
        await turn.WaitAsync(over);
        try
        {
            over.ThrowIfCancellationRequested();
            var answered = new TaskCompletionSource<ChaincodeMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
            Volatile.Write(ref pending, answered);
            var message = new ChaincodeMessage
            {
                Type = type, Payload = payload, Txid = transactionId, ChannelId = channelId,
            };
            await send(message, over);
            var answer = await answered.Task.WaitAsync(over);
            return answer.Type is MessageType.Response
                ? answer.Payload
                : throw PeerRefusal.Of(NameOf(type), answer.Payload.ToStringUtf8());
        }
        finally
        {
            Volatile.Write(ref pending, null);
            turn.Release();
        }
    }

    /// <summary>The call's name as Fabric writes it, such as <c>GET_STATE</c>.</summary>
    internal static string NameOf(MessageType type) =>
        ChaincodeMessage.Descriptor.EnumTypes[0].FindValueByNumber((int)type)?.Name ?? type.ToString();
}
