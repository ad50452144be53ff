using Google.Protobuf;
using HealthShare.DevLedger.Endorsement;
using HealthShare.DevLedger.Validation;
using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Fabric.Protocol.Policies;

namespace HealthShare.DevLedger.Ordering;

/// <summary>Decides what the ordering service takes, as an orderer's filters do.</summary>
internal sealed class Broadcast(
    ChannelConfig config, Orderer orderer, TransientValues transient, BatchOptions batch, TimeProvider time)
{
    private const string WritersPolicy = "/Channel/Writers";
    private readonly IChannelPolicy writers = config.Policies.Find(WritersPolicy)!;

    /// <summary>Takes a transaction, or says why not.</summary>
    public async Task<(Status Status, string Info)> AddAsync(Envelope envelope, CancellationToken ct)
    {
        if (Refusal(envelope, out var transaction) is { } refusal)
            return refusal;
        return await orderer.AddAsync(new OrderedTransaction(envelope.ToByteString(), transaction), ct) is { } reason
            ? (Status.ServiceUnavailable, reason)
            : (Status.Success, "");
    }

    private (Status, string)? Refusal(Envelope envelope, out EndorserTransaction? transaction)
    {
        transaction = null;
        OpenEnvelope opened;
        try
        {
            var payload = Payload.Parser.ParseShared(envelope.Payload);
            opened = new OpenEnvelope(envelope, payload,
                ChannelHeader.Parser.ParseFrom((payload.Header?.ChannelHeader ?? ByteString.Empty).Span),
                SignatureHeader.Parser.ParseShared(payload.Header?.SignatureHeader ?? ByteString.Empty));
        }
        catch (InvalidProtocolBufferException)
        {
            return (Status.BadRequest, $"could not determine channel ID: error unmarshalling Payload: {GoTexts.Malformed}");
        }
        var channel = opened.Channel;
        if (opened.Payload.Header is null)
            return (Status.BadRequest, "could not determine channel ID: header not set");
        if (channel.ChannelId != config.ChannelId)
            return (Status.BadRequest, "channel creation request not allowed because the orderer system channel is not defined");
        if ((HeaderType)channel.Type is HeaderType.Config)
            return (Status.BadRequest, "message is of type that cannot be processed directly");
        if ((HeaderType)channel.Type is HeaderType.ConfigUpdate or HeaderType.OrdererTransaction)
            return (Status.BadRequest, "the configuration of this channel cannot be changed");
        if (envelope.CalculateSize() > batch.AbsoluteMaxBytes)
            return (Status.BadRequest,
                $"message payload is {envelope.CalculateSize()} bytes and exceeds maximum allowed {batch.AbsoluteMaxBytes} bytes");
        var creator = config.Identities.VerifyHash(opened.Signature.Creator, opened.SignedHash, envelope.Signature, out _);
        if (creator is null || !writers.IsSatisfiedBy([creator]))
            return (Status.Forbidden, "implicit policy evaluation failed - 0 sub-policies were satisfied, but this policy requires 1 of the " +
                "'Writers' sub-policies to be satisfied: permission denied");
        if (creator.Certificate.NotAfter.ToUniversalTime() < time.GetUtcNow())
            return (Status.BadRequest, "broadcast client identity expired");
        // Verified above; a malformed one is ordered nevertheless, and found invalid, as on a real network.
        EndorserTransaction.Read(opened, _ => true, out transaction);
        return transaction is not null && LacksPrivateValues(transaction)
            ? (Status.BadRequest, "the private values of this transaction are no longer here: it must be endorsed again")
            : null;
    }

    // A peer would look for the values at other peers; here nobody else could have them, and a hash without a value helps no one.
    private bool LacksPrivateValues(EndorserTransaction transaction) =>
        transaction.Set.HasPrivateValues && transient.Find(transaction.Channel.TxId, transaction.Set) is null;
}
