using System.Runtime.CompilerServices;
using HealthShare.DevLedger.Storage;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Gateway;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Fabric.Protocol.Orderer;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.DevLedger.Gateway;

/// <summary>Reads a chaincode's events from the blocks: the same ones again, whenever one starts from the same place.</summary>
internal sealed class EventReader
{
    private readonly ChannelLedger ledger;
    private readonly string chaincode;
    private readonly string after;
    private readonly ulong start;

    /// <exception cref="RpcException">The start position is not one that events can start from.</exception>
    public EventReader(ChannelLedger ledger, ChaincodeEventsRequest request)
    {
        (this.ledger, chaincode, after) = (ledger, request.ChaincodeId, request.AfterTransactionId);
        start = after.Length > 0 && ledger.Find(after) is { } last ? last.Block : request.StartPosition?.TypeCase switch
        {
            null or SeekPosition.TypeOneofCase.None or SeekPosition.TypeOneofCase.NextCommit => ledger.Height,
            SeekPosition.TypeOneofCase.Specified => request.StartPosition.Specified.Number,
            var other => throw new RpcException(StatusCode.InvalidArgument, $"invalid start position type: *orderer.SeekPosition_{other}"),
        };
    }

    /// <summary>Blocks that hold such events, from the start on and as they come.</summary>
    public async IAsyncEnumerable<ChaincodeEventsResponse> ReadAsync([EnumeratorCancellation] CancellationToken ct)
    {
        var passed = after.Length == 0;
        for (var number = start; ; number++)
        {
            await ledger.WaitAboveAsync(number, ct);
            var response = new ChaincodeEventsResponse { BlockNumber = number };
            foreach (var found in EventsOf(ledger.Read(number)))
            {
                if (passed && found.ChaincodeId == chaincode)
                    response.Events.Add(found);
                passed |= found.TxId == after;
            }
            if (response.Events.Count > 0)
                yield return response;
        }
    }

    private static IEnumerable<ChaincodeEvent> EventsOf(Block block) => new BlockView(block).Transactions
        .Where(transaction => transaction.IsValid && transaction.Type is HeaderType.EndorserTransaction)
        .Select(transaction => transaction.Endorsed.Event)
        .OfType<ChaincodeEvent>();
}
