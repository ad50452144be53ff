using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using HealthShare.DevLedger.Collections;
using HealthShare.DevLedger.Endorsement;
using HealthShare.DevLedger.Gateway;
using HealthShare.DevLedger.Simulation;
using HealthShare.DevLedger.State;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Msp;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.Fabric.Protocol.Peer.Lifecycle;
using HealthShare.Fabric.Protocol.Policies;

namespace HealthShare.DevLedger.Network;

/// <summary>
/// Defines a chaincode on the channel as Fabric's lifecycle does: a transaction that every organization's peer endorses and
/// that writes the definition where whoever verifies the blocks finds the endorsement policy.
/// </summary>
internal static class DefinitionTransaction
{
    private const string EndorsementPlugin = "escc";
    private const string ValidationPlugin = "vscc";

    /// <summary>The transaction that is needed, or null where the definition in force says the same.</summary>
    /// <param name="options">The chaincode as it should be defined.</param>
    /// <param name="channel">Name of the channel.</param>
    /// <param name="state">State with the definition in force.</param>
    /// <param name="administrator">Who signs the transaction.</param>
    /// <param name="endorsers">Peers of all organizations.</param>
    /// <param name="majorityOf">Organizations more than half of which endorse where the options name no policy.</param>
    /// <param name="now">Time of the transaction.</param>
    public static Envelope? For(
        ChaincodeOptions options, string channel, WorldState state, SigningIdentity administrator,
        IReadOnlyList<Endorser> endorsers, IReadOnlyCollection<string> majorityOf, DateTimeOffset now)
    {
        var space = state.Space(SpaceName.Public(Lifecycle.Namespace));
        var defined = space.Get(Lifecycle.SequenceKey(options.Name));
        var policy = options.EndorsementPolicy is { } text ? SignaturePolicyParser.Parse(text)
            : defined is null ? SignaturePolicyParser.Parse(EndorsementPolicies.Majority(majorityOf))
            : null;
        var fields = Fields(options.Version, policy is null
            ? space.Get(Lifecycle.FieldKey(options.Name, "ValidationInfo"))!.Value
            : ValidationInfo(policy), Collections(options, space));
        if (defined is not null && fields.All(field => space.Get(Lifecycle.FieldKey(options.Name, field.Key))?.Value == field.Value))
            return null;
        var sequence = defined is null ? 1 : StateData.Parser.ParseFrom(defined.Value).Int64 + 1;
        fields.Add("Sequence", new StateData { Int64 = sequence }.ToByteString());

        var set = new ReadWriteSetBuilder();
        set.AddRead(Lifecycle.Namespace, Lifecycle.SequenceKey(options.Name), defined?.Version);
        foreach (var (field, value) in fields)
            set.AddWrite(Lifecycle.Namespace, Lifecycle.FieldKey(options.Name, field), value);
        var metadata = new Fabric.Protocol.Peer.Lifecycle.StateMetadata { Datatype = "ChaincodeDefinition" };
        metadata.Fields.Add(["Sequence", "EndorsementInfo", "ValidationInfo", DefinedCollections.Field]);
        set.AddWrite(Lifecycle.Namespace, Lifecycle.MetadataKey(options.Name), metadata.ToByteString());

        var call = Call(options.Name, channel, administrator, now);
        var action = new ChaincodeAction
        {
            Results = set.Build().Public.ToByteString(),
            Response = new Response { Status = 200 },
            ChaincodeId = new ChaincodeID { Name = Lifecycle.Namespace, Version = Lifecycle.Version },
        };
        var payload = new ProposalResponsePayload { ProposalHash = call.Hash, Extension = action.ToByteString() }.ToByteString();
        var endorsed = new ChaincodeEndorsedAction { ProposalResponsePayload = payload };
        endorsed.Endorsements.Add(endorsers.Select(endorser => endorser.Sign(payload)));
        var envelope = EndorsementCollector.Prepare(call, endorsed);
        envelope.Signature = ByteString.CopyFrom(administrator.Sign(envelope.Payload.Span));
        return envelope;
    }

    private static Dictionary<string, ByteString> Fields(string version, ByteString validationInfo, CollectionConfigPackage collections)
    {
        var endorsement = new ChaincodeEndorsementInfo { Version = version, EndorsementPlugin = EndorsementPlugin };
        return new(StringComparer.Ordinal)
        {
            ["EndorsementInfo"] = new StateData { Bytes = endorsement.ToByteString() }.ToByteString(),
            ["ValidationInfo"] = validationInfo,
            [DefinedCollections.Field] = new StateData { Bytes = collections.ToByteString() }.ToByteString(),
        };
    }

    // What has been defined once stays, and for as many blocks: values of it may be there.
    private static CollectionConfigPackage Collections(ChaincodeOptions options, StateSpace lifecycle)
    {
        var committed = DefinedCollections.Package(lifecycle, options.Name);
        if (options.Collections is not { } wanted)
            return committed;
        foreach (var known in committed.Config.Select(config => config.StaticCollectionConfig))
        {
            if (wanted.Count == 0)
                throw Refused("the proposed collection config does not contain previously defined collections");
            if (wanted.FirstOrDefault(collection => collection.Name == known.Name) is not { } anew)
                throw Refused($"existing collection [{known.Name}] missing in the proposed collection configuration");
            if (anew.BlockToLive != known.BlockToLive)
                throw Refused($"the BlockToLive in an existing collection [{known.Name}] modified. Existing value [{known.BlockToLive}]");
        }
        return new CollectionConfigPackage { Config = { wanted.Select(collection => collection.ToConfig()) } };

        InvalidOperationException Refused(string reason) => new($"The collections of '{options.Name}' cannot be changed so: {reason}.");
    }

    private static ByteString ValidationInfo(SignaturePolicyEnvelope policy)
    {
        var validation = new ChaincodeValidationInfo
        {
            ValidationPlugin = ValidationPlugin,
            ValidationParameter = new ApplicationPolicy { SignaturePolicy = policy }.ToByteString(),
        };
        return new StateData { Bytes = validation.ToByteString() }.ToByteString();
    }

    private static ProposedCall Call(string chaincode, string channel, SigningIdentity administrator, DateTimeOffset now)
    {
        var nonce = TransactionId.NewNonce();
        var lifecycle = new ChaincodeID { Name = Lifecycle.Namespace };
        var input = new ChaincodeInput();
        input.Args.Add([ByteString.CopyFromUtf8("CommitChaincodeDefinition"), ByteString.CopyFromUtf8(chaincode)]);
        var spec = new ChaincodeInvocationSpec { ChaincodeSpec = new ChaincodeSpec { ChaincodeId = lifecycle, Input = input } };
        var header = new Header
        {
            ChannelHeader = new ChannelHeader
            {
                Type = (int)HeaderType.EndorserTransaction,
                ChannelId = channel,
                TxId = TransactionId.Compute(nonce, administrator.Creator),
                Timestamp = Timestamp.FromDateTimeOffset(now),
                Extension = new ChaincodeHeaderExtension { ChaincodeId = lifecycle }.ToByteString(),
            }.ToByteString(),
            SignatureHeader = new SignatureHeader { Creator = administrator.Creator, Nonce = nonce }.ToByteString(),
        };
        var proposal = new Proposal
        {
            Header = header.ToByteString(),
            Payload = new ChaincodeProposalPayload { Input = spec.ToByteString() }.ToByteString(),
        };
        return ProposedCall.Read(new SignedProposal { ProposalBytes = proposal.ToByteString() });
    }
}
