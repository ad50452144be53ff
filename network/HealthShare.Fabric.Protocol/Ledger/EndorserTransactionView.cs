using System.Text;
using Google.Protobuf;
using HealthShare.Fabric.Protocol.Ledger.KvRwSet;
using HealthShare.Fabric.Protocol.Ledger.RwSet;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.Fabric.Protocol.Ledger;

/// <summary>
/// A typed look at an endorsed chaincode call. Members throw <see cref="FabricDataException"/> where the bytes are not what
/// they should be.
/// </summary>
public sealed class EndorserTransactionView
{
    private readonly TransactionView transaction;
    private ChaincodeProposalPayload? proposal;
    private ChaincodeInput? input;
    private ProposalResponsePayload? responsePayload;
    private ChaincodeAction? action;
    private NamespaceRwSet[]? rwSets;

    internal EndorserTransactionView(TransactionView transaction)
    {
        this.transaction = transaction;
        var actions = Transaction.Parser.Read(transaction.Payload.Data, Where("body")).Actions;
        // Fabric makes and accepts exactly one; anything else is flagged invalid by every peer.
        if (actions.Count != 1)
            throw new FabricDataException($"The {Where("body")} holds {actions.Count} actions instead of one.");
        ActionHeader = actions[0].Header;
        ActionPayload = ChaincodeActionPayload.Parser.Read(actions[0].Payload, Where("action"));
        if (ActionPayload.Action is null)
            throw new FabricDataException($"There is no endorsed {Where("action")}.");
    }

    /// <summary>The action's own signature header; the same bytes as the transaction's.</summary>
    public ByteString ActionHeader { get; }

    /// <summary>The action with the call and its endorsed answer.</summary>
    public ChaincodeActionPayload ActionPayload { get; }

    /// <summary>Name of the chaincode that was called.</summary>
    public string ChaincodeName => Action.ChaincodeId?.Name ?? "";

    /// <summary>The call without its transient data, as it was proposed.</summary>
    public ChaincodeProposalPayload Proposal => proposal ??=
        ChaincodeProposalPayload.Parser.Read(ActionPayload.ChaincodeProposalPayload, Where("proposal"));

    /// <summary>Name of the function, the first argument; empty where there is none.</summary>
    public string Function => Input.Args.Count > 0 ? Encoding.UTF8.GetString(Input.Args[0].Span) : "";

    /// <summary>The arguments after the function's name.</summary>
    public IReadOnlyList<ByteString> Arguments => [.. Input.Args.Skip(1)];

    /// <summary>What every endorser signed, followed by its own identity.</summary>
    public ByteString SignedResponse => ActionPayload.Action.ProposalResponsePayload;

    /// <summary>Identities and signatures of the endorsers.</summary>
    public IReadOnlyList<Endorsement> Endorsements => ActionPayload.Action.Endorsements;

    /// <summary>The answer in its signed form, with the hash of the proposal.</summary>
    public ProposalResponsePayload ResponsePayload => responsePayload ??=
        ProposalResponsePayload.Parser.Read(SignedResponse, Where("endorsed answer"));

    /// <summary>The endorsed outcome.</summary>
    public ChaincodeAction Action => action ??= ChaincodeAction.Parser.Read(ResponsePayload.Extension, Where("endorsed outcome"));

    /// <summary>What the chaincode answered; null where it did not.</summary>
    public Response? Response => Action.Response;

    /// <summary>The chaincode's event, or null. It proves nothing: act on writes.</summary>
    public ChaincodeEvent? Event => Action.Events.IsEmpty ? null : ChaincodeEvent.Parser.Read(Action.Events, Where("event"));

    /// <summary>What was read and written, by namespace.</summary>
    public IReadOnlyList<NamespaceRwSet> RwSets => rwSets ??= ReadRwSets();

    private ChaincodeInput Input => input ??= ChaincodeInvocationSpec.Parser
        .Read(Proposal.Input, Where("invocation")).ChaincodeSpec?.Input ?? new ChaincodeInput();

    private NamespaceRwSet[] ReadRwSets() =>
    [
        .. TxReadWriteSet.Parser.Read(Action.Results, Where("read-write set")).NsRwset.Select(set => new NamespaceRwSet(
            set.Namespace,
            KVRWSet.Parser.Read(set.Rwset, Where("read-write set")),
            [.. set.CollectionHashedRwset.Select(collection => new CollectionRwSet(
                collection.CollectionName,
                HashedRWSet.Parser.Read(collection.HashedRwset, Where("hashed read-write set")),
                collection.PvtRwsetHash))])),
    ];

    private string Where(string what) => transaction.Where(what);
}

/// <summary>Reads and writes of one transaction in one namespace, usually a chaincode.</summary>
/// <param name="Name">The namespace.</param>
/// <param name="Public">Public reads, writes and range queries, in the order of the keys.</param>
/// <param name="Collections">Private collections, by hashes.</param>
public sealed record NamespaceRwSet(string Name, KVRWSet Public, IReadOnlyList<CollectionRwSet> Collections);

/// <summary>Reads and writes of one transaction in one private collection, by hashes of keys and values.</summary>
/// <param name="Name">The collection, such as <c>_implicit_org_Org1MSP</c>.</param>
/// <param name="Hashed">Hashed reads and writes.</param>
/// <param name="PrivateHash">Hash of the serialized private read-write set.</param>
public sealed record CollectionRwSet(string Name, HashedRWSet Hashed, ByteString PrivateHash)
{
    /// <summary>What the names of implicit collections begin with; the owner's MSP id follows.</summary>
    public const string ImplicitPrefix = "_implicit_org_";

    /// <summary>MSP id of the member whose implicit collection this is; null for a collection by definition.</summary>
    public string? ImplicitOwner => Name.StartsWith(ImplicitPrefix, StringComparison.Ordinal) ? Name[ImplicitPrefix.Length..] : null;
}
