using HealthShare.Chaincode.Ledger;
using HealthShare.Node.ReadModel;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Auth.SecondKeys;

/// <summary>Looks for a permit that may be younger than this node's copy of the channel.</summary>
internal sealed class PermitLookUp(Replica replica, IReadModel readModel, IOptions<ReadModelOptions> options, TimeProvider clock)
{
    /// <summary>The permit, waited for block by block, at most <see cref="ReadModelOptions.WaitForBlock"/>.</summary>
    /// <returns>The permit in force; else null, and whether it was once and is over.</returns>
    public async Task<(StatementEntry? Entry, bool IsOver)> FindAsync(string patientId, string statementId, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(options.Value.WaitForBlock, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        while (true)
        {
            var next = readModel.Height; // before the look: what comes after it is waited for
            if (await replica.GetAsync(LedgerKey.Statement(patientId, statementId), LedgerJson.Default.StatementEntry, ct) is { } entry)
                return (entry, false);
            if (await replica.GetAsync(LedgerKey.EndedStatement(patientId, statementId), ct) is not null)
                return (null, true);
            try
            {
                await readModel.WaitForAsync(next, either.Token);
            }
            catch (Exception e) when ((e is OperationCanceledException && !ct.IsCancellationRequested) || e is InvalidOperationException)
            {
                return (null, false);
            }
        }
    }
}
