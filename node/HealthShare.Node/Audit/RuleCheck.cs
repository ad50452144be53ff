using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Node.Incidents;
using HealthShare.Node.Ledger;
using HealthShare.Node.ReadModel;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Audit;

/// <summary>
/// Holds every block against the rules before this node's copy takes it over. A majority of the members could endorse what no
/// contract writes: take a patient's deny away, bring a revoked permit back, swap a member's sealing key. A node that
/// followed them would give keys away by such a state; this one stops, and a copy that has stopped releases nothing.
/// </summary>
internal sealed partial class RuleCheck(
    Replica replica, ILedger ledger, IncidentLog incidents, IOptions<FabricOptions> options, TimeProvider clock,
    ILogger<RuleCheck> logger) : IBlockCheck
{
    public async Task<string?> FindFaultAsync(BlockView block, CancellationToken ct)
    {
        var replay = new DecisionReplay(ledger.Channel, options.Value.Chaincode, new ReplayOverlay(replica));
        if (await replay.ApplyAsync(block, [.. block.Transactions.Select(transaction => transaction.ValidationCode)], ct) is not { } fault)
            return null;
        LogBroken(fault.Cause, fault.Block, fault.TransactionId, fault.Kind);
        await incidents.NoteAsync(new Incident(clock.GetUtcNow(), "ledger.rules_broken", null, fault.TransactionId,
            $"block {fault.Block}: {fault.Kind}: {fault.Text}"), ct);
        return $"block {fault.Block}, transaction {fault.TransactionId} breaks the rules: {fault.Kind}: {fault.Text}";
    }

    [LoggerMessage(3231, LogLevel.Critical, "Block {Block}, transaction {TransactionId} breaks the rules: {Kind}.")]
    private partial void LogBroken(Exception? cause, ulong block, string transactionId, ReplayFaultKind kind);
}
