using HealthShare.Chaincode.Shim;

namespace HealthShare.AssetChaincode;

/// <content>Endorsement policies of single keys.</content>
public sealed partial class AssetContract
{
    /// <summary>From now on a key needs the endorsement of every organization named.</summary>
    /// <param name="tx">The transaction.</param>
    /// <param name="key">The key.</param>
    /// <param name="role"><c>peer</c> or <c>member</c>.</param>
    /// <param name="mspIds">The organizations; none returns the key to the chaincode's policy.</param>
    [Transaction(Name = "setPolicy")]
    public Task SetPolicyAsync(TransactionContext tx, string key, string role, params string[] mspIds) =>
        tx.Stub.SetStateValidationParameterAsync(key, Policy(role, mspIds), tx.Cancellation);

    /// <summary>MSP ids that a key's policy names; none where it has no policy of its own.</summary>
    [Transaction(Name = "getPolicy", Evaluate = true)]
    public async Task<IReadOnlyList<string>> GetPolicyAsync(TransactionContext tx, string key) =>
        MspIdsOf(await tx.Stub.GetStateValidationParameterAsync(key, tx.Cancellation));

    /// <summary>As <c>setPolicy</c>, for a private key.</summary>
    [Transaction(Name = "setPrivatePolicy")]
    public Task SetPrivatePolicyAsync(TransactionContext tx, string collection, string key, string role, params string[] mspIds) =>
        tx.Stub.SetPrivateDataValidationParameterAsync(collection, key, Policy(role, mspIds), tx.Cancellation);

    /// <summary>As <c>getPolicy</c>, for a private key.</summary>
    [Transaction(Name = "getPrivatePolicy", Evaluate = true)]
    public async Task<IReadOnlyList<string>> GetPrivatePolicyAsync(TransactionContext tx, string collection, string key) =>
        MspIdsOf(await tx.Stub.GetPrivateDataValidationParameterAsync(collection, key, tx.Cancellation));

    private static byte[] Policy(string role, string[] mspIds) => mspIds.Length == 0 ? [] : new KeyEndorsementPolicy().Add(
        role switch
        {
            "peer" => EndorserRole.Peer,
            "member" => EndorserRole.Member,
            _ => throw new ContractException(ShimCodes.ArgumentsInvalid, "A role is peer or member."),
        }, mspIds).ToBytes();

    private static string[] MspIdsOf(byte[]? policy) => [.. KeyEndorsementPolicy.Parse(policy).MspIds];
}
