using System.Text.Json.Serialization;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Auth.Sessions;
using HealthShare.Node.Problems;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Json;

namespace HealthShare.Node.Auth.People;

/// <summary>Somebody who works at this member.</summary>
/// <param name="Id">Id of the person at this node.</param>
/// <param name="Role">What the person is.</param>
/// <param name="DisplayName">Name for people.</param>
/// <param name="StaffId">Random id under which the ledger knows the person.</param>
/// <param name="EnrolledAt">When the first passkey was enrolled.</param>
/// <param name="LastUsedAt">When a passkey was used last; null for never since it was enrolled.</param>
/// <param name="Passkeys">Passkeys that sign the person in.</param>
/// <param name="Sessions">Sessions that are open.</param>
/// <param name="KeysInForce">Keys on the channel that sign emergencies for the person; not 0 after a disabling: the node goes on revoking them.</param>
/// <param name="DisabledAt">When the person was disabled; null while not.</param>
/// <param name="Self">True for the caller.</param>
/// <param name="LinksWithdrawn">
/// In the answer to a disabling: how many open one-time links went with it, those that the person had made for patients or colleagues, who
/// need new ones, and one that was for the person.
/// </param>
internal sealed record StaffMember(
    string Id, Role Role, string DisplayName, string? StaffId, DateTimeOffset EnrolledAt, DateTimeOffset? LastUsedAt, int Passkeys, int Sessions,
    int KeysInForce, DateTimeOffset? DisabledAt, bool Self, int? LinksWithdrawn = null);

/// <summary>People of the staff, in the order of their enrolment.</summary>
/// <param name="Items">At most as many as asked for.</param>
/// <param name="Next">Cursor of the next page; null on the last.</param>
internal sealed record StaffPage(IReadOnlyList<StaffMember> Items, string? Next);

/// <summary><c>/api/v1/staff</c>: who signs in here and works at this member.</summary>
internal static partial class StaffEndpoints
{
    private const string Name = "staff";
    private const int DefaultLimit = 50, MaxLimit = 200;

    private static readonly ApiProblem Self = new(StatusCodes.Status409Conflict, "staff.self",
        "Nobody disables oneself: ask another IT administrator.");

    public static IServiceCollection AddStaff(this IServiceCollection services) => services.AddSingleton<StaffDirectory>().AddSingleton<EndedStaffKeys>().AddHostedService<EndedStaffKeyWorker>()
        .Configure<JsonOptions>(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, StaffJson.Default));

    public static void MapStaff(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/v1/staff").WithTags("Staff").RequirePermission(Permission.ManageStaff);
        group.MapGet("/", List).WithSummary("List the people who enrolled here to work at this member, disabled ones included")
            .WithDescription($"At most {MaxLimit} a page, {DefaultLimit} unless told.").Paged(DefaultLimit, MaxLimit);
        group.MapPost("/{personId}/disabling", Disable).RequireStepUp()
            .WithSummary("Disable somebody at once: sessions end, passkeys and open links go, keys on the channel are revoked")
            .WithDescription("What this node keeps is done first, whatever becomes of the channel; `keysInForce` says what still stands there, and the "
                + "node goes on with it every minute. `linksWithdrawn` counts the open links that went: for whom the person had made one, somebody else makes "
                + "a new one. Access tokens that name the staffId are refused here from now on. A new invitation with the same staffId lets the person in again, with a new passkey.")
            .ProducesProblem(404).ProducesProblem(409);
    }

    private static async Task<Ok<StaffPage>> List(
        string? cursor, int? limit, Caller caller, StaffDirectory staff, EndedStaffKeys keys, CursorSeal seal, CancellationToken ct)
    {
        var (people, next) = await staff.ListAsync(seal.OpenCursor(Name, cursor), limit ?? DefaultLimit, ct);
        var inForce = await keys.InForceAsync(ct);
        return TypedResults.Ok(new StaffPage([.. people.Select(person => MemberOf(person, caller, inForce))], seal.SealCursor(Name, next)));
    }

    private static async Task<Results<Ok<StaffMember>, ProblemHttpResult>> Disable(
        string personId, Caller caller, StaffDirectory staff, EndedStaffKeys keys, ILogger<StaffDirectory> logger, CancellationToken ct)
    {
        if (personId == caller.Name)
            return Self.ToResult();
        if (await staff.FindAsync(personId, ct) is not { } known)
            return ApiProblem.NotAvailable.ToResult();
        if (known.Person.StaffId is { } own && own == caller.StaffId)
            return Self.ToResult(); // by a token of one's own
        var credentials = (await keys.InForceAsync(ct))[known.Person.StaffId ?? ""].Select(key => key.Credential.CredentialId).ToList();
        if (await staff.DisableAsync(personId, caller.Name, credentials, ct) is not { } links || await staff.FindAsync(personId, ct) is not { } person)
            return ApiProblem.NotAvailable.ToResult();
        LogDisabled(logger, personId, caller.Name);
        await keys.RevokeAsync(ct);
        return TypedResults.Ok(MemberOf(person, caller, await keys.InForceAsync(ct)) with { LinksWithdrawn = links });
    }

    private static StaffMember MemberOf(StaffPerson one, Caller caller, ILookup<string, StaffKeyEntry> keys) => new(
        one.Person.Id, one.Person.Role, one.Person.Name, one.Person.StaffId, one.EnrolledAt, one.LastUsedAt, one.Passkeys, one.Sessions,
        keys[one.Person.StaffId ?? ""].Count(), one.DisabledAt, one.Person.Id == caller.Name);

    [LoggerMessage(3313, LogLevel.Warning, "{Person} was disabled by {Administrator}.")]
    private static partial void LogDisabled(ILogger logger, string person, string administrator);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(StaffPage))]
[JsonSerializable(typeof(StaffMember))]
internal sealed partial class StaffJson : JsonSerializerContext;
