using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Auth.People;
using HealthShare.Node.Auth.Sessions;
using HealthShare.Node.Hosting.Idempotency;
using HealthShare.Node.Problems;
using HealthShare.Node.ReadModel;
using HealthShare.Policy.Ids;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Auth.Enrolment;

/// <summary>Somebody to invite.</summary>
/// <param name="Role">What the person is; any but <c>system</c>.</param>
/// <param name="DisplayName">Name for people, 1 to 100 characters.</param>
/// <param name="StaffId">
/// Random id under which the ledger knows this member of staff: the known one for a colleague who lost a passkey or takes a second one,
/// null for somebody new.
/// </param>
/// <param name="PatientId">The patient's id on the channel, for patients and their delegates.</param>
/// <param name="DelegateId">The delegate's id on the channel, <c>dg-…</c>, for delegates.</param>
public sealed record NewInvitation(Role Role, string DisplayName, string? StaffId = null, string? PatientId = null, string? DelegateId = null);

/// <summary>A new invitation.</summary>
/// <param name="Id">Id, for withdrawing it.</param>
/// <param name="Link">The one-time link, to hand over in person or as a QR code. It is shown once and kept nowhere.</param>
/// <param name="ExpiresAt">When it is over.</param>
/// <param name="StaffId">The id of a new member of staff.</param>
public sealed record CreatedInvitation(string Id, string Link, DateTimeOffset ExpiresAt, string? StaffId = null);

/// <summary>An invitation without its link.</summary>
/// <param name="Id">Id, for withdrawing it.</param>
/// <param name="Role">What the person is.</param>
/// <param name="DisplayName">Name for people.</param>
/// <param name="StaffId">Random id of a member of staff.</param>
/// <param name="PatientId">The patient's id on the channel.</param>
/// <param name="DelegateId">The delegate's id on the channel.</param>
/// <param name="CreatedBy">Who made it.</param>
/// <param name="CreatedAt">When.</param>
/// <param name="ExpiresAt">When it is over if nobody used it.</param>
/// <param name="UsedAt">When it was used.</param>
public sealed record InvitationView(
    string Id, Role Role, string DisplayName, string? StaffId, string? PatientId, string? DelegateId, string CreatedBy, DateTimeOffset CreatedAt,
    DateTimeOffset ExpiresAt, DateTimeOffset? UsedAt);

/// <summary>A page of invitations.</summary>
/// <param name="Items">Newest first; those of the roles that the caller may invite.</param>
/// <param name="Next">Cursor of the next page; null on the last.</param>
public sealed record InvitationPage(IReadOnlyList<InvitationView> Items, string? Next);

/// <summary><c>/api/v1/invitations</c>.</summary>
internal static class InvitationEndpoints
{
    private const int LongestName = 100, LongestId = 64;

    public static void MapInvitations(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/v1/invitations").WithTags("Enrolment").RequirePermission(Permission.Invite);
        group.MapPost("/", Create).RequireStepUp().WithSummary("Invite a colleague or a patient to enrol a passkey by a one-time link")
            .ProducesProblem(400).ProducesProblem(403).ProducesProblem(404);
        group.MapGet("/", List).WithSummary("List invitations, newest first").Paged(ListPage.UnlessTold, ListPage.Most);
        group.MapDelete("/{invitationId}", Withdraw).WithSummary("Withdraw an invitation that nobody has used").ProducesProblem(404);
    }

    private static async Task<Created<CreatedInvitation>> Create(
        NewInvitation request, Caller caller, RequestIds ids, InvitationStore invitations, PersonStore people, Replica replica, NodeOrigin origin,
        IOptions<SignInOptions> options, CancellationToken ct)
    {
        if (!Permissions.MayInvite(caller.Role, request.Role))
            throw new ApiProblemException(ApiProblem.Forbidden);
        var id = ids.Hex("invitation");
        RequestIds.CheckNotMade(await invitations.IsKnownAsync(id, ct));
        var asked = PersonOf(request, ids);
        if (asked.PatientId is { } patientId && (!LedgerId.IsValid(IdKind.Patient, patientId)
            || await replica.GetAsync(LedgerKey.Patient(patientId), LedgerJson.Default.PatientEntry, ct) is not { IsErased: false }))
            throw new ApiProblemException(ApiProblem.NotAvailable);
        // One person has one id, also while an earlier link is being used at this moment.
        var known = (await people.FindBySubjectAsync(asked.Subject, ct))?.Id ?? await invitations.PersonIdOfAsync(asked.Subject, ct);
        var person = asked with { Id = known ?? asked.Id };
        var goodFor = person.PatientId is null ? options.Value.StaffInvitationFor : options.Value.PatientInvitationFor;
        var (invitation, token) = await invitations.AddAsync(id, person, caller.Name, caller.StaffId, goodFor, ct);
        // In the fragment: browsers send it to nobody, so no log and no proxy sees it.
        return TypedResults.Created($"/api/v1/invitations/{invitation.Id}",
            new CreatedInvitation(invitation.Id, $"{origin.Value}/enrol#{token}", invitation.ExpiresAt, person.StaffId));
    }

    private static async Task<Ok<InvitationPage>> List(
        string? cursor, int? limit, Caller caller, InvitationStore invitations, CursorSeal seal, CancellationToken ct)
    {
        var list = $"invitations {caller.Role}";
        var roles = Enum.GetValues<Role>().Where(role => Permissions.MayInvite(caller.Role, role));
        var (page, next) = await invitations.ListAsync(roles, seal.OpenCursor(list, cursor), limit ?? ListPage.UnlessTold, ct);
        return TypedResults.Ok(new InvitationPage([.. page.Select(invitation => new InvitationView(
            invitation.Id, invitation.Person.Role, invitation.Person.Name, invitation.Person.StaffId, invitation.Person.PatientId,
            invitation.Person.DelegateId, invitation.CreatedBy, invitation.CreatedAt, invitation.ExpiresAt, invitation.UsedAt))], seal.SealCursor(list, next)));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Withdraw(
        string invitationId, Caller caller, InvitationStore invitations, CancellationToken ct) =>
        await invitations.FindAsync(invitationId, ct) is { } invitation && Permissions.MayInvite(caller.Role, invitation.Person.Role)
        && await invitations.WithdrawAsync(invitationId, ct)
            ? TypedResults.NoContent()
            : ApiProblem.NotAvailable.ToResult();

    private static Person PersonOf(NewInvitation request, RequestIds ids)
    {
        var name = request.DisplayName.Trim();
        if (name.Length is 0 or > LongestName || !VisibleText.IsName(name))
            throw Invalid($"displayName has 1 to {LongestName} characters, a letter among them and none that is hidden.");
        if (!Permissions.IsStaff(request.Role))
        {
            if (request.PatientId is null || request.StaffId is not null)
                throw Invalid("A patient or a delegate is invited with patientId, and without staffId.");
            if (request.Role is Role.Delegate ? !LedgerId.IsValid(IdKind.Delegate, request.DelegateId) : request.DelegateId is not null)
                throw Invalid("A delegate, and nobody else, is invited with delegateId, an id of the channel, dg-….");
            return new Person(Person.NewId(), request.Role, name, null, request.PatientId, request.DelegateId);
        }
        if (request.PatientId is not null || request.DelegateId is not null)
            throw Invalid("Staff are invited without patientId and delegateId.");
        if (request.StaffId is { } staff && (staff.Length is 0 or > LongestId || !staff.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')))
            throw Invalid($"staffId has 1 to {LongestId} letters, digits, '-' and '_'.");
        return new Person(Person.NewId(), request.Role, name, request.StaffId ?? $"sf-{ids.Hex("staff")}", null, null);
    }

    private static ApiProblemException Invalid(string detail) => new(ApiProblem.Invalid(detail));
}
