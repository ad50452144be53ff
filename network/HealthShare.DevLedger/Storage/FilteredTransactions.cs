using HealthShare.DevLedger.Validation;
using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.DevLedger.Storage;

/// <summary>Reduces transactions to what a filtered stream shows: ids, codes, and events without their payload.</summary>
internal static class FilteredTransactions
{
    /// <summary>Those of a block.</summary>
    public static IReadOnlyList<FilteredTransaction> Of(BlockView block) => [.. block.Transactions.Select(TryReduce).OfType<FilteredTransaction>()];

    /// <summary>Those of a block whose transactions are read already, null where one could not be.</summary>
    public static IReadOnlyList<FilteredTransaction> Of(BlockView block, IReadOnlyList<EndorserTransaction?> read)
    {
        var reduced = new List<FilteredTransaction>(read.Count);
        for (var i = 0; i < read.Count; i++)
        {
            if ((read[i] is { } transaction ? Reduce(transaction, block.Transactions[i].ValidationCode) : TryReduce(block.Transactions[i])) is { } shown)
                reduced.Add(shown);
        }
        return reduced;
    }

    private static FilteredTransaction Reduce(EndorserTransaction transaction, TxValidationCode code) => new()
    {
        Txid = transaction.Channel.TxId,
        Type = HeaderType.EndorserTransaction,
        TxValidationCode = code,
        TransactionActions = code is TxValidationCode.Valid ? Actions(transaction.Event) : null,
    };

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
