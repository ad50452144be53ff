using System.Runtime.CompilerServices;
using Google.Protobuf;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Gateway;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Orderer;
using HealthShare.Fabric.Protocol.Peer;
using Microsoft.Extensions.Logging;

namespace HealthShare.Fabric.Client;

public sealed partial class GatewayClient
{
    /// <summary>
    /// Follows the blocks from a number on: in order, without a gap, each once, over any number of reconnections. Ends only
    /// with the last block asked for, by cancellation, or where the peer refuses this identity.
    /// </summary>
    /// <param name="from">Number of the first block wanted; 0 is the genesis block.</param>
    /// <param name="last">Number of the last block wanted; null follows without end.</param>
    /// <param name="ct">Ends the enumeration.</param>
    /// <exception cref="LedgerException">The peer does not serve this channel or this identity.</exception>
    public async IAsyncEnumerable<Block> BlocksAsync(
        ulong from, ulong? last = null, [EnumeratorCancellation] CancellationToken ct = default)
    {
        var next = from;
        if (next > last)
        {
            yield break;
        }
        await foreach (var block in ResumeAsync(() => DeliverAsync(next, last, ct), ct))
        {
            next = block.Header.Number + 1;
            yield return block;
            if (next > last)
            {
                yield break;
            }
        }
    }

    /// <summary>
    /// Follows the blocks from where the checkpoint stands (from block 0 where there is none). A block counts as processed, and
    /// is checkpointed, when the next one is asked for: after a crash the last one comes again.
    /// </summary>
    /// <exception cref="LedgerException">The peer does not serve this channel or this identity.</exception>
    public async IAsyncEnumerable<Block> BlocksAsync(
        ICheckpointer checkpointer, [EnumeratorCancellation] CancellationToken ct = default)
    {
        var from = (await checkpointer.LoadAsync(ct))?.BlockNumber ?? 0;
        await foreach (var block in BlocksAsync(from, last: null, ct))
        {
            yield return block;
            await checkpointer.SaveAsync(new EventPosition(block.Header.Number + 1), ct);
        }
    }

    /// <summary>
    /// Follows the events of one chaincode, of valid transactions only: in order, each once, over any number of reconnections.
    /// Whoever can endorse can set an event: take it as a hint, and blocks as the truth.
    /// </summary>
    /// <param name="chaincode">Name of the chaincode.</param>
    /// <param name="start">Where to begin; null begins with the next block.</param>
    /// <param name="ct">Ends the enumeration.</param>
    /// <exception cref="LedgerException">The peer does not serve this channel or this identity.</exception>
    public async IAsyncEnumerable<LedgerEvent> ChaincodeEventsAsync(
        string chaincode, EventPosition? start = null, [EnumeratorCancellation] CancellationToken ct = default)
    {
        // A fixed block instead of "the next": what is committed while a first connection fails is not lost.
        var position = start ?? new EventPosition((await GetChainInfoAsync(ct)).Height);
        var seen = new HashSet<string>(StringComparer.Ordinal); // of the position's block
        await foreach (var answer in ResumeAsync(() => grpc.ServerStreamAsync(
            FabricMethods.ChaincodeEvents, EventsRequest(chaincode, position), default, ct), ct))
        {
            if (answer.BlockNumber < position.BlockNumber)
            {
                continue;
            }
            if (answer.BlockNumber > position.BlockNumber)
            {
                seen.Clear();
                position = new EventPosition(answer.BlockNumber);
            }
            foreach (var item in answer.Events)
            {
                if (item.TxId == position.TransactionId || !seen.Add(item.TxId))
                {
                    continue;
                }
                position = new EventPosition(answer.BlockNumber, item.TxId);
                yield return new LedgerEvent(answer.BlockNumber, item.TxId, item.ChaincodeId, item.EventName, item.Payload.Memory);
            }
        }
    }

    /// <summary>
    /// Follows the events of one chaincode from where the checkpoint stands (from the next block where there is none). An event
    /// counts as processed, and is checkpointed, when the next one is asked for: after a crash the last one comes again.
    /// </summary>
    /// <exception cref="LedgerException">The peer does not serve this channel or this identity.</exception>
    public async IAsyncEnumerable<LedgerEvent> ChaincodeEventsAsync(
        string chaincode, ICheckpointer checkpointer, [EnumeratorCancellation] CancellationToken ct = default)
    {
        await foreach (var item in ChaincodeEventsAsync(chaincode, await checkpointer.LoadAsync(ct), ct))
        {
            yield return item;
            await checkpointer.SaveAsync(new EventPosition(item.BlockNumber, item.TransactionId), ct);
        }
    }

    private SignedChaincodeEventsRequest EventsRequest(string chaincode, EventPosition position)
    {
        var request = new ChaincodeEventsRequest
        {
            ChannelId = ChannelName,
            ChaincodeId = chaincode,
            Identity = identity.Creator,
            StartPosition = new SeekPosition { Specified = new SeekSpecified { Number = position.BlockNumber } },
            AfterTransactionId = position.TransactionId ?? "",
        }.ToByteString();
        return new SignedChaincodeEventsRequest { Request = request, Signature = Sign(request) };
    }

    // One connection's blocks, checked to be the ones asked for.
    private async IAsyncEnumerable<Block> DeliverAsync(ulong from, ulong? last, [EnumeratorCancellation] CancellationToken ct)
    {
        await using var call = await grpc.DuplexAsync(FabricMethods.Deliver, ct: ct);
        await call.WriteAsync(SeekEnvelope.Create(identity, ChannelName, from, last, options), ct);
        var expected = from;
        await foreach (var answer in call.ReadAllAsync(ct))
        {
            switch (answer.TypeCase)
            {
                case DeliverResponse.TypeOneofCase.Block when answer.Block.Header?.Number == expected:
                    expected++;
                    yield return answer.Block;
                    break;
                case DeliverResponse.TypeOneofCase.Block:
                    throw new RpcException(
                        StatusCode.DataLoss, $"Block {answer.Block.Header?.Number} came where block {expected} was due.");
                case DeliverResponse.TypeOneofCase.Status when answer.Status is Status.Success:
                    yield break;
                default:
                    throw new RpcException(SeekEnvelope.CodeOf(answer.Status), $"The peer ended the blocks with {answer.Status}.");
            }
        }
    }

    private async IAsyncEnumerable<T> ResumeAsync<T>(
        Func<IAsyncEnumerable<T>> open, [EnumeratorCancellation] CancellationToken ct)
    {
        var pause = new Backoff(options);
        while (true)
        {
            await using var items = open().GetAsyncEnumerator(ct);
            while (await NextAsync(items))
            {
                pause.Reset();
                yield return items.Current;
            }
            await pause.WaitAsync(ct);
        }

        async ValueTask<bool> NextAsync(IAsyncEnumerator<T> items)
        {
            try
            {
                return await items.MoveNextAsync();
            }
            catch (RpcException e) when (IsRefusal(e.Status))
            {
                throw LedgerErrors.From(LedgerStage.Events, "", e);
            }
            catch (RpcException e)
            {
                LogReconnects(Address, e.Status, e.Detail);
                return false;
            }
        }
    }

    // What another attempt would not change; everything else may be a peer that restarts.
    private static bool IsRefusal(StatusCode status) =>
        status is StatusCode.PermissionDenied or StatusCode.Unauthenticated or StatusCode.InvalidArgument
            or StatusCode.NotFound or StatusCode.Unimplemented;

    [LoggerMessage(2004, LogLevel.Warning, "The stream from {Address} broke and is opened again: {Status} {Reason}")]
    private partial void LogReconnects(Uri address, StatusCode status, string reason);
}
