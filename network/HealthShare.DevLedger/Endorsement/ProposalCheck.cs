using System.Globalization;
using HealthShare.DevLedger.Storage;
using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Fabric.Protocol.Msp;
using HealthShare.Fabric.Protocol.Policies;

namespace HealthShare.DevLedger.Endorsement;

/// <summary>Decides whether a proposal may be executed at all.</summary>
internal sealed class ProposalCheck(ChannelConfig config, ChannelLedger ledger, TimeProvider time)
{
    public const string WritersPolicy = "/Channel/Application/Writers";
    private readonly IChannelPolicy writers = config.Policies.Find(WritersPolicy)!;

    /// <summary>Whether the certificate of a proposal's creator has expired, which a peer asks before it looks at anything else.</summary>
    public bool IsExpired(ProposedCall call)
    {
        try
        {
            return config.Identities.Read(call.Signature.Creator).Certificate.NotAfter.ToUniversalTime() < time.GetUtcNow();
        }
        catch (FabricDataException)
        {
            return false; // found out, and said, below
        }
    }

    /// <summary>What is wrong with a proposal, in a peer's words; null where nothing is.</summary>
    public string? Fault(ProposedCall call)
    {
        if (call.Incomplete is { } incomplete)
            return incomplete;
        if (Form(call) is { } fault)
            return $"error validating proposal: {fault}";
        var creator = Creator(call, out fault);
        if (creator is null)
            return $"error validating proposal: {fault}";
        if (ledger.Find(call.TransactionId) is not null)
            return $"duplicate transaction found [{call.TransactionId}]. Creator [{Convert.ToHexStringLower(call.Signature.Creator.Span)}]";
        // System chaincodes only read, and have rules of their own.
        return !SystemChaincodes.Contains(call.Chaincode) && !writers.IsSatisfiedBy([creator])
            ? $"access denied: the creator does not satisfy the policy {WritersPolicy}"
            : null;
    }

    private static string? Form(ProposedCall call)
    {
        if ((HeaderType)call.Channel.Type is not (HeaderType.EndorserTransaction or HeaderType.Config))
            return $"invalid header type {Name(call.Channel.Type)}";
        if (call.Channel.Epoch != 0)
            return "epoch is non-zero";
        if (call.Signature.Nonce.IsEmpty)
            return "nonce is empty";
        if (call.Signature.Creator.IsEmpty)
            return "creator is empty";
        if (call.Signed.Signature.IsEmpty)
            return "empty signature bytes";
        return call.TransactionId == call.ExpectedTransactionId
            ? null
            : $"incorrectly computed txid '{call.TransactionId}' -- expected '{call.ExpectedTransactionId}'";
    }

    private MspIdentity? Creator(ProposedCall call, out string fault)
    {
        var channel = call.Channel.ChannelId;
        try
        {
            var identity = config.Identities.Read(call.Signature.Creator);
            // A peer cannot even read a certificate that none of the organization's authorities issued.
            if (identity is { IsValid: false, HasIssuer: false })
                throw new FabricDataException(identity.Invalidity!);
            fault = $"access denied: channel [{channel}] creator org [{identity.MspId}]";
            return identity.IsValid && config.Identities.HasSigned(identity, call.SignedHash, call.Signed.Signature) ? identity : null;
        }
        catch (FabricDataException)
        {
            fault = $"access denied: channel [{channel}] creator org unknown, creator is malformed";
            return null;
        }
    }

    private static string Name(int type) =>
        CommonReflection.Descriptor.FindTypeByName<Google.Protobuf.Reflection.EnumDescriptor>(nameof(HeaderType))
            .FindValueByNumber(type)?.Name ?? type.ToString(CultureInfo.InvariantCulture);
}
