using System.Text.Json;
using HealthShare.Chaincode;
using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Fabric.Protocol.Ledger.KvRwSet;

namespace HealthShare.Node.Audit;

/// <summary>
/// Recomputes, from the blocks alone, every decision and release on the channel, and verifies again what they rest on: who
/// signed each statement, who vouched for each credential. It finds what colluding endorsers could have written against the
/// rules. Give it every block from genesis, in order, after their signatures were verified.
/// </summary>
public sealed class DecisionReplay
{
    private readonly ReplayState state = new();
    private readonly ReplayRules rules;

    /// <summary>Begins before the genesis block.</summary>
    /// <param name="channel">The channel's name, which every statement must be for.</param>
    public DecisionReplay(string channel) => rules = new ReplayRules(state, channel);

    /// <summary>Decisions recomputed so far.</summary>
    public long Decisions { get; private set; }

    /// <summary>Releases recomputed so far.</summary>
    public long Releases { get; private set; }

    /// <summary>Replays one block. Returns the first fault in it, or null; after a fault the replay must not go on.</summary>
    /// <exception cref="Fabric.Protocol.FabricDataException">The block is malformed.</exception>
    public async Task<ReplayFault?> ApplyAsync(BlockView block, CancellationToken ct)
    {
        foreach (var transaction in block.Transactions.Where(IsEffective))
        {
            var writes = transaction.Endorsed.RwSets
                .Where(set => set.Name == ContractCatalog.ChaincodeName)
                .SelectMany(set => set.Public.Writes).ToList();
            foreach (var write in writes)
            {
                if (await CheckAsync(transaction, write, writes, ct) is var (code, text))
                    return new ReplayFault(block.Number, transaction.Id, code, text);
            }
            // What one transaction writes is judged by the state before it: that is what its endorsers saw.
            state.Apply(writes);
        }
        return null;
    }

    private static bool IsEffective(TransactionView transaction) =>
        transaction.IsValid && transaction.Type is Fabric.Protocol.Common.HeaderType.EndorserTransaction;

    private async Task<(string Code, string Text)?> CheckAsync(
        TransactionView transaction, KVWrite write, List<KVWrite> writes, CancellationToken ct)
    {
        if (!LedgerKey.TryParse(write.Key, out var kind, out var parts))
            return ("entry.unreadable", "A key of the state is none that the contracts write.");
        if (write.IsDelete)
            return await rules.CheckRemovalAsync(kind, parts, writes, ct);
        try
        {
            switch (kind)
            {
                case LedgerKind.Access:
                    var access = Read(write, LedgerJson.Default.AccessEntry);
                    Decisions += access.Decisions.Count;
                    return await rules.CheckAccessAsync(transaction, access, parts, ct);
                case LedgerKind.Release:
                    Releases++;
                    return await rules.CheckReleaseAsync(transaction, Read(write, LedgerJson.Default.ReleaseEntry), parts, ct);
                case LedgerKind.Statement:
                    var statement = Read(write, LedgerJson.Default.StatementEntry);
                    return await rules.CheckStatementAsync(statement.StatementId, statement.Signed, parts, ct);
                case LedgerKind.EndedStatement:
                    return await rules.CheckEndedAsync(Read(write, LedgerJson.Default.EndedStatementEntry), parts, writes, ct);
                case LedgerKind.Credential:
                    return await rules.CheckCredentialAsync(transaction, Read(write, LedgerJson.Default.CredentialEntry), parts, writes, ct);
                case LedgerKind.Affiliation:
                    return await rules.CheckAffiliationAsync(transaction, Read(write, LedgerJson.Default.AffiliationEntry), parts, writes, ct);
                case LedgerKind.Patient:
                    return await rules.CheckPatientAsync(transaction, Read(write, LedgerJson.Default.PatientEntry), parts, ct);
                case LedgerKind.Record:
                    return await rules.CheckRecordAsync(transaction, Read(write, LedgerJson.Default.RecordEntry), parts, ct);
                default:
                    return null;
            }
        }
        catch (JsonException)
        {
            return ("entry.unreadable", $"An entry of kind {kind} is not what the contracts write.");
        }
    }

    private static T Read<T>(KVWrite write, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) =>
        JsonSerializer.Deserialize(write.Value.Span, type) ?? throw new JsonException("null");
}
