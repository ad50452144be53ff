using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Auth;
using HealthShare.Node.Auth.Sessions;
using HealthShare.Node.Ledger;
using HealthShare.Node.Problems;
using HealthShare.Node.ReadModel;
using HealthShare.Policy.Ids;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace HealthShare.Node.Organizations;

/// <summary>A member of the channel.</summary>
/// <param name="MspId">MSP id.</param>
/// <param name="Name">Name for people.</param>
/// <param name="Kind">Hospital or regulator.</param>
/// <param name="SealingKeyId">Id of the key that others seal to.</param>
/// <param name="SuspendedAt">Since when it is suspended; null for an active member.</param>
public sealed record Organization(string MspId, string Name, OrganizationKind Kind, string SealingKeyId, DateTimeOffset? SuspendedAt);

/// <summary>The members and the channel's settings.</summary>
/// <param name="Channel">Name of the channel.</param>
/// <param name="Organizations">Ordered by MSP id.</param>
/// <param name="Settings">Settings; null before the channel is founded.</param>
public sealed record OrganizationList(string Channel, IReadOnlyList<Organization> Organizations, ChannelSettings? Settings);

/// <summary>A page of what members proposed, newest first.</summary>
/// <param name="Proposals">The proposals with their votes.</param>
/// <param name="Next">Cursor of the next page; null on the last.</param>
public sealed record ProposalPage(IReadOnlyList<ProposalView> Proposals, string? Next);

/// <summary>
/// <c>/api/v1/organizations</c>: who the members are, for everybody; proposals about them and this member's votes, for those who run
/// the node.
/// </summary>
internal static class OrganizationEndpoints
{
    private const int LongestKey = 200;

    public static IServiceCollection AddOrganizations(this IServiceCollection services) =>
        services.Configure<JsonOptions>(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, OrganizationJson.Default));

    public static void MapOrganizations(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/v1/organizations").WithTags("Organizations");
        group.MapGet("/", List).RequirePermission(Permission.SeeOrganizations).WithSummary("List the members of the channel and its settings");
        group.MapGet("/proposals", Proposals).RequirePermission(Permission.SeeOrganizations)
            .WithSummary("List what members proposed and who voted for it, newest first").Paged(ListPage.UnlessTold, ListPage.Most);
        group.MapPost("/proposals", Propose).RequirePermission(Permission.VoteOnOrganizations).RequireStepUp()
            .WithSummary("Propose a new member, a change of kind, a suspension or its end, or other settings")
            .WithDescription("Proposing is this member's vote. With the votes of more than half of the active members it holds from the next block on. "
                + "With the header Idempotency-Key a repetition has no second effect.")
            .ProducesProblem(400).ProducesProblem(422).ProducesProblem(503);
        group.MapPost("/proposals/{proposalId}/votes", Vote).RequirePermission(Permission.VoteOnOrganizations).RequireStepUp()
            .WithSummary("Cast this member's vote for a proposal").ProducesProblem(404).ProducesProblem(422).ProducesProblem(503);
    }

    private static async Task<Ok<OrganizationList>> List(Replica replica, ILedger ledger, CancellationToken ct) => TypedResults.Ok(new OrganizationList(
        ledger.Channel,
        [
            .. (await replica.ListAsync(LedgerKind.Organization, [], LedgerJson.Default.OrganizationEntry, ct))
                .Select(member => new Organization(member.MspId, member.Name, member.Kind, member.SealingKey.KeyId, member.SuspendedAt)),
        ],
        await replica.GetAsync(LedgerKey.Settings, LedgerJson.Default.ChannelSettings, ct)));

    private static async Task<Ok<ProposalPage>> Proposals(string? cursor, int? limit, Replica replica, CursorSeal seal, CancellationToken ct)
    {
        var votes = (await replica.ListAsync(LedgerKind.Vote, [], LedgerJson.Default.VoteEntry, ct)).ToLookup(vote => vote.ProposalId);
        var proposals = await replica.ListAsync(LedgerKind.Proposal, [], LedgerJson.Default.ProposalEntry, ct);
        var (page, next) = seal.PageOf("proposals", proposals, proposal => (-proposal.ProposedAt.UtcTicks, proposal.ProposalId), cursor, limit);
        return TypedResults.Ok(new ProposalPage([.. page.Select(proposal => new ProposalView(proposal, [.. votes[proposal.ProposalId]]))], next));
    }

    private static async Task<Created<ProposalEntry>> Propose(
        GovernanceChange change, [FromHeader(Name = "Idempotency-Key")] string? idempotencyKey, LedgerService ledger, CatchUp catchUp, CancellationToken ct)
    {
        var commit = await ledger.SubmitAsync(LedgerTransactions.ProposeChange, new ProposeChange(IdOf(ledger.MspId, idempotencyKey), change),
            LedgerJson.Default.ProposeChange, LedgerJson.Default.ProposalEntry, ct);
        await catchUp.ToAsync(commit.Block, ct);
        return TypedResults.Created($"/api/v1/organizations/proposals/{commit.Result.ProposalId}", commit.Result);
    }

    // The same key names the same proposal, and the contract takes a repetition of it for the same act.
    private static string IdOf(string mspId, string? key)
    {
        if (key is null)
            return LedgerId.New(IdKind.Proposal);
        if (key.Length is 0 or > LongestKey)
            throw new ApiProblemException(ApiProblem.Invalid($"The header Idempotency-Key takes 1 to {LongestKey} characters."));
        return LedgerId.From(IdKind.Proposal, SHA256.HashData(Encoding.UTF8.GetBytes($"{mspId}\n{key}")).AsSpan(0, 16));
    }

    private static async Task<Results<Ok<ProposalEntry>, ProblemHttpResult>> Vote(
        string proposalId, LedgerService ledger, CatchUp catchUp, CancellationToken ct)
    {
        if (!LedgerId.IsValid(IdKind.Proposal, proposalId))
            return ApiProblem.NotAvailable.ToResult();
        var commit = await ledger.SubmitAsync(LedgerTransactions.ApproveChange, new ApproveChange(proposalId),
            LedgerJson.Default.ApproveChange, LedgerJson.Default.ProposalEntry, ct);
        await catchUp.ToAsync(commit.Block, ct);
        return TypedResults.Ok(commit.Result);
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(OrganizationList))]
[JsonSerializable(typeof(GovernanceChange))]
[JsonSerializable(typeof(ProposalEntry))]
[JsonSerializable(typeof(ProposalPage))]
internal sealed partial class OrganizationJson : JsonSerializerContext;
