using Google.Protobuf;
using HealthShare.DevLedger.Collections;
using HealthShare.DevLedger.Storage;
using HealthShare.DevLedger.State;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Ledger.RwSet;
using HealthShare.Fabric.Protocol.Msp;
using HealthShare.Fabric.Protocol.Orderer;
using HealthShare.Fabric.Protocol.Peer;
using Position = HealthShare.Fabric.Protocol.Orderer.SeekPosition.TypeOneofCase;

namespace HealthShare.DevLedger.Gateway;

/// <summary>What a stream of blocks shows of each.</summary>
internal enum DeliverContent
{
    /// <summary>The whole block.</summary>
    Blocks,
    /// <summary>Transaction ids, codes and event names.</summary>
    Filtered,
    /// <summary>The whole block with the private values that this peer has and that their collections let the reader see.</summary>
    WithPrivateValues,
}

/// <summary><c>protos.Deliver</c>: answers signed seek envelopes with blocks, old ones and those that come.</summary>
internal sealed class DeliverService(string mspId, GatewayServices services, TimeProvider time)
{
    /// <summary>Furthest that a request's timestamp may be from this clock, as a peer's default has it.</summary>
    public static readonly TimeSpan TimeWindow = TimeSpan.FromMinutes(15);

    private readonly ChannelLedger ledger = services.Ledger;

    /// <summary>Serves one stream: each request until its stop, then a status, then the next request.</summary>
    public async Task ServeAsync(
        IGrpcServerStream<Envelope, DeliverResponse> stream, DeliverContent content, CancellationToken ct)
    {
        await foreach (var envelope in stream.ReadAllAsync(ct))
        {
            var status = await DeliverAsync(stream, envelope, content, ct);
            await stream.WriteAsync(new DeliverResponse { Status = status }, ct);
            if (status is not Status.Success)
                return;
        }
    }

    private async Task<Status> DeliverAsync(
        IGrpcServerStream<Envelope, DeliverResponse> stream, Envelope envelope, DeliverContent content, CancellationToken ct)
    {
        var status = Read(envelope, out var seek, out var reader);
        if (status is not Status.Success)
            return status;
        if (First(seek!.Start) is not { } first || first > ledger.Height)
            return Status.NotFound; // the next block is waited for, one beyond is not
        var last = Last(seek, first);
        if (seek.Stop.TypeCase is Position.Specified && last < first)
            return Status.BadRequest;
        for (var next = first; ; next++)
        {
            if (seek.Behavior is SeekInfo.Types.SeekBehavior.FailIfNotReady && next >= ledger.Height)
                return Status.NotFound;
            await ledger.WaitAboveAsync(next, ct);
            if (HasExpired(reader!))
                return Status.Forbidden; // a stream outlives the certificate that it was opened with
            await stream.WriteAsync(Response(next, content, reader!), ct);
            if (next == last)
                return Status.Success;
        }
    }

    private Status Read(Envelope envelope, out SeekInfo? seek, out MspIdentity? reader)
    {
        (seek, reader) = (null, null);
        ChannelHeader channel;
        SignatureHeader signature;
        try
        {
            var payload = Payload.Parser.ParseFrom(envelope.Payload);
            channel = ChannelHeader.Parser.ParseFrom(payload.Header?.ChannelHeader ?? ByteString.Empty);
            signature = SignatureHeader.Parser.ParseFrom(payload.Header?.SignatureHeader ?? ByteString.Empty);
            seek = SeekInfo.Parser.ParseFrom(payload.Data);
        }
        catch (InvalidProtocolBufferException)
        {
            return Status.BadRequest;
        }
        if (!IsTimely(channel))
            return Status.BadRequest;
        if (channel.ChannelId != services.Config.ChannelId)
            return Status.NotFound;
        reader = services.Config.Identities.Verify(signature.Creator, envelope.Payload.Span, envelope.Signature, out _);
        return reader is null || HasExpired(reader)
            || !services.SystemChaincodes.MayRead(reader) ? Status.Forbidden
            : seek.Start is null || seek.Stop is null ? Status.BadRequest
            : Status.Success;
    }

    private bool IsTimely(ChannelHeader channel)
    {
        try
        {
            return channel.Timestamp is { } timestamp
                && (timestamp.ToDateTimeOffset() - time.GetUtcNow()).Duration() <= TimeWindow;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private ulong? First(SeekPosition start) => start.TypeCase switch
    {
        Position.Oldest => 0,
        Position.Newest => ledger.Height - 1,
        Position.NextCommit => ledger.Height,
        Position.Specified => start.Specified.Number,
        _ => null,
    };

    // Any other stop is number 0 to a peer: it ends a stream that starts there, and no other one ever.
    private ulong Last(SeekInfo seek, ulong first) => seek.Stop.TypeCase switch
    {
        Position.Oldest => first,
        Position.Newest => seek.Start.Equals(seek.Stop) ? first : ledger.Height - 1,
        Position.Specified => seek.Stop.Specified.Number,
        _ => 0,
    };

    private bool HasExpired(MspIdentity identity) => identity.Certificate.NotAfter.ToUniversalTime() < time.GetUtcNow();

    private DeliverResponse Response(ulong number, DeliverContent content, MspIdentity reader)
    {
        if (content is DeliverContent.Filtered)
            return new DeliverResponse
            {
                FilteredBlock = new FilteredBlock
                {
                    ChannelId = services.Config.ChannelId,
                    Number = number,
                    FilteredTransactions = { ledger.ReadFiltered(number) },
                },
            };
        var block = ledger.Read(number);
        if (content is DeliverContent.Blocks)
            return new DeliverResponse { Block = block };
        var withValues = new BlockAndPrivateData { Block = block };
        foreach (var (transaction, values) in ledger.ReadPrivateValues(number))
        {
            if (VisibleTo(reader, values, number) is { } visible)
                withValues.PrivateDataMap.Add(transaction, visible);
        }
        return new DeliverResponse { BlockAndPrivateData = withValues };
    }

    private TxPvtReadWriteSet? VisibleTo(MspIdentity reader, TxPvtReadWriteSet values, ulong number)
    {
        var visible = new TxPvtReadWriteSet();
        foreach (var ns in values.NsPvtRwset)
        {
            var shown = ns.CollectionPvtRwset.Where(set => IsVisibleTo(reader, ns.Namespace, set.CollectionName, number)).ToList();
            if (shown.Count > 0)
                visible.NsPvtRwset.Add(new NsPvtReadWriteSet { Namespace = ns.Namespace, CollectionPvtRwset = { shown } });
        }
        return visible.NsPvtRwset.Count > 0 ? visible : null;
    }

    // What this peer has goes by today's definition, who may see it by the one that the block was made under: so at a peer.
    private bool IsVisibleTo(MspIdentity reader, string chaincode, string name, ulong number)
    {
        var state = ledger.State;
        if (services.Definitions.Collections.Find(state, chaincode, name)?.HasMember(mspId) != true
            || Expiry.IsOver(state, chaincode, name, number))
            return false;
        return ImplicitCollection.TryGetOwner(name, out _)
            || ledger.CollectionBelow(number, chaincode, name) is { } collection && (!collection.MemberOnlyRead || collection.Admits(reader));
    }
}
