using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Auth;
using HealthShare.Node.Auth.Sessions;
using HealthShare.Node.Consents;
using HealthShare.Node.Hosting;
using HealthShare.Node.Hosting.Idempotency;
using HealthShare.Node.Ledger;
using HealthShare.Node.Problems;
using HealthShare.Node.ReadModel;
using HealthShare.Policy.Ids;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Patients;

/// <summary>A signer for this hospital to vouch for.</summary>
/// <param name="Kind"><c>guardian</c>, or <c>credential</c> for a new one of the patient's own in place of a lost one.</param>
/// <param name="Credentials">The guardian's credentials, 1 to 4, or the one new credential.</param>
/// <param name="End">First instant without the guardian's power, the beginning of a month in UTC; null for a credential.</param>
/// <param name="SignerId">
/// The id under which another hospital vouched already, or one for repeating the call; null makes one, <c>dg-…</c>.
/// </param>
/// <param name="Joint">True for a guardian whose permits another guardian must confirm.</param>
public sealed record NewVouchedSigner(
    VouchedKind Kind, IReadOnlyList<Credential> Credentials, DateTimeOffset? End = null, string? SignerId = null, bool Joint = false);

/// <summary>An objection.</summary>
/// <param name="Statement">The patient's signed <c>revokeDelegate</c>; null for the hospital's own objection, by a registrar.</param>
public sealed record Objection(SignedStatement? Statement = null);

/// <summary>A signer that hospitals vouch for.</summary>
/// <param name="SignerId">Id, <c>dg-…</c>.</param>
/// <param name="Kind"><c>guardian</c> or <c>credential</c>.</param>
/// <param name="Status">
/// <c>incomplete</c> (another hospital's word is missing), <c>waiting</c> (it may only deny and revoke), <c>active</c>, <c>ended</c> or
/// <c>objected</c>.
/// </param>
/// <param name="Credentials">Its credentials.</param>
/// <param name="VouchedBy">MSP ids of the hospitals that vouch, in their order.</param>
/// <param name="ActiveFrom">When the waiting time is over, by the channel's time; null while incomplete.</param>
/// <param name="End">First instant without the guardian's power; null for a credential.</param>
/// <param name="Joint">True for a guardian whose permits another guardian must confirm.</param>
/// <param name="ObjectedBy">MSP id of the hospital that objected, or brought the patient's objection.</param>
/// <param name="ObjectedAt">When.</param>
/// <param name="CommittedBy">In the answer to an objection: MSP ids of members whose peers have committed it. Two make it done.</param>
public sealed record VouchedSigner(
    string SignerId, string Kind, string Status, IReadOnlyList<Credential> Credentials, IReadOnlyList<string> VouchedBy,
    DateTimeOffset? ActiveFrom, DateTimeOffset? End, bool Joint, string? ObjectedBy, DateTimeOffset? ObjectedAt,
    IReadOnlyList<string>? CommittedBy = null);

/// <summary>The signers of a patient that hospitals vouch for.</summary>
/// <param name="Signers">Newest word first.</param>
/// <param name="Next">Cursor of the next page; null on the last.</param>
public sealed record VouchedSignersOfPatient(IReadOnlyList<VouchedSigner> Signers, string? Next);

/// <summary><c>/api/v1/patients/{patientId}/attested-signers</c>.</summary>
internal static class VouchedSignerEndpoints
{
    private static readonly ApiProblem OwnObjection = ApiProblem.Forbidden with
    {
        Detail = "Only a registrar objects in the hospital's own name; a patient signs.",
    };

    public static void MapVouchedSigners(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/v1/patients/{patientId}/attested-signers").WithTags("Patients").ProducesProblem(404);
        group.MapGet("/", List).RequirePermission(Permission.SeeConsents).WithSummary("List the signers that hospitals vouch for")
            .Paged(ListPage.UnlessTold, ListPage.Most);
        group.MapGet("/own", Own).RequirePermission(Permission.RelayStatements)
            .WithSummary("For who signs here by hospitals' word: how far that word is");
        group.MapPost("/{signerId}/objection", Object).RequirePermission(Permission.RelayStatements)
            .WithSummary("Object to a signer: by this hospital's own word, or by the patient's signature")
            .WithDescription(RevocationRelay.Description).ProducesProblem(403).ProducesProblem(422).ProducesProblem(503);
        if (app.ServiceProvider.GetRequiredService<IOptions<NodeOptions>>().Value.Kind is NodeKind.Hospital)
        {
            group.MapPost("/", Attest).RequirePermission(Permission.AttestConsents).RequireStepUp()
                .WithSummary("Vouch for a guardian, or for a new credential of the patient").ProducesProblem(422).ProducesProblem(503);
        }
    }

    private static async Task<Results<Ok<VouchedSignersOfPatient>, ProblemHttpResult>> List(
        string patientId, string? cursor, int? limit, Caller caller, Replica replica, CursorSeal seal, TimeProvider clock, CancellationToken ct)
    {
        if (!await replica.HasPatientForAsync(caller, patientId, ct))
            return ApiProblem.NotAvailable.ToResult();
        var entries = await replica.ListAsync(LedgerKind.VouchedSigner, [patientId], LedgerJson.Default.VouchedEntry, ct);
        var (page, next) = seal.PageOf($"attested-signers {patientId}", entries, entry => (-entry.Vouchers[^1].At.UtcTicks, entry.Attested.SignerId), cursor, limit);
        var views = new List<VouchedSigner>(page.Count);
        foreach (var entry in page)
            views.Add(await ViewOfAsync(entry, replica, clock, ct));
        return TypedResults.Ok(new VouchedSignersOfPatient(views, next));
    }

    private static async Task<Results<Ok<VouchedSigner>, ProblemHttpResult>> Own(
        string patientId, Caller caller, Replica replica, TimeProvider clock, CancellationToken ct) =>
        caller.DelegateId is { } signer && await replica.HasPatientForAsync(caller, patientId, ct)
        && (await replica.ListAsync(LedgerKind.VouchedSigner, [patientId], LedgerJson.Default.VouchedEntry, ct))
            .FirstOrDefault(entry => entry.Attested.SignerId == signer) is { } own
            ? TypedResults.Ok(await ViewOfAsync(own, replica, clock, ct))
            : ApiProblem.NotAvailable.ToResult();

    private static async Task<Created<VouchedSigner>> Attest(
        string patientId, NewVouchedSigner request, RequestIds ids, LedgerService ledger, CatchUp catchUp, Replica replica, TimeProvider clock,
        CancellationToken ct)
    {
        if (!LedgerId.IsValid(IdKind.Patient, patientId))
            throw new ApiProblemException(ApiProblem.NotAvailable);
        var attested = new AttestSigner(
            patientId, request.SignerId ?? ids.Of(IdKind.Delegate), request.Kind, request.Credentials, request.End, request.Joint);
        var commit = await ledger.SubmitAsync(LedgerTransactions.AttestSigner, attested,
            LedgerJson.Default.AttestSigner, LedgerJson.Default.VouchedEntry, ct);
        await catchUp.ToAsync(commit.Block, ct);
        return TypedResults.Created($"/api/v1/patients/{patientId}/attested-signers", await ViewOfAsync(commit.Result, replica, clock, ct));
    }

    private static async Task<Results<Ok<VouchedSigner>, Accepted<VouchedSigner>>> Object(
        string patientId, string signerId, Objection objection, Caller caller, RevocationRelay relay, Replica replica, TimeProvider clock,
        CancellationToken ct)
    {
        if (!LedgerId.IsValid(IdKind.Patient, patientId) || !LedgerId.IsValid(IdKind.Delegate, signerId) || !caller.MaySpeakFor(patientId))
            throw new ApiProblemException(ApiProblem.NotAvailable);
        if (objection.Statement is null && caller.Role is not Role.Registrar)
            throw new ApiProblemException(OwnObjection);
        var stopped = await relay.SubmitAsync(LedgerTransactions.ObjectToSigner, new ObjectToSigner(patientId, signerId, objection.Statement),
            LedgerJson.Default.ObjectToSigner, LedgerJson.Default.VouchedEntry, ct);
        return stopped.Answer(await ViewOfAsync(stopped.Result, replica, clock, ct) with { CommittedBy = stopped.CommittedBy });
    }

    private static async Task<VouchedSigner> ViewOfAsync(VouchedEntry entry, Replica replica, TimeProvider clock, CancellationToken ct)
    {
        var (attested, now) = (entry.Attested, clock.GetUtcNow());
        var activeFrom = await entry.SufficesAsync(replica, ct) ? entry.CompleteAt + VouchedEntry.Waiting : null;
        var status = entry.ObjectedBy is not null ? "objected"
            : attested.End <= now ? "ended"
            : activeFrom is null ? "incomplete"
            : now < activeFrom ? "waiting" : "active";
        return new VouchedSigner(attested.SignerId, attested.Kind is VouchedKind.Guardian ? "guardian" : "credential", status,
            attested.Credentials, [.. entry.Vouchers.Select(voucher => voucher.Member)], activeFrom, attested.End, attested.Joint, entry.ObjectedBy, entry.ObjectedAt);
    }
}
