using System.Text.Json;
using HealthShare.Chaincode;
using HealthShare.Chaincode.Ledger;
using HealthShare.Chaincode.Shim;
using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Fabric.Protocol.Ledger.KvRwSet;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.Node.Audit;

/// <summary>
/// Recomputes, from the blocks alone, every decision and release on the channel, and verifies again what they rest on: who
/// signed each statement, who vouched for each credential. It finds what colluding endorsers could have written against the
/// rules. Give it every block from genesis, in order, after their signatures were verified.
/// </summary>
public sealed class DecisionReplay
{
    /// <summary>
    /// Version of the rules that blocks are judged by. It goes up with every change that judges anything otherwise; docs/consent.md says
    /// how such a change is made, so that what was right when it was written stays right.
    /// </summary>
    public const int RulesVersion = 3;

    private readonly string chaincode;
    private readonly IReplayState state;
    private readonly AccessReplayRules accesses;
    private readonly StatementReplayRules statements;
    private readonly MemberReplayRules members;
    private readonly GovernanceReplayRules governance;
    private readonly AttestationReplayRules attestations;
    private readonly DelegateReplayRules delegates;
    private readonly VouchingReplayRules vouching;
    private readonly CredentialReplayRules credentials;
    private readonly EmergencyReplayRules emergencies;
    private readonly ErasureReplayRules erasures;
    private readonly MergeReplayRules merges;

    /// <summary>Begins before the genesis block.</summary>
    /// <param name="channel">The channel's name, which every statement must be for.</param>
    public DecisionReplay(string channel)
        : this(channel, ContractCatalog.ChaincodeName, new ReplayState())
    {
    }

    /// <summary>Begins before the block that follows on a state.</summary>
    internal DecisionReplay(string channel, string chaincode, IReplayState state)
    {
        (this.chaincode, this.state) = (chaincode, new GuardedState(state));
        var reader = new ReplayReader(this.state, channel);
        (accesses, statements, governance) = (new(reader), new(reader), new(reader));
        (erasures, merges) = (new(reader), new(reader));
        members = new(reader, governance, erasures);
        (attestations, credentials) = (new(reader), new(reader));
        (delegates, vouching) = (new(reader), new(reader));
        emergencies = new(reader);
    }

    /// <summary>True when the chaincode wrote anything so far.</summary>
    public bool HasEntries { get; private set; }

    /// <summary>Decisions recomputed so far.</summary>
    public long Decisions { get; private set; }

    /// <summary>Releases recomputed so far.</summary>
    public long Releases { get; private set; }

    /// <summary>Replays one block. Returns the first fault in it, or null; after a fault the replay must not go on.</summary>
    /// <param name="block">The block.</param>
    /// <param name="outcomes">
    /// What its transactions deserve, as found by verifying them. Not the flags in the block: nobody signs those, and a block
    /// without flags would leave everything out.
    /// </param>
    /// <param name="ct">Stops the replay.</param>
    /// <exception cref="ArgumentException">There is not one outcome for each transaction.</exception>
    /// <exception cref="FabricDataException">The block is malformed.</exception>
    public async Task<ReplayFault?> ApplyAsync(BlockView block, IReadOnlyList<TxValidationCode> outcomes, CancellationToken ct)
    {
        if (outcomes.Count != block.Transactions.Count)
            throw new ArgumentException("There must be one outcome for each transaction.", nameof(outcomes));
        foreach (var transaction in block.Transactions)
        {
            if (outcomes[transaction.Index] is not TxValidationCode.Valid || transaction.Type is not HeaderType.EndorserTransaction)
                continue;
            if (await TryApplyAsync(block.Number, transaction, ct) is { } fault)
                return fault;
        }
        return null;
    }

    // Members who collude write what they like. What no rule foresaw is a fault of that transaction like any other, never the
    // end of the program that looks at it; what fails in the state, or was cancelled, is thrown as what it is.
    private async Task<ReplayFault?> TryApplyAsync(ulong block, TransactionView transaction, CancellationToken ct)
    {
        try
        {
            return await ApplyAsync(transaction, ct) is var (kind, text)
                ? new ReplayFault(kind, block, transaction.Index, transaction.Id, text)
                : null;
        }
        catch (StateFailedException e)
        {
            e.Rethrow();
            throw;
        }
        catch (Exception e) when (e is not (FabricDataException or OperationCanceledException or OutOfMemoryException))
        {
            return new ReplayFault(ReplayFaultKind.CheckFailed, block, transaction.Index, transaction.Id,
                $"The rules cannot judge what it writes ({e.GetType().Name}).") { Cause = e };
        }
    }

    private async Task<(ReplayFaultKind Kind, string Text)?> ApplyAsync(TransactionView transaction, CancellationToken ct)
    {
        var sets = transaction.Endorsed.RwSets.Where(set => set.Name == chaincode).ToList();
        var writes = sets.SelectMany(set => set.Public.Writes).ToList();
        if (sets.Any(set => set.Public.MetadataWrites.Count > 0))
            return (ReplayFaultKind.EntryForged, "A key of the state was given an endorsement policy of its own.");
        if (writes.DistinctBy(write => write.Key, StringComparer.Ordinal).Count() != writes.Count)
            return (ReplayFaultKind.EntryForged, "A key of the state is written twice at once.");
        if (writes.Count == 0)
            return null;
        HasEntries = true;
        // No contract writes without a time, and rules add hours and months to it.
        if (ReplayedTransaction.TryRead(transaction, writes) is not { Time.Year: >= 1970 and < 9000 } replayed)
            return (ReplayFaultKind.EntryUnreadable, "The time of the transaction is out of range.");
        foreach (var write in writes)
        {
            if (await CheckAsync(replayed, write, ct) is { } fault)
                return fault;
        }
        if (await governance.CheckCreatorAsync(replayed, ct) is { } stranger)
            return stranger;
        // What one transaction writes is judged by the state before it: that is what its endorsers saw.
        state.Apply(writes);
        return null;
    }

    private async Task<(ReplayFaultKind Kind, string Text)?> CheckAsync(
        ReplayedTransaction transaction, KVWrite write, CancellationToken ct)
    {
        if (!LedgerKey.TryParse(write.Key, out var kind, out var parts))
            return (ReplayFaultKind.EntryUnreadable, "A key of the state is none that the contracts write.");
        try
        {
            if (await erasures.CheckNotErasedAsync(kind, parts, ct) is { } late)
                return late;
            if (write.IsDelete)
            {
                return kind is LedgerKind.OpenReview
                    ? emergencies.CheckRemoval(transaction, parts)
                    : statements.CheckRemoval(kind, parts, transaction);
            }
            switch (kind)
            {
                case LedgerKind.Access:
                    var access = ReplayedTransaction.Read(write, LedgerJson.Default.AccessEntry);
                    Decisions += access.Decisions.Count;
                    return await accesses.CheckAccessAsync(transaction, access, parts, ct);
                case LedgerKind.Release:
                    Releases++;
                    return await accesses.CheckReleaseAsync(
                        transaction, ReplayedTransaction.Read(write, LedgerJson.Default.ReleaseEntry), parts, ct);
                case LedgerKind.Use:
                    return AccessReplayRules.CheckUse(transaction, ReplayedTransaction.Read(write, LedgerJson.Default.UseEntry), parts);
                case LedgerKind.Statement:
                    return await statements.CheckGrantAsync(
                        transaction, ReplayedTransaction.Read(write, LedgerJson.Default.StatementEntry), parts, ct);
                case LedgerKind.EndedStatement:
                    return await statements.CheckEndedAsync(
                        transaction, ReplayedTransaction.Read(write, LedgerJson.Default.EndedStatementEntry), parts, ct);
                case LedgerKind.Delegate:
                    return await delegates.CheckAsync(
                        transaction, ReplayedTransaction.Read(write, LedgerJson.Default.DelegateEntry), parts, ct);
                case LedgerKind.VouchedSigner:
                    return await vouching.CheckAsync(
                        transaction, ReplayedTransaction.Read(write, LedgerJson.Default.VouchedEntry), parts, ct);
                case LedgerKind.Confirmation:
                    return await delegates.CheckConfirmationAsync(
                        transaction, ReplayedTransaction.Read(write, LedgerJson.Default.ConfirmationEntry), parts, ct);
                case LedgerKind.Attestation:
                    return await attestations.CheckConsentAsync(
                        transaction, ReplayedTransaction.Read(write, LedgerJson.Default.AttestationEntry), parts, ct);
                case LedgerKind.Credential:
                    return await credentials.CheckAsync(
                        transaction, ReplayedTransaction.Read(write, LedgerJson.Default.CredentialEntry), parts, ct);
                case LedgerKind.Affiliation:
                    return await members.CheckAffiliationAsync(
                        transaction, ReplayedTransaction.Read(write, LedgerJson.Default.AffiliationEntry), parts, ct);
                case LedgerKind.Patient:
                    return await members.CheckPatientAsync(
                        transaction, ReplayedTransaction.Read(write, LedgerJson.Default.PatientEntry), parts, ct);
                case LedgerKind.Record:
                    return await members.CheckRecordAsync(
                        transaction, ReplayedTransaction.Read(write, LedgerJson.Default.RecordEntry), parts, ct);
                case LedgerKind.Supersession:
                    return await members.CheckSupersessionAsync(
                        transaction, ReplayedTransaction.Read(write, LedgerJson.Default.SupersessionEntry), parts, ct);
                case LedgerKind.Organization:
                    return await members.CheckMemberAsync(
                        transaction, ReplayedTransaction.Read(write, LedgerJson.Default.OrganizationEntry), parts, ct);
                case LedgerKind.Mismatch:
                    return await accesses.CheckMismatchAsync(
                        transaction, ReplayedTransaction.Read(write, LedgerJson.Default.MismatchEntry), parts, ct);
                case LedgerKind.Merge:
                    return await merges.CheckAsync(
                        transaction, ReplayedTransaction.Read(write, LedgerJson.Default.MergeEntry), parts, ct);
                case LedgerKind.MergedInto:
                    return await merges.CheckLinkAsync(
                        transaction, ReplayedTransaction.Read(write, LedgerJson.Default.MergedIntoEntry), parts, ct);
                case LedgerKind.ErasureReport:
                    return await erasures.CheckReportAsync(
                        transaction, ReplayedTransaction.Read(write, LedgerJson.Default.ErasureReportEntry), parts, ct);
                case LedgerKind.StaffKey:
                    return await emergencies.CheckStaffKeyAsync(
                        transaction, ReplayedTransaction.Read(write, LedgerJson.Default.StaffKeyEntry), parts, ct);
                case LedgerKind.Emergency:
                    return await emergencies.CheckEmergencyAsync(
                        transaction, ReplayedTransaction.Read(write, LedgerJson.Default.EmergencyEntry), parts, ct);
                case LedgerKind.EmergencyReview:
                    return await emergencies.CheckReviewAsync(
                        transaction, ReplayedTransaction.Read(write, LedgerJson.Default.ReviewEntry), parts, ct);
                case LedgerKind.OpenReview:
                    return emergencies.CheckOpenReview(
                        transaction, ReplayedTransaction.Read(write, LedgerJson.Default.OpenReviewEntry), parts);
                case LedgerKind.Proposal:
                    return await governance.CheckProposalAsync(
                        transaction, ReplayedTransaction.Read(write, LedgerJson.Default.ProposalEntry), parts, ct);
                case LedgerKind.Vote:
                    return await governance.CheckVoteAsync(
                        transaction, ReplayedTransaction.Read(write, LedgerJson.Default.VoteEntry), parts, ct);
                default:
                    return await members.CheckSettingsAsync(
                        transaction, ReplayedTransaction.Read(write, LedgerJson.Default.ChannelSettings), ct);
            }
        }
        // A key cannot be made of every text that JSON can hold; the contracts write no such text.
        catch (Exception e) when (e is JsonException or ContractException)
        {
            return (ReplayFaultKind.EntryUnreadable, $"An entry of kind {kind} is not what the contracts write.");
        }
    }
}
