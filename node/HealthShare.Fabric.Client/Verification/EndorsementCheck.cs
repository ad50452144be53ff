using Google.Protobuf;
using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Fabric.Protocol.Msp;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.Fabric.Protocol.Policies;

namespace HealthShare.Fabric.Client.Verification;

/// <summary>
/// Holds a transaction's endorsers against the policies that its writes call for: the key's own where it has one, else the
/// collection's, else the chaincode's; and the chaincode's where nothing else was asked.
/// </summary>
/// <param name="state">State before the block.</param>
/// <param name="definitions">Chaincode definitions of that state.</param>
internal sealed class EndorsementCheck(WorldState state, ChaincodeDefinitions definitions)
{
    private readonly HashSet<(string Namespace, string Collection, ByteString Key)> policyChanges = [];

    /// <summary>Forgets which keys' policies the block before changed.</summary>
    public void BeginBlock() => policyChanges.Clear();

    /// <summary>The verdict on a transaction that is well formed and rightly signed.</summary>
    /// <exception cref="NotSupportedException">A plugin of its own validates the chaincode; nobody else can tell.</exception>
    public Verdict Run(CheckedTransaction transaction, ChannelConfig config)
    {
        try
        {
            var endorsed = transaction.View.Endorsed;
            var sets = ReadSets(transaction, endorsed);
            var spaces = sets.Where(Writes).Select(set => set.Name).Append(endorsed.ChaincodeName).Distinct(StringComparer.Ordinal);
            foreach (var space in spaces)
                CheckNamespace(space, sets, transaction.Signers, config);
            NotePolicyChanges(sets);
            return Verdict.Valid;
        }
        catch (RefusedException e)
        {
            return e.Verdict;
        }
    }

    private static IReadOnlyList<NamespaceRwSet> ReadSets(CheckedTransaction transaction, EndorserTransactionView endorsed)
    {
        var called = Read(TxValidationCode.BadHeaderExtension, () => ChaincodeHeaderExtension.Parser.Read(
            transaction.View.ChannelHeader.Extension, "header extension")).ChaincodeId;
        var action = Read(TxValidationCode.BadResponsePayload, () => endorsed.Action);
        var sets = Read(TxValidationCode.BadRwset, () => endorsed.RwSets);
        if (called is null || action.ChaincodeId is null)
            throw new RefusedException(TxValidationCode.InvalidOtherReason, "it does not name its chaincode");
        if (called.Name.Length == 0 || called.Name != action.ChaincodeId.Name || action.ChaincodeId.Version.Length == 0)
            throw new RefusedException(TxValidationCode.InvalidChaincode, "it names its chaincode in two ways, or without a version");
        var chaincodeEvent = Read(TxValidationCode.InvalidOtherReason, () => endorsed.Event);
        if (chaincodeEvent is not null && chaincodeEvent.ChaincodeId != called.Name)
            throw new RefusedException(TxValidationCode.InvalidOtherReason, "its event is of another chaincode");
        return sets.DistinctBy(set => set.Name).Count() == sets.Count
            ? sets
            : throw new RefusedException(TxValidationCode.IllegalWriteset, "it names a namespace twice");
    }

    private static bool Writes(NamespaceRwSet set) =>
        set.Public.Writes.Count > 0 || set.Public.MetadataWrites.Count > 0
        || set.Collections.Any(collection => collection.Hashed.HashedWrites.Count > 0 || collection.Hashed.MetadataWrites.Count > 0);

    private void CheckNamespace(
        string space, IReadOnlyList<NamespaceRwSet> sets, IReadOnlyList<MspIdentity> signers, ChannelConfig config)
    {
        var chaincodePolicy = Readable(() => definitions.PolicyOf(space, config))
            ?? throw new RefusedException(TxValidationCode.InvalidChaincode, $"'{space}' is no chaincode of the channel at that height");
        var asked = new Dictionary<string, bool>(StringComparer.Ordinal); // collection, or "" for the chaincode
        var anyAsked = false;
        foreach (var set in sets.Where(set => set.Name == space))
        {
            foreach (var key in set.Public.Writes.Select(write => write.Key).Concat(set.Public.MetadataWrites.Select(write => write.Key)))
                CheckKey(state.Find(space, key), null, ByteString.CopyFromUtf8(key));
            foreach (var collection in set.Collections)
            {
                var hashes = collection.Hashed.HashedWrites.Select(write => write.KeyHash)
                    .Concat(collection.Hashed.MetadataWrites.Select(write => write.KeyHash));
                foreach (var hash in hashes)
                    CheckKey(state.FindHashed(space, collection.Name, hash), collection, hash);
            }
        }
        if (!anyAsked)
            Demand(chaincodePolicy, $"the endorsement policy of '{space}'");

        void CheckKey(KeyState? key, CollectionRwSet? collection, ByteString keyBytes)
        {
            if (policyChanges.Contains((space, collection?.Name ?? "", keyBytes)))
                throw new RefusedException(TxValidationCode.EndorsementPolicyFailure,
                    "a transaction before it in the block changed the policy of a key it writes");
            if (key?.Policy is { } keyPolicy)
            {
                Demand(Readable(() => SignatureRule.Read(keyPolicy)), $"the policy of a key in '{space}'");
                anyAsked = true;
                return;
            }
            var name = collection?.Name ?? "";
            if (asked.ContainsKey(name))
                return;
            var collectionPolicy = collection is null ? null : Readable(() => definitions.PolicyOf(space, collection, config));
            if (collectionPolicy is not null)
            {
                Demand(collectionPolicy, $"the policy of the collection '{name}'");
                asked[name] = true;
            }
            else if (asked.TryAdd("", true))
            {
                Demand(chaincodePolicy, $"the endorsement policy of '{space}'");
            }
            anyAsked = true;
        }

        void Demand(IChannelPolicy policy, string what)
        {
            if (!policy.IsSatisfiedBy(signers))
                throw new RefusedException(TxValidationCode.EndorsementPolicyFailure,
                    $"its endorsers ({(signers.Count == 0 ? "none" : string.Join(", ", signers.Select(signer => signer.MspId)))}) do not satisfy {what}");
        }
    }

    private void NotePolicyChanges(IReadOnlyList<NamespaceRwSet> sets)
    {
        foreach (var set in sets)
        {
            foreach (var write in set.Public.MetadataWrites)
                policyChanges.Add((set.Name, "", ByteString.CopyFromUtf8(write.Key)));
            foreach (var collection in set.Collections)
            {
                foreach (var write in collection.Hashed.MetadataWrites)
                    policyChanges.Add((set.Name, collection.Name, write.KeyHash));
            }
        }
    }

    private static T Readable<T>(Func<T> policy) => Read(TxValidationCode.EndorsementPolicyFailure, policy);

    private static T Read<T>(TxValidationCode code, Func<T> member)
    {
        try
        {
            return member();
        }
        catch (FabricDataException e)
        {
            throw new RefusedException(code, e.Message.TrimEnd('.'));
        }
    }
}
