using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.Collections;
using HealthShare.DevLedger.Storage;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Fabric.Protocol.Msp;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.DevLedger.Endorsement;

/// <summary>
/// The look-ups that every peer answers by itself: <c>qscc</c> for blocks and transactions, <c>cscc</c> for the channel's
/// configuration, <c>_lifecycle</c> for its chaincodes. With a peer's texts, which clients have learned to read.
/// </summary>
internal sealed class SystemChaincodes(ChannelConfig config, ChannelLedger ledger)
{
    private const string ReadersPolicy = "/Channel/Application/Readers";
    private const string WritersPolicy = "/Channel/Application/Writers";
    private const int Ok = 200;
    private const int Error = 500;

    public static bool Contains(string chaincode) => chaincode is "qscc" or "cscc" or Lifecycle.Namespace;

    /// <summary>Answers a client's call; errors are status 500 with a text.</summary>
    public Response Execute(ProposedCall call) => call.Chaincode switch
    {
        "qscc" => Look(call, call.Input.Args),
        "cscc" => Configure(call, call.Input.Args),
        _ => MayUse(WritersPolicy, call)
            ? LifecycleQueries.Execute(call.Input.Args, ledger.State, config)
            : Failure($"Failed to authorize invocation due to failed ACL check: {Denied(WritersPolicy)}"),
    };

    /// <summary>Answers a chaincode that calls one of these: the state's part may be asked for, the rest is for clients.</summary>
    public Response ExecuteInside(string chaincode, ChaincodeInput input, string caller) => chaincode switch
    {
        "qscc" => Failure(
            $"Rejecting invoke of QSCC from another chaincode because of potential for deadlocks, original invocation for '{caller}'"),
        "cscc" => Failure($"Rejecting invoke of CSCC from another chaincode, original invocation for '{caller}'"),
        _ => LifecycleQueries.Execute(input.Args, ledger.State, config),
    };

    /// <summary>Whether an identity satisfies the channel's policy for readers.</summary>
    public bool MayRead(MspIdentity identity) => config.Policies.Find(ReadersPolicy)!.IsSatisfiedBy([identity]);

    public static Response Success(IMessage payload) => new() { Status = Ok, Payload = payload.ToByteString() };

    public static Response Failure(string message) => new() { Status = Error, Message = message };

    private Response Look(ProposedCall call, RepeatedField<ByteString> args)
    {
        if (args.Count < 2)
            return Failure($"Incorrect number of arguments, {args.Count}");
        var (function, channel) = (args[0].ToStringUtf8(), args[1].ToStringUtf8());
        if (function != "GetChainInfo" && args.Count < 3)
            return Failure($"missing 3rd argument for {function}");
        if (channel != config.ChannelId)
            return Failure($"Invalid chain ID, {channel}");
        if (function is not ("GetChainInfo" or "GetBlockByNumber" or "GetBlockByHash" or "GetTransactionByID" or "GetBlockByTxID"))
            return Failure($"access denied for [{function}][{channel}]: [Unmapped policy for qscc/{function}]");
        if (!MayUse(ReadersPolicy, call))
            return Failure($"access denied for [{function}][{channel}]: [{Denied(ReadersPolicy)}]");
        return function == "GetChainInfo" ? Success(ChainInfo()) : Find(function, args[2]);
    }

    private Response Find(string function, ByteString argument)
    {
        if (function == "GetBlockByNumber")
            return Block(argument.ToStringUtf8());
        if (function == "GetBlockByHash")
            return ledger.FindBlock(argument) is { } number
                ? Success(ledger.Read(number))
                : Failure($"Failed to get block hash {argument.ToStringUtf8()}, error no such block hash [{Convert.ToHexStringLower(argument.Span)}] in index");
        var id = argument.ToStringUtf8();
        if (ledger.Find(id) is { } found)
            return Success(function == "GetTransactionByID" ? Transaction(found) : ledger.Read(found.Block));
        return Failure((function == "GetTransactionByID" ? $"Failed to get transaction with id {id}" : $"Failed to get block for txID {id}")
            + $", error no such transaction ID [{id}] in index");
    }

    private Response Block(string text)
    {
        if (!ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            var digits = text.Length > 0 && text.All(char.IsAsciiDigit);
            return Failure($"Failed to parse block number with error strconv.ParseUint: parsing \"{text}\": " +
                (digits ? "value out of range" : "invalid syntax"));
        }
        if (number == ulong.MaxValue)
            number = ledger.Height - 1; // to a peer's block store the largest number means the last block
        return number < ledger.Height
            ? Success(ledger.Read(number))
            : Failure($"Failed to get block number {number}, error no such block number [{number}] in index");
    }

    private Response Configure(ProposedCall call, RepeatedField<ByteString> args)
    {
        var function = args.Count > 0 ? args[0].ToStringUtf8() : "";
        if (args.Count == 0 || (function != "GetChannels" && args.Count < 2))
            return Failure($"Incorrect number of arguments, {args.Count}");
        if (function == "GetChannels")
            return Success(new ChannelQueryResponse { Channels = { new ChannelInfo { ChannelId = config.ChannelId } } });
        if (function is not ("GetConfigBlock" or "GetChannelConfig"))
            return Failure($"Requested function {function} not found.");
        var channel = args[1].ToStringUtf8();
        if (channel.Length == 0 && function == "GetChannelConfig")
            return Failure("empty channel name provided");
        if (channel != config.ChannelId)
            return Failure($"access denied for [{function}][{channel}]: {UnknownChannel(channel)}");
        if (!MayUse(ReadersPolicy, call))
            return Failure($"access denied for [{function}][{channel}]: {Denied(ReadersPolicy)}");
        var block = ledger.Read(ledger.LastConfig);
        return Success(function == "GetConfigBlock" ? block : ConfigOf(block));
    }

    /// <summary>A peer's text for a channel that it has not joined.</summary>
    public static string UnknownChannel(string channel) => $"Failed to get policy manager for channel [{channel}]";

    private bool MayUse(string policy, ProposedCall call) =>
        config.Policies.Find(policy)!.IsSatisfiedBy([config.Identities.Read(call.Signature.Creator)]);

    /// <summary>A peer's text for signed data that does not satisfy a policy of the channel.</summary>
    public string Denied(string policy) => $"Failed evaluating policy on signed data during check policy on channel [{config.ChannelId}] " +
        $"with policy [{policy}]: [implicit policy evaluation failed - 0 sub-policies were satisfied, but this policy requires 1 of the " +
        $"'{policy[(policy.LastIndexOf('/') + 1)..]}' sub-policies to be satisfied]";

    private static Config ConfigOf(Block block)
    {
        var envelope = Envelope.Parser.ParseFrom(block.Data.Data[0]);
        return ConfigEnvelope.Parser.ParseFrom(Payload.Parser.ParseFrom(envelope.Payload).Data).Config;
    }

    private BlockchainInfo ChainInfo()
    {
        var header = ledger.LastHeader!;
        return new BlockchainInfo
        {
            Height = header.Number + 1,
            CurrentBlockHash = BlockHashes.HeaderHash(header),
            PreviousBlockHash = header.PreviousHash,
        };
    }

    private ProcessedTransaction Transaction(TransactionStatus status) => new()
    {
        TransactionEnvelope = Envelope.Parser.ParseFrom(ledger.Read(status.Block).Data.Data[status.Index]),
        ValidationCode = (int)status.Code,
    };
}
