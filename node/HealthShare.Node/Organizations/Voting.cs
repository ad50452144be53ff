using System.Text.Json;
using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Client;
using HealthShare.Node.Cli;
using HealthShare.Node.Ledger;
using HealthShare.Policy.Ids;

namespace HealthShare.Node.Organizations;

/// <summary>Proposes and votes as this member, and says what is proposed.</summary>
/// <param name="services">Of a node that is put together and need not run.</param>
/// <param name="output">Where results go.</param>
/// <param name="error">Where complaints go.</param>
/// <param name="json">Print JSON instead of lines.</param>
internal sealed class Voting(IServiceProvider services, TextWriter output, TextWriter error, bool json)
{
    private readonly LedgerService ledger = services.GetRequiredService<LedgerService>();

    /// <summary>Proposes a change.</summary>
    /// <returns>The exit status.</returns>
    public Task<int> ProposeAsync(GovernanceChange change, CancellationToken ct) => AnsweringAsync(async () =>
        await PrintAsync((await ledger.SubmitAsync(LedgerTransactions.ProposeChange, new ProposeChange(LedgerId.New(IdKind.Proposal), change),
            LedgerJson.Default.ProposeChange, LedgerJson.Default.ProposalEntry, ct)).Result));

    /// <summary>Votes for a proposal.</summary>
    /// <returns>The exit status.</returns>
    public Task<int> ApproveAsync(string proposalId, CancellationToken ct) => AnsweringAsync(async () =>
        await PrintAsync((await ledger.SubmitAsync(LedgerTransactions.ApproveChange, new ApproveChange(proposalId),
            LedgerJson.Default.ApproveChange, LedgerJson.Default.ProposalEntry, ct)).Result));

    /// <summary>Prints every proposal with its votes.</summary>
    /// <returns>The exit status.</returns>
    public Task<int> ListAsync(CancellationToken ct) => AnsweringAsync(async () =>
    {
        var list = await ledger.EvaluateAsync(LedgerTransactions.ListProposals, LedgerJson.Default.ProposalList, ct);
        if (json)
        {
            await output.WriteLineAsync(JsonSerializer.Serialize(list, LedgerJson.Default.ProposalList));
            return;
        }
        foreach (var view in list.Proposals.OrderBy(view => view.Proposal.ProposedAt))
            await output.WriteLineAsync($"{Describe(view.Proposal)} Votes: {string.Join(", ", view.Votes.Select(vote => vote.Member))}.");
    });

    private Task PrintAsync(ProposalEntry proposal) => output.WriteLineAsync(
        json ? JsonSerializer.Serialize(proposal, LedgerJson.Default.ProposalEntry) : Describe(proposal));

    private static string Describe(ProposalEntry proposal)
    {
        var what = proposal.Change switch
        {
            { Admit: { } member } => $"admit {member.MspId} ({member.Kind}, {member.Name}, sealing key {member.SealingKey.KeyId})",
            { Kind: { } kind } => $"make {kind.MspId} a {kind.Kind}",
            { Suspend: { } mspId } => $"suspend {mspId}",
            { Reinstate: { } mspId } => $"reinstate {mspId}",
            { Settings: { } settings } => $"settings {JsonSerializer.Serialize(settings, LedgerJson.Default.ChannelSettings)}",
            _ => "?",
        };
        var state = proposal.AppliedAt is { } at ? $"holds since {LedgerTime.Format(at)}" : "waits for votes";
        return $"{proposal.ProposalId}, {LedgerTime.Format(proposal.ProposedAt)}, by {proposal.ProposedBy}: {what}; {state}.";
    }

    private async Task<int> AnsweringAsync(Func<Task> work)
    {
        try
        {
            await work();
            return NodeCommandLine.Success;
        }
        catch (LedgerException e)
        {
            await error.WriteLineAsync($"{e.Code}: {e.Message}");
            return NodeCommandLine.Failure;
        }
    }
}
