using System.Text.Json.Serialization;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Auth;
using HealthShare.Node.Auth.People;
using HealthShare.Node.Auth.Sessions;
using HealthShare.Node.Hosting;
using HealthShare.Node.Ledger;
using HealthShare.Node.Problems;
using HealthShare.Node.ReadModel;
using HealthShare.Policy.Ids;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Organizations;

/// <summary>A staff key as it is registered.</summary>
/// <param name="StaffId">Random id of the person; the same for all keys of one person.</param>
/// <param name="Role">The person's role, such as <c>physician</c>.</param>
/// <param name="Credential">The passkey, with its relying party and origins.</param>
public sealed record NewStaffKey(string StaffId, string Role, Credential Credential);

/// <summary>A page of the keys of this hospital's staff.</summary>
/// <param name="Keys">Those registered first come first, revoked ones included.</param>
/// <param name="Next">Cursor of the next page; null on the last.</param>
public sealed record StaffKeyPage(IReadOnlyList<StaffKeyEntry> Keys, string? Next);

/// <summary><c>/api/v1/staff-keys</c>: the keys of this hospital's staff, with which emergencies are declared.</summary>
internal static class StaffKeyEndpoints
{
    private static readonly ApiProblem Ended = new(StatusCodes.Status409Conflict, "staff_key.ended", "The node would revoke that key at once.",
        "Its person was disabled, or the passkey was ended: with an earlier role, a disabling, or an enrolment that was refused. Enrol another passkey.");

    public static IServiceCollection AddStaffKeys(this IServiceCollection services) => services.Configure<JsonOptions>(
        json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, StaffKeyJson.Default));

    public static void MapStaffKeys(this IEndpointRouteBuilder app)
    {
        if (app.ServiceProvider.GetRequiredService<IOptions<NodeOptions>>().Value.Kind is NodeKind.Regulator)
            return; // treats nobody
        var group = app.MapGroup("/api/v1/staff-keys").RequirePermission(Permission.ManageStaffKeys).WithTags("Staff keys");
        group.MapGet("/", List).WithSummary("List this hospital's staff keys, revoked ones included").Paged(ListPage.UnlessTold, ListPage.Most);
        group.MapPost("/", Register).RequireStepUp().WithSummary("Register a staff key on the channel (COSE key, base64url)")
            .ProducesProblem(400).ProducesProblem(409).ProducesProblem(422).ProducesProblem(503);
        group.MapPost("/{credentialId}/revocation", Revoke).RequireStepUp().WithSummary("Revoke a staff key for ever; emergency sessions that rest on it are over")
            .ProducesProblem(404).ProducesProblem(503);
    }

    private static async Task<Ok<StaffKeyPage>> List(
        string? cursor, int? limit, Replica replica, ILedger ledger, CursorSeal seal, CancellationToken ct)
    {
        var keys = await replica.ListAsync(LedgerKind.StaffKey, [ledger.MspId], LedgerJson.Default.StaffKeyEntry, ct);
        var (page, next) = seal.PageOf("staff-keys", keys, key => (key.RegisteredAt.UtcTicks, key.Credential.CredentialId), cursor, limit);
        return TypedResults.Ok(new StaffKeyPage(page, next));
    }

    private static async Task<Created<StaffKeyEntry>> Register(
        NewStaffKey key, StaffDirectory staff, LedgerService ledger, CatchUp catchUp, CancellationToken ct)
    {
        var (ended, _, disabled) = await staff.EndedAsync(ct);
        if (ended.Contains(key.Credential.CredentialId) || disabled.Contains(key.StaffId))
            throw new ApiProblemException(Ended);
        var commit = await ledger.SubmitAsync(LedgerTransactions.RegisterStaffKey, new RegisterStaffKey(key.StaffId, key.Role, key.Credential),
            LedgerJson.Default.RegisterStaffKey, LedgerJson.Default.StaffKeyEntry, ct);
        await catchUp.ToAsync(commit.Block, ct);
        return TypedResults.Created("/api/v1/staff-keys", commit.Result);
    }

    private static async Task<Results<Ok<StaffKeyEntry>, ProblemHttpResult>> Revoke(
        string credentialId, LedgerService ledger, Replica replica, CatchUp catchUp, CancellationToken ct)
    {
        if (!LedgerCode.IsCredentialId(credentialId) || await replica.GetAsync(LedgerKey.StaffKey(ledger.MspId, credentialId), ct) is null)
            return ApiProblem.NotAvailable.ToResult();
        var commit = await ledger.SubmitAsync(LedgerTransactions.RevokeStaffKey, new RevokeStaffKey(credentialId),
            LedgerJson.Default.RevokeStaffKey, LedgerJson.Default.StaffKeyEntry, ct);
        await catchUp.ToAsync(commit.Block, ct);
        return TypedResults.Ok(commit.Result);
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(NewStaffKey))]
[JsonSerializable(typeof(StaffKeyEntry))]
[JsonSerializable(typeof(StaffKeyPage))]
internal sealed partial class StaffKeyJson : JsonSerializerContext;
