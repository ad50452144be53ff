using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Fabric.Protocol.Msp;
using HealthShare.Fabric.Protocol.Policies;

namespace HealthShare.Fabric.Client.Verification;

/// <summary>Whether those signed a block who make blocks of its channel.</summary>
internal static class BlockSignatures
{
    /// <summary>What is wrong with a block's signatures by the configuration in force; null when nothing is.</summary>
    /// <param name="view">The block.</param>
    /// <param name="config">The configuration.</param>
    /// <param name="signatures">How many signatures were looked at.</param>
    /// <exception cref="FabricDataException">They cannot be read.</exception>
    public static string? FaultOf(BlockView view, ChannelConfig config, out int signatures)
    {
        var metadata = view.SignatureMetadata;
        signatures = metadata.Signatures.Count;
        var signers = new List<MspIdentity>();
        var reason = "it carries no signature";
        foreach (var signature in metadata.Signatures)
        {
            var creator = SignatureHeader.Parser.Read(signature.SignatureHeader, "orderer's signature header").Creator;
            var signed = BlockHashes.SignedBytes(metadata.Value, signature.SignatureHeader, view.Header);
            if (config.Identities.Verify(creator, signed, signature.Signature, out var fault) is { } signer)
                signers.Add(signer);
            else
                reason = fault;
        }
        if (config.Policies.Find(ChannelConfig.BlockValidationPolicy) is not { } policy)
            return "The channel has no policy for blocks.";
        return policy.IsSatisfiedBy(Signers.Distinct(signers)) ? null
            : signers.Count > 0 ? "Those who signed it may not make blocks of this channel."
            : $"No orderer's signature holds: {reason.TrimEnd('.')}.";
    }
}
