using Google.Protobuf;
using HealthShare.DevLedger.State;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.Fabric.Protocol.Peer.Lifecycle;
using Definition = HealthShare.Fabric.Protocol.Peer.Lifecycle.QueryChaincodeDefinitionsResult.Types.ChaincodeDefinition;

namespace HealthShare.DevLedger.Endorsement;

/// <summary>
/// What <c>_lifecycle</c> answers about a channel's chaincodes. Definitions come about by the ledger's options, so nothing can
/// be installed, approved or committed through it.
/// </summary>
internal static class LifecycleQueries
{
    private const int NotFound = 404;

    /// <summary>Answers a query over a state.</summary>
    public static Response Execute(IReadOnlyList<ByteString> args, WorldState state, ChannelConfig config)
    {
        if (args.Count == 0)
            return SystemChaincodes.Failure("lifecycle scc must be invoked with arguments");
        if (args.Count != 2)
            return SystemChaincodes.Failure($"lifecycle scc operations require exactly two arguments but received {args.Count}");
        var function = args[0].ToStringUtf8();
        try
        {
            return function switch
            {
                "QueryChaincodeDefinition" => One(QueryChaincodeDefinitionArgs.Parser.ParseFrom(args[1]).Name, state, config),
                "QueryChaincodeDefinitions" => SystemChaincodes.Success(
                    new QueryChaincodeDefinitionsResult { ChaincodeDefinitions = { All(state) } }),
                _ => SystemChaincodes.Failure($"Failed to authorize invocation due to failed ACL check: Unmapped policy for _lifecycle/{function}"),
            };
        }
        catch (InvalidProtocolBufferException)
        {
            return SystemChaincodes.Failure($"failed to invoke backing implementation of '{function}': could not decode input arg " +
                $"for *lifecycle.Invocation.{function}: proto: cannot parse invalid wire-format data");
        }
    }

    private static Response One(string name, WorldState state, ChannelConfig config)
    {
        if (All(state).FirstOrDefault(definition => definition.Name == name) is not { } found)
            return new Response { Status = NotFound, Message = $"namespace {name} is not defined" };
        var result = new QueryChaincodeDefinitionResult
        {
            Sequence = found.Sequence,
            Version = found.Version,
            EndorsementPlugin = found.EndorsementPlugin,
            ValidationPlugin = found.ValidationPlugin,
            ValidationParameter = found.ValidationParameter,
            Collections = found.Collections,
            InitRequired = found.InitRequired,
        };
        // Every organization endorsed the definition's transaction.
        foreach (var organization in config.Organizations)
            result.Approvals.Add(organization.Msp.MspId, true);
        return SystemChaincodes.Success(result);
    }

    private static IEnumerable<Definition> All(WorldState state)
    {
        var space = state.Space(SpaceName.Public(Lifecycle.Namespace));
        var prefix = Lifecycle.MetadataKey("");
        foreach (var entry in space.Range(prefix, prefix + char.MaxValue))
        {
            var name = entry.Key[prefix.Length..];
            var endorsement = ChaincodeEndorsementInfo.Parser.ParseFrom(Field("EndorsementInfo").Bytes);
            var validation = ChaincodeValidationInfo.Parser.ParseFrom(Field("ValidationInfo").Bytes);
            yield return new Definition
            {
                Name = name,
                Sequence = Field("Sequence").Int64,
                Version = endorsement.Version,
                EndorsementPlugin = endorsement.EndorsementPlugin,
                ValidationPlugin = validation.ValidationPlugin,
                ValidationParameter = validation.ValidationParameter,
                Collections = CollectionConfigPackage.Parser.ParseFrom(Field("Collections").Bytes),
                InitRequired = endorsement.InitRequired,
            };

            StateData Field(string field) => StateData.Parser.ParseFrom(space.Get(Lifecycle.FieldKey(name, field))!.Value);
        }
    }
}
