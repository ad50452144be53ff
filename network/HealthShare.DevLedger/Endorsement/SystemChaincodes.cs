using System.Globalization;
using System.Text;
using Google.Protobuf;
using HealthShare.DevLedger.Storage;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Fabric.Protocol.Msp;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.DevLedger.Endorsement;

/// <summary>The look-ups that every peer answers by itself: <c>qscc</c>, and <c>cscc</c> for the config block.</summary>
internal sealed class SystemChaincodes(ChannelConfig config, ChannelLedger ledger)
{
    private const string ReadersPolicy = "/Channel/Application/Readers";
    private const int Ok = 200;
    private const int Error = 500;

    public static bool Contains(string chaincode) => chaincode is "qscc" or "cscc";

    /// <summary>The answer to a chaincode that calls one of these; clients only may.</summary>
    public static Response RefusalInside(string chaincode, string caller) => Failure(chaincode == "qscc"
        ? $"Rejecting invoke of QSCC from another chaincode because of potential for deadlocks, original invocation for '{caller}'"
        : $"Rejecting invoke of CSCC from another chaincode, original invocation for '{caller}'");

    /// <summary>Answers a call; errors are status 500 with a text.</summary>
    public Response Execute(ProposedCall call)
    {
        var args = call.Input.Args;
        if (args.Count < 2)
            return Failure($"Incorrect number of arguments, {args.Count}");
        var function = args[0].ToStringUtf8();
        if (args[1].ToStringUtf8() != config.ChannelId)
            return Failure($"Invalid chain ID, {args[1].ToStringUtf8()}");
        if (!MayRead(config.Identities.Read(call.Signature.Creator)))
            return Failure($"access denied for [{function}][{config.ChannelId}]");
        if (call.Chaincode == "cscc")
            return function == "GetConfigBlock" ? Success(ledger.Read(ledger.LastConfig)) : Unknown(function);
        if (function == "GetChainInfo")
            return Success(ChainInfo());
        return args.Count < 3 ? Failure($"missing 3rd argument for {function}") : LookUp(function, args[2]);
    }

    /// <summary>Whether an identity satisfies the channel's policy for readers.</summary>
    public bool MayRead(MspIdentity identity) => config.Policies.Find(ReadersPolicy)!.IsSatisfiedBy([identity]);

    private Response LookUp(string function, ByteString argument)
    {
        var text = Encoding.UTF8.GetString(argument.Span);
        switch (function)
        {
            case "GetTransactionByID":
                return ledger.Find(text) is { } found ? Success(Transaction(found)) : NoSuchTransaction();
            case "GetBlockByTxID":
                return ledger.Find(text) is { } holder ? Success(ledger.Read(holder.Block)) : NoSuchTransaction();
            case "GetBlockByNumber":
                if (!ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                    return Failure("Failed to parse block number with error invalid syntax");
                return number < ledger.Height
                    ? Success(ledger.Read(number))
                    : Failure($"Failed to get block number {number}, error no such block number [{number}] in index");
            default:
                return Unknown(function);
        }

        Response NoSuchTransaction() =>
            Failure($"Failed to get transaction with id {text}, error no such transaction ID [{text}] in index");
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

    private static Response Success(IMessage payload) => new() { Status = Ok, Payload = payload.ToByteString() };

    private static Response Failure(string message) => new() { Status = Error, Message = message };

    private static Response Unknown(string function) => Failure($"Requested function {function} not found.");
}
