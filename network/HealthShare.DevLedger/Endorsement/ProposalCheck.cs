using Google.Protobuf.WellKnownTypes;
using HealthShare.DevLedger.Storage;
using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Fabric.Protocol.Msp;

namespace HealthShare.DevLedger.Endorsement;

/// <summary>Decides whether a proposal may be executed at all.</summary>
internal sealed class ProposalCheck(ChannelConfig config, ChannelLedger ledger, TimeProvider time)
{
    public const string WritersPolicy = "/Channel/Application/Writers";

    /// <summary>What is wrong with a proposal, in a peer's words; null where nothing is.</summary>
    public string? Fault(ProposedCall call)
    {
        if (Form(call) is { } fault)
            return $"error validating proposal: {fault}";
        var creator = Creator(call, out fault);
        if (creator is null)
            return $"error validating proposal: {fault}";
        if (creator.Certificate.NotAfter.ToUniversalTime() < time.GetUtcNow())
            return "proposal client identity expired";
        if (ledger.Find(call.TransactionId) is not null)
            return $"duplicate transaction found [{call.TransactionId}]";
        // System chaincodes only read, and have rules of their own.
        return !SystemChaincodes.Contains(call.Chaincode) && !config.Policies.Find(WritersPolicy)!.IsSatisfiedBy([creator])
            ? $"access denied: the creator does not satisfy the policy {WritersPolicy}"
            : null;
    }

    private static string? Form(ProposedCall call)
    {
        if ((HeaderType)call.Channel.Type is not HeaderType.EndorserTransaction)
            return $"invalid header type {(HeaderType)call.Channel.Type}";
        if (call.Channel.Epoch != 0)
            return "epoch is non-zero";
        if (call.Signature.Nonce.IsEmpty)
            return "nonce is empty";
        if (call.Signature.Creator.IsEmpty)
            return "creator is empty";
        if (call.Signed.Signature.IsEmpty)
            return "empty signature bytes";
        if (!IsTime(call.Channel.Timestamp))
            return "timestamp is missing or out of range";
        var expected = TransactionId.Compute(call.Signature.Nonce, call.Signature.Creator);
        return call.TransactionId == expected
            ? null
            : $"incorrectly computed txid '{call.TransactionId}' -- expected '{expected}'";
    }

    private MspIdentity? Creator(ProposedCall call, out string fault)
    {
        var channel = call.Channel.ChannelId;
        try
        {
            var identity = config.Identities.Read(call.Signature.Creator);
            fault = $"access denied: channel [{channel}] creator org [{identity.MspId}]";
            return identity.IsValid && config.Identities.HasSigned(identity, call.Signed.ProposalBytes.Span, call.Signed.Signature) ? identity : null;
        }
        catch (FabricDataException)
        {
            fault = $"access denied: channel [{channel}] creator org unknown, creator is malformed";
            return null;
        }
    }

    private static bool IsTime(Timestamp? timestamp)
    {
        try
        {
            return timestamp?.ToDateTimeOffset() is not null;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
