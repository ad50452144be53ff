using Google.Protobuf;
using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Fabric.Protocol.Msp;
using HealthShare.Policy.Ids;

namespace HealthShare.Node.Receipts;

/// <summary>Tells whether a signature is that of a node of a member of the channel.</summary>
internal sealed class ReceiptMembers(ChannelConfig config)
{
    private const int MaxIdentityBytes = 16 * 1024, MaxSignatureBytes = 256;
    private readonly HashSet<string> members = [.. config.Organizations.Select(organization => organization.Msp.MspId)];

    /// <summary>What is wrong with a signature over a claim; null when nothing is.</summary>
    public string? FaultOf(ReceiptSignature signature, ReceiptClaim claim)
    {
        if (!members.Contains(signature.Member))
            return $"{Short(signature.Member)} is no member of the channel.";
        if (!StrictBase64Url.TryDecode(signature.Identity, MaxIdentityBytes, out var identity)
            || !StrictBase64Url.TryDecode(signature.Signature, MaxSignatureBytes, out var bytes))
            return $"The identity or signature of {signature.Member} cannot be read.";
        if (config.Identities.Verify(UnsafeByteOperations.UnsafeWrap(identity), claim.ToBytes(identity), UnsafeByteOperations.UnsafeWrap(bytes), out var fault) is not { } signer)
            return fault;
        if (signer.MspId != signature.Member)
            return $"The certificate is not of {signature.Member}.";
        // Fabric's own checks leave the validity of certificates aside, so that old blocks can be verified; a claim says when it was made.
        var (from, until) = (signer.Certificate.NotBefore.ToUniversalTime(), signer.Certificate.NotAfter.ToUniversalTime());
        if (claim.SignedAt.UtcDateTime < from || claim.SignedAt.UtcDateTime > until)
            return $"The certificate of {signature.Member} was not valid at {LedgerTime.Format(claim.SignedAt)}.";
        return RoleOf(signer) is null or "node" ? null : $"The certificate of {signature.Member} is not its node's.";
    }

    // As the chaincode tells nodes from people: an authority may set no roles at all.
    private static string? RoleOf(MspIdentity signer)
    {
        try
        {
            var attributes = CertificateAttributes.Read(signer.Certificate);
            return attributes.GetValueOrDefault("hs.role") ?? attributes.GetValueOrDefault("role");
        }
        catch (FabricDataException)
        {
            return "";
        }
    }

    private static string Short(string text) => text.Length <= 64 ? $"'{text}'" : "That";
}
