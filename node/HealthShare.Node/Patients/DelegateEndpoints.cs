using System.Buffers.Text;
using System.Collections.Immutable;
using System.Text.Json;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Auth;
using HealthShare.Node.Consents;
using HealthShare.Node.Problems;
using HealthShare.Node.ReadModel;
using HealthShare.Policy;
using HealthShare.Policy.Statements;
using Microsoft.AspNetCore.Http.HttpResults;

namespace HealthShare.Node.Patients;

/// <summary>A person who signs for a patient.</summary>
/// <param name="Id">Id, <c>dg-…</c>.</param>
/// <param name="Status"><c>active</c>, <c>ended</c> or <c>revoked</c>.</param>
/// <param name="Credentials">Ids of the delegate's own credentials.</param>
/// <param name="Scope">What may be signed, as it was appointed: <c>statements</c> and <c>limit</c>.</param>
/// <param name="End">First instant without the power, unless it is renewed.</param>
/// <param name="AppointedAt">When the channel took the latest appointment up.</param>
/// <param name="RelayedBy">MSP id of the member that brought it.</param>
/// <param name="AppointedBy">The patient's credential that signed it.</param>
/// <param name="StatementId">Id of that statement.</param>
/// <param name="RevokedBy">Id of the revocation; null while there is none.</param>
/// <param name="RevokedAt">When the channel took the revocation up.</param>
/// <param name="CommittedBy">In the answer to a revocation: MSP ids of members whose peers have committed it. Two make it done.</param>
public sealed record PatientDelegate(
    string Id, string Status, IReadOnlyList<string> Credentials, JsonElement Scope, DateTimeOffset End, DateTimeOffset AppointedAt,
    string RelayedBy, string AppointedBy, string StatementId, string? RevokedBy, DateTimeOffset? RevokedAt,
    IReadOnlyList<string>? CommittedBy = null);

/// <summary>The delegates of a patient.</summary>
/// <param name="Delegates">Newest appointment first, those whose power is over included.</param>
/// <param name="Next">Cursor of the next page; null on the last.</param>
public sealed record PatientDelegates(IReadOnlyList<PatientDelegate> Delegates, string? Next);

/// <summary>Permits that the patient confirmed.</summary>
/// <param name="StatementId">Id of the signed confirmation.</param>
/// <param name="Consents">Ids of the permits.</param>
public sealed record Confirmed(string StatementId, IReadOnlyList<string> Consents);

/// <summary><c>/api/v1/patients/{patientId}/delegates</c>, and the patient's confirmation of what delegates permitted.</summary>
internal static class DelegateEndpoints
{
    public static void MapDelegates(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/v1/patients/{patientId}").WithTags("Patients").ProducesProblem(404);
        group.MapGet("/delegates", List).RequirePermission(Permission.SeeConsents).WithSummary("List who signs, and who signed, for a patient").Paged(ListPage.UnlessTold, ListPage.Most);
        group.MapGet("/delegates/own", Own).RequirePermission(Permission.RelayStatements)
            .WithSummary("For whom the patient appointed: what this person may sign, and until when");
        group.MapPost("/delegates", Appoint).RequirePermission(Permission.RelayStatements)
            .WithSummary("Bring the signed appointment of a delegate, or its renewal, to the channel").ProducesProblem(422).ProducesProblem(503);
        group.MapPost("/delegates/{delegateId}/revocation", Revoke).RequirePermission(Permission.RelayStatements)
            .WithSummary("Bring the signed revocation of a delegate to the channel").WithDescription(RevocationRelay.Description).ProducesProblem(422).ProducesProblem(503);
        group.MapGet("/consents/confirmations", Unconfirmed).RequirePermission(Permission.RelayStatements)
            .WithSummary("For the patient or a guardian: permits that others signed and that wait for this person's confirmation");
        group.MapPost("/consents/confirmations", Confirm).RequirePermission(Permission.RelayStatements)
            .WithSummary("Bring the patient's signed confirmation of a delegate's permits to the channel").ProducesProblem(422).ProducesProblem(503);
    }

    private static async Task<Results<Ok<PatientDelegates>, ProblemHttpResult>> List(
        string patientId, string? cursor, int? limit, Caller caller, Replica replica, CursorSeal seal, TimeProvider clock, CancellationToken ct)
    {
        if (!await replica.HasPatientForAsync(caller, patientId, ct))
            return ApiProblem.NotAvailable.ToResult();
        var entries = await replica.ListAsync(LedgerKind.Delegate, [patientId], LedgerJson.Default.DelegateEntry, ct);
        var (page, next) = seal.PageOf($"delegates {patientId}", entries, entry => (-entry.AppointedAt.UtcTicks, entry.DelegateId), cursor, limit);
        var now = clock.GetUtcNow();
        return TypedResults.Ok(new PatientDelegates([.. page.Select(entry => ViewOf(entry, now))], next));
    }

    private static async Task<Results<Ok<PatientDelegate>, ProblemHttpResult>> Own(
        string patientId, Caller caller, Replica replica, TimeProvider clock, PatientReader patients, CancellationToken ct) =>
        caller.DelegateId is { } delegateId && await patients.StandsForAsync(caller, patientId, ct)
        && await replica.GetAsync(LedgerKey.Delegate(patientId, delegateId), LedgerJson.Default.DelegateEntry, ct) is { } entry
            ? TypedResults.Ok(ViewOf(entry, clock.GetUtcNow()))
            : ApiProblem.NotAvailable.ToResult();

    private static async Task<Created<PatientDelegate>> Appoint(
        string patientId, SignedStatement signed, Caller caller, StatementRelay relay, Replica replica, TimeProvider clock, CancellationToken ct)
    {
        var statement = StatementRelay.Check(caller, patientId, signed, static body =>
        {
            if (body is not AppointDelegateBody)
                throw new PolicyException("statement.wrong_type", "The statement appoints no delegate.");
        });
        await CheckLimitAsync(replica, patientId, ((AppointDelegateBody)statement.Body).Scope.Limit, ct);
        var entry = await relay.RelayAsync(
            caller, patientId, signed, LedgerTransactions.AppointDelegate, LedgerJson.Default.DelegateEntry, static _ => { }, ct);
        return TypedResults.Created($"/api/v1/patients/{patientId}/delegates", ViewOf(entry, clock.GetUtcNow()));
    }

    private static async Task<Results<Ok<PatientDelegate>, Accepted<PatientDelegate>>> Revoke(
        string patientId, string delegateId, SignedStatement signed, Caller caller, RepeatedRevocations revocations, TimeProvider clock,
        CancellationToken ct)
    {
        StatementRelay.Check(caller, patientId, signed, body =>
        {
            if (body is not RevokeDelegateBody revocation || revocation.Delegate != delegateId)
                throw new PolicyException("statement.wrong_target", "The statement does not revoke the delegate in the address.");
        });
        var revoked = await revocations.SubmitAsync(LedgerTransactions.RevokeDelegate, signed, LedgerJson.Default.DelegateEntry,
            new("delegate.revoked", LedgerKey.Delegate(patientId, delegateId),
                static (entry, _) => Task.FromResult<bool?>(entry.RevokedBy is not null ? true : null)), ct);
        return revoked.Answer(ViewOf(revoked.Result, clock.GetUtcNow()) with { CommittedBy = revoked.CommittedBy });
    }

    // Who was appointed confirms nothing, and to the hospital's people the list of consents says it all.
    private static async Task<Results<Ok<UnconfirmedPermits>, ProblemHttpResult>> Unconfirmed(
        string patientId, Caller caller, Replica replica, ConsentReader consents, PatientReader patients, CancellationToken ct) =>
        caller.IsPatientSide && await patients.StandsForAsync(caller, patientId, ct)
        && (caller.DelegateId is null || await DelegatePower.FindAsync(replica, patientId, caller.DelegateId, ct) is { Vouched: not null })
            ? TypedResults.Ok(new UnconfirmedPermits(await consents.UnconfirmedAsync(patientId, caller.DelegateId, ct)))
            : ApiProblem.NotAvailable.ToResult();

    private static async Task<Created<Confirmed>> Confirm(
        string patientId, SignedStatement signed, Caller caller, StatementRelay relay, CancellationToken ct)
    {
        IReadOnlyList<string> permits = [];
        var kept = await relay.RelayAsync(caller, patientId, signed, LedgerTransactions.Confirm, LedgerJson.Default.EndedStatementEntry,
            body => permits = body is ConfirmBody confirmation
                ? confirmation.Statements
                : throw new PolicyException("statement.wrong_type", "The statement confirms nothing."), ct);
        return TypedResults.Created($"/api/v1/patients/{patientId}/consents", new Confirmed(kept.StatementId, permits));
    }

    // Within a limit that names nobody there is nothing to permit now, and something once somebody of that name comes. The channel takes it.
    private static async Task CheckLimitAsync(Replica replica, string patientId, ImmutableArray<Provision> limit, CancellationToken ct)
    {
        const string path = "statement.body.scope.limit";
        if (limit.IsDefault)
            return;
        NamedRoles.Check(limit, path);
        if (await NamedInGrant.RefusalAsync(replica, patientId, limit, path, ct) is var (code, text))
            throw new PolicyException(code, text);
    }

    private static PatientDelegate ViewOf(DelegateEntry entry, DateTimeOffset now)
    {
        var statement = SignedStatementReader.Read(entry.Appointment);
        var body = (AppointDelegateBody)statement.Body;
        using var json = JsonDocument.Parse(Base64Url.DecodeFromChars(entry.Appointment.Statement));
        return new PatientDelegate(entry.DelegateId, entry.RevokedBy is not null ? "revoked" : now < body.End ? "active" : "ended",
            [.. body.Credentials.Select(credential => credential.Credential)],
            json.RootElement.GetProperty("body").GetProperty("scope").Clone(), body.End, entry.AppointedAt, entry.RelayedBy,
            statement.Signer.Credential, statement.Id, entry.RevokedBy, entry.RevokedAt);
    }
}
