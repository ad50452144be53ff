using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.DevLedger.Gateway;

/// <summary>Reduces blocks to what a filtered stream shows: ids, codes, and events without their payload.</summary>
internal static class FilteredBlocks
{
    public static FilteredBlock Of(Block block, string channel)
    {
        var filtered = new FilteredBlock { ChannelId = channel, Number = block.Header.Number };
        foreach (var transaction in new BlockView(block).Transactions)
        {
            if (TryReduce(transaction) is { } reduced)
                filtered.FilteredTransactions.Add(reduced);
        }
        return filtered;
    }

    // A transaction whose headers cannot be read has no id to be shown by.
    private static FilteredTransaction? TryReduce(TransactionView transaction)
    {
        try
        {
            var reduced = new FilteredTransaction
            {
                Txid = transaction.Id,
                Type = transaction.Type,
                TxValidationCode = transaction.ValidationCode,
            };
            if (transaction.Type is HeaderType.EndorserTransaction && transaction.IsValid)
                reduced.TransactionActions = Actions(transaction.Endorsed.Event);
            return reduced;
        }
        catch (FabricDataException)
        {
            return null;
        }
    }

    private static FilteredTransactionActions Actions(ChaincodeEvent? found)
    {
        var actions = new FilteredTransactionActions();
        if (found is not null)
            actions.ChaincodeActions.Add(new FilteredChaincodeAction
            {
                ChaincodeEvent = new ChaincodeEvent
                {
                    ChaincodeId = found.ChaincodeId,
                    TxId = found.TxId,
                    EventName = found.EventName,
                },
            });
        return actions;
    }
}
