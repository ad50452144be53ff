using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Gateway;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Ledger;

namespace HealthShare.Fabric.Client.Events;

/// <summary>Sorts out one chaincode's events: in order, each once, none before the start.</summary>
internal sealed class ChaincodeEvents(string chaincode, EventPosition start)
{
    private readonly HashSet<string> seen = new(StringComparer.Ordinal); // of the position's block

    /// <summary>The last event passed on, or the start.</summary>
    public EventPosition Position { get; private set; } = start;

    /// <summary>
    /// The transaction to name to a gateway, which then begins behind its event: the last one passed on, if any. Never the
    /// start's: a gateway waits for that transaction's event, for ever where it raised none.
    /// </summary>
    public string? LastPassedOn => seen.Count > 0 ? Position.TransactionId : null;

    /// <summary>The new ones of what a gateway sent, which may repeat after a reconnection.</summary>
    /// <exception cref="RpcException"><see cref="StatusCode.DataLoss"/>: it holds what was not asked for.</exception>
    public IEnumerable<LedgerEvent> Of(ChaincodeEventsResponse answer)
    {
        if (answer.Events.Any(item => item.ChaincodeId != chaincode))
        {
            throw new RpcException(StatusCode.DataLoss, $"Block {answer.BlockNumber} came with events of another chaincode.");
        }
        return New(answer.BlockNumber, answer.Events.Select(item => new LedgerEvent(
            answer.BlockNumber, item.TxId, item.ChaincodeId, item.EventName, item.Payload.Memory)));
    }

    /// <summary>The new ones of a block, as its peer flagged the transactions.</summary>
    /// <exception cref="LedgerException">A transaction that the peer calls valid cannot be read.</exception>
    public IEnumerable<LedgerEvent> Of(Block block)
    {
        var view = new BlockView(block);
        try
        {
            return New(view.Number, ReadEvents(view));
        }
        catch (FabricDataException e)
        {
            throw LedgerErrors.BadAnswer(LedgerStage.Events, "", e.Message, e);
        }
    }

    private List<LedgerEvent> ReadEvents(BlockView block)
    {
        var found = new List<LedgerEvent>();
        foreach (var transaction in block.Transactions.Where(t => t.IsValid && t.Type is HeaderType.EndorserTransaction))
        {
            if (transaction.Endorsed.Event is { } raised && raised.ChaincodeId == chaincode)
            {
                found.Add(new LedgerEvent(
                    block.Number, transaction.Id, raised.ChaincodeId, raised.EventName, raised.Payload.Memory));
            }
        }
        return found;
    }

    private IEnumerable<LedgerEvent> New(ulong block, IEnumerable<LedgerEvent> events)
    {
        if (block < Position.BlockNumber)
        {
            yield break;
        }
        if (block > Position.BlockNumber)
        {
            seen.Clear();
            Position = new EventPosition(block);
        }
        var list = events.ToList();
        // A peer should begin behind the transaction named; one that begins with the block repeats what came before.
        foreach (var item in list.Skip(list.FindIndex(item => item.TransactionId == Position.TransactionId) + 1))
        {
            if (seen.Add(item.TransactionId))
            {
                Position = new EventPosition(block, item.TransactionId);
                yield return item;
            }
        }
    }
}
