using System.Runtime.CompilerServices;
using Google.Protobuf;
using HealthShare.Fabric.Client.Certificates;
using HealthShare.Fabric.Client.Events;
using HealthShare.Fabric.Client.Peers;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Gateway;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Orderer;
using HealthShare.Fabric.Protocol.Peer;
using Microsoft.Extensions.Logging;

namespace HealthShare.Fabric.Client;

public sealed partial class GatewayClient
{
    /// <summary>Whole blocks. Each must follow the one before it by number and hash.</summary>
    public LedgerStream<Block> Blocks =>
        Stream((from, last, ct) => BlocksAsync(from.BlockNumber, last, ct), block => Behind(block.Header.Number));

    /// <summary>Blocks reduced to transaction ids, validation codes and event names, for readers of little more than ids.</summary>
    public LedgerStream<FilteredBlock> FilteredBlocks => Stream(
        (from, last, ct) => FollowAsync(FabricMethods.DeliverFiltered, TakeFiltered, PeerScope.Any, from.BlockNumber, last, ct),
        block => Behind(block.Number));

    /// <summary>
    /// Whole blocks with the private data that this identity's organization may see, as far as the peer holds it. Only peers of
    /// the own organization are asked, where the client knows whose they are: others do not hold its collections.
    /// </summary>
    public LedgerStream<PrivateBlock> PrivateBlocks => Stream(
        (from, last, ct) => FollowAsync(FabricMethods.DeliverWithPrivateData, TakePrivate, PeerScope.Own, from.BlockNumber, last, ct),
        block => Behind(block.Block.Header.Number));

    /// <summary>
    /// The events of one chaincode, of valid transactions only. Whoever can endorse can set an event: take it as a hint, and blocks
    /// as the truth. Where a last block is given, the events are read from the blocks up to it, so that the end is known also
    /// where its last blocks hold none.
    /// </summary>
    /// <param name="chaincode">Name of the chaincode.</param>
    public LedgerStream<LedgerEvent> ChaincodeEvents(string chaincode)
    {
        ArgumentException.ThrowIfNullOrEmpty(chaincode);
        return Stream(
            (from, last, ct) => last is { } end ? EventsOfBlocksAsync(chaincode, from, end, ct) : EventsAsync(chaincode, from, ct),
            item => new EventPosition(item.BlockNumber, item.TransactionId));
    }

    /// <summary>
    /// Follows the blocks from a number on: in order, without a gap, each once, over any number of reconnections. Ends only
    /// with the last block asked for, by cancellation, or where the peer refuses this identity. A reader that was never served ends
    /// also after eight failures of TLS in a row (a wrong root, name or address), and any reader whose own TLS certificate has expired.
    /// </summary>
    /// <param name="from">Number of the first block wanted; 0 is the genesis block.</param>
    /// <param name="last">Number of the last block wanted; null follows without end.</param>
    /// <param name="ct">Ends the enumeration.</param>
    /// <exception cref="LedgerException">The peer does not serve this channel or this identity.</exception>
    public IAsyncEnumerable<Block> BlocksAsync(ulong from, ulong? last = null, CancellationToken ct = default) =>
        FollowAsync(FabricMethods.Deliver, TakeBlock, PeerScope.Any, from, last, ct);

    /// <summary>Follows the events of one chaincode: <see cref="ChaincodeEvents"/>, read from a start without end.</summary>
    /// <param name="chaincode">Name of the chaincode.</param>
    /// <param name="start">Where to begin; null begins with the next block.</param>
    /// <param name="ct">Ends the enumeration.</param>
    /// <exception cref="LedgerException">The peer does not serve this channel or this identity.</exception>
    public IAsyncEnumerable<LedgerEvent> ChaincodeEventsAsync(
        string chaincode, EventPosition? start = null, CancellationToken ct = default) =>
        ChaincodeEvents(chaincode).ReadAsync(start is null ? EventStart.Next : start, last: null, ct);

    private static EventPosition Behind(ulong block) => new(block + 1);

    private static Block? TakeBlock(DeliverResponse answer, BlockSequence due)
    {
        if (answer.TypeCase is not DeliverResponse.TypeOneofCase.Block)
        {
            return null;
        }
        due.Accept(answer.Block);
        return answer.Block;
    }

    private static FilteredBlock? TakeFiltered(DeliverResponse answer, BlockSequence due)
    {
        if (answer.TypeCase is not DeliverResponse.TypeOneofCase.FilteredBlock)
        {
            return null;
        }
        due.Accept(answer.FilteredBlock);
        return answer.FilteredBlock;
    }

    private static PrivateBlock? TakePrivate(DeliverResponse answer, BlockSequence due)
    {
        if (answer.TypeCase is not DeliverResponse.TypeOneofCase.BlockAndPrivateData)
        {
            return null;
        }
        var block = PrivateDataReader.Read(answer.BlockAndPrivateData.Block?.Header is null
            ? throw due.Fault("has no header") : answer.BlockAndPrivateData);
        due.Accept(block.Block);
        return block;
    }

    private LedgerStream<T> Stream<T>(
        Func<EventPosition, ulong?, CancellationToken, IAsyncEnumerable<T>> open, Func<T, EventPosition> after) =>
        new(open, ResolveAsync, after, options.TimeProvider);

    private async Task<EventPosition> ResolveAsync(EventStart start, CancellationToken ct)
    {
        if (start.Position is { } position)
        {
            return position;
        }
        var pause = new Backoff(options);
        while (true)
        {
            try
            {
                return start.From switch
                {
                    EventStart.Origin.Next => new EventPosition((await GetChainInfoAsync(ct)).Height),
                    EventStart.Origin.Newest => new EventPosition(Math.Max((await GetChainInfoAsync(ct)).Height, 1) - 1),
                    _ => new EventPosition(
                        (await QueryAsync("GetBlockByTxID", Block.Parser, ct, start.TransactionId!)).Header?.Number
                            ?? throw LedgerErrors.BadAnswer(LedgerStage.Evaluate, "", "the block has no header."),
                        start.TransactionId),
                };
            }
            catch (LedgerException e) when (e.Code is LedgerCodes.Unavailable or LedgerCodes.Timeout or LedgerCodes.Busy)
            {
                LogReconnects(Address, e.Status ?? StatusCode.Unknown, e.Message);
            }
            await pause.WaitAsync(ct);
        }
    }

    private async IAsyncEnumerable<T> FollowAsync<T>(
        GrpcMethod<Envelope, DeliverResponse> method, Func<DeliverResponse, BlockSequence, T?> take, PeerScope scope,
        ulong from, ulong? last, [EnumeratorCancellation] CancellationToken ct)
        where T : class
    {
        var due = new BlockSequence(ChannelName, from);
        if (from > last)
        {
            yield break;
        }
        await foreach (var block in ResumeAsync(peer => DeliverAsync(peer, method, take, due, last, ct), scope, ct))
        {
            yield return block;
            if (due.Next > last)
            {
                yield break;
            }
        }
    }

    // One connection's blocks, each held to be the one that is due.
    private async IAsyncEnumerable<T> DeliverAsync<T>(
        GatewayPeer peer, GrpcMethod<Envelope, DeliverResponse> method, Func<DeliverResponse, BlockSequence, T?> take,
        BlockSequence due, ulong? last, [EnumeratorCancellation] CancellationToken ct)
        where T : class
    {
        var signer = certificates.Check(Now, LedgerStage.Events, "");
        await using var call = await peer.DuplexAsync(method, ct: ct);
        await call.WriteAsync(SeekEnvelope.Create(signer, ChannelName, due.Next, last, peer.TlsCertificateHash, Now), ct);
        await foreach (var answer in call.ReadAllAsync(ct))
        {
            if (answer.TypeCase is DeliverResponse.TypeOneofCase.Status)
            {
                throw new RpcException(SeekEnvelope.CodeOf(answer.Status), $"The peer ended the blocks with {answer.Status}.");
            }
            yield return take(answer, due) ?? throw due.Fault($"came as {answer.TypeCase}");
        }
    }

    private async IAsyncEnumerable<LedgerEvent> EventsAsync(
        string chaincode, EventPosition from, [EnumeratorCancellation] CancellationToken ct)
    {
        var events = new ChaincodeEvents(chaincode, from);
        await foreach (var item in ResumeAsync(OpenAsync, PeerScope.Any, ct))
        {
            yield return item;
        }

        async IAsyncEnumerable<LedgerEvent> OpenAsync(GatewayPeer peer)
        {
            var request = EventsRequest(chaincode, events.Position.BlockNumber, events.LastPassedOn);
            await foreach (var answer in peer.ServerStreamAsync(FabricMethods.ChaincodeEvents, request, default, ct))
            {
                foreach (var item in events.Of(answer))
                {
                    yield return item;
                }
            }
        }
    }

    private async IAsyncEnumerable<LedgerEvent> EventsOfBlocksAsync(
        string chaincode, EventPosition from, ulong last, [EnumeratorCancellation] CancellationToken ct)
    {
        var events = new ChaincodeEvents(chaincode, from);
        await foreach (var block in BlocksAsync(from.BlockNumber, last, ct))
        {
            foreach (var item in events.Of(block))
            {
                yield return item;
            }
        }
    }

    private SignedChaincodeEventsRequest EventsRequest(string chaincode, ulong block, string? afterTransactionId)
    {
        var signer = certificates.Check(Now, LedgerStage.Events, "");
        var request = new ChaincodeEventsRequest
        {
            ChannelId = ChannelName,
            ChaincodeId = chaincode,
            Identity = signer.Creator,
            StartPosition = new SeekPosition { Specified = new SeekSpecified { Number = block } },
            AfterTransactionId = afterTransactionId ?? "",
        }.ToByteString();
        return new SignedChaincodeEventsRequest { Request = request, Signature = Sign(signer, request) };
    }

    // Over the peers that may be asked: one that broke the stream, or sent what was not due, comes again after the others.
    private async IAsyncEnumerable<T> ResumeAsync<T>(
        Func<GatewayPeer, IAsyncEnumerable<T>> open, PeerScope scope, [EnumeratorCancellation] CancellationToken ct)
    {
        var (faults, left) = (new StreamFaults(options), 0u);
        while (true)
        {
            var peer = peers.Choose(left, scope) ?? peers.Choose(left = 0, scope) ?? peers.ForStream(scope);
            left |= 1u << peer.Index;
            faults.Opening();
            var signer = certificates.Signer;
            await using (var items = open(peer).GetAsyncEnumerator(ct))
            {
                while (await NextAsync(items, peer, signer))
                {
                    faults.Progressed();
                    left = 1u << peer.Index;
                    yield return items.Current;
                }
            }
            await faults.WaitAsync(ct);
        }

        async ValueTask<bool> NextAsync(IAsyncEnumerator<T> items, GatewayPeer peer, Signer signer)
        {
            try
            {
                return await items.MoveNextAsync();
            }
            // A peer ends a stream with the certificate that it was asked for with; the renewed one asks again.
            catch (RpcException e) when (certificates.Signer == signer && faults.IsFinal(e, peer.OwnCertificateHasExpired))
            {
                throw LedgerErrors.From(LedgerStage.Events, "", e);
            }
            catch (RpcException e)
            {
                LogReconnects(peer.Address, e.Status, e.Detail);
                return false;
            }
        }
    }

    [LoggerMessage(2004, LogLevel.Warning, "The stream from {Address} broke and is opened again: {Status} {Reason}")]
    private partial void LogReconnects(Uri address, StatusCode status, string reason);
}
