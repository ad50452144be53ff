using HealthShare.Chaincode.Shim;

namespace HealthShare.Chaincode.Contracts;

/// <summary>Which certificates of a member may call: those of its node, and no others that it issues.</summary>
internal static class CallerRules
{
    /// <summary>Attribute that says what a certificate is for; where it is absent, <see cref="GeneralAttribute"/> counts.</summary>
    public const string Attribute = "hs.role";

    /// <summary>The attribute that authorities commonly use for it.</summary>
    public const string GeneralAttribute = "role";

    /// <summary>The value that a node's certificate has.</summary>
    public const string Node = "node";

    /// <summary>
    /// Refuses a certificate that says it is for something else. One that says nothing passes: an authority that sets no
    /// attributes (cryptogen sets none) then vouches with its membership alone for every client it names.
    /// </summary>
    /// <exception cref="ContractException"><c>caller.not_node</c> or <c>caller.invalid</c>.</exception>
    public static void RequireNode(ClientIdentity caller)
    {
        if ((caller.Attributes.GetValueOrDefault(Attribute) ?? caller.Attributes.GetValueOrDefault(GeneralAttribute)) is not (null or Node))
            throw new ContractException("caller.not_node", "The caller's certificate is not a node's.");
    }
}
