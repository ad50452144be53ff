using System.Text.Json.Serialization;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Auth;
using HealthShare.Node.Auth.Sessions;
using HealthShare.Node.Hosting;
using HealthShare.Node.Hosting.Idempotency;
using HealthShare.Node.Ledger;
using HealthShare.Node.Problems;
using HealthShare.Node.ReadModel;
using HealthShare.Policy.Ids;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Patients.Merges;

/// <summary>What a registrar says: the patient in the address is the same person as another.</summary>
/// <param name="Into">The id that stays; the one in the address goes out of use.</param>
/// <param name="MergeId">Id of the merge, for repeating the call; null takes the one that another hospital uses, or makes one, <c>st-…</c>.</param>
public sealed record NewMerge(string Into, string? MergeId = null);

/// <summary>Two ids that hospitals say are one person.</summary>
/// <param name="MergeId">Id of the merge; a signed revocation of it under either of the two stops the merge.</param>
/// <param name="Merged">The id that goes out of use.</param>
/// <param name="Surviving">The id that stays.</param>
/// <param name="Status">
/// <c>incomplete</c> (another hospital's word is missing), <c>open</c> (denies count for both; hospitals may object), <c>settled</c> or
/// <c>stopped</c>.
/// </param>
/// <param name="SaidBy">MSP ids of the hospitals that say so, in their order.</param>
/// <param name="CompleteAt">When it was enough, by the channel; null while it is not.</param>
/// <param name="SettledAt">From when only the patient stops it; null while incomplete, and until a node has spoken after it was.</param>
/// <param name="ObjectedBy">MSP id of the hospital that objected; null where none did.</param>
public sealed record PatientMerge(
    string MergeId, string Merged, string Surviving, string Status, IReadOnlyList<string> SaidBy, DateTimeOffset? CompleteAt,
    DateTimeOffset? SettledAt, string? ObjectedBy);

/// <summary>The merges of a patient, either way.</summary>
/// <param name="Merges">Newest word first.</param>
/// <param name="Next">Cursor of the next page; null on the last.</param>
public sealed record PatientMerges(IReadOnlyList<PatientMerge> Merges, string? Next);

/// <summary><c>/api/v1/patients/{patientId}/merge</c> and <c>…/merges</c>.</summary>
internal static class MergeEndpoints
{
    public static void MapMerges(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/v1/patients/{patientId}").WithTags("Patients").ProducesProblem(404);
        group.MapGet("/merges", List).RequirePermission(Permission.SeeConsents).WithSummary("List which ids hospitals say are this same person")
            .Paged(ListPage.UnlessTold, ListPage.Most);
        if (app.ServiceProvider.GetRequiredService<IOptions<NodeOptions>>().Value.Kind is NodeKind.Regulator)
            return; // knows nobody
        group.MapPost("/merge", Merge).RequirePermission(Permission.AttestConsents).RequireStepUp()
            .WithSummary("Say that this patient and another are one person")
            .WithDescription("Denies of this id count for the other one then; permits stay with the id that they were signed for.")
            .ProducesProblem(422).ProducesProblem(503);
        group.MapPost("/merges/{mergeId}/objection", Object).RequirePermission(Permission.AttestConsents).RequireStepUp()
            .WithSummary("Object to a merge in the hospital's name, while it is new").ProducesProblem(422).ProducesProblem(503);
    }

    private static async Task<Results<Ok<PatientMerges>, ProblemHttpResult>> List(
        string patientId, string? cursor, int? limit, Caller caller, Replica replica, CursorSeal seal, TimeProvider clock, CancellationToken ct)
    {
        if (!await replica.HasPatientForAsync(caller, patientId, ct))
            return ApiProblem.NotAvailable.ToResult();
        var (page, next) = seal.PageOf($"merges {patientId}", await OfAsync(replica, patientId, ct),
            entry => (-entry.Vouchers[^1].At.UtcTicks, entry.Merge.MergeId), cursor, limit);
        var views = new List<PatientMerge>(page.Count);
        foreach (var entry in page)
            views.Add(await ViewOfAsync(entry, replica, clock, ct));
        return TypedResults.Ok(new PatientMerges(views, next));
    }

    private static async Task<Created<PatientMerge>> Merge(
        string patientId, NewMerge request, RequestIds ids, LedgerService ledger, CatchUp catchUp, Replica replica, TimeProvider clock, CancellationToken ct)
    {
        if (!LedgerId.IsValid(IdKind.Patient, patientId) || !LedgerId.IsValid(IdKind.Patient, request.Into))
            throw new ApiProblemException(ApiProblem.NotAvailable);
        var known = await replica.GetAsync(LedgerKey.Merge(request.Into, patientId), LedgerJson.Default.MergeEntry, ct);
        var merge = new MergePatients(request.MergeId ?? known?.Merge.MergeId ?? ids.Of(IdKind.Statement), patientId, request.Into);
        var commit = await ledger.SubmitAsync(LedgerTransactions.MergePatients, merge,
            LedgerJson.Default.MergePatients, LedgerJson.Default.MergeEntry, ct);
        await catchUp.ToAsync(commit.Block, ct);
        return TypedResults.Created($"/api/v1/patients/{patientId}/merges", await ViewOfAsync(commit.Result, replica, clock, ct));
    }

    private static async Task<Ok<PatientMerge>> Object(
        string patientId, string mergeId, LedgerService ledger, CatchUp catchUp, Replica replica, TimeProvider clock, CancellationToken ct)
    {
        if (!LedgerId.IsValid(IdKind.Patient, patientId)
            || (await OfAsync(replica, patientId, ct)).FirstOrDefault(entry => entry.Merge.MergeId == mergeId) is not { Merge: var merge })
            throw new ApiProblemException(ApiProblem.NotAvailable);
        var commit = await ledger.SubmitAsync(LedgerTransactions.ObjectToMerge, new ObjectToMerge(merge.Merged, merge.Surviving),
            LedgerJson.Default.ObjectToMerge, LedgerJson.Default.MergeEntry, ct);
        await catchUp.ToAsync(commit.Block, ct);
        return TypedResults.Ok(await ViewOfAsync(commit.Result, replica, clock, ct));
    }

    /// <summary>The merges that name a patient, as the one that stays or the one that goes.</summary>
    public static async Task<IReadOnlyList<MergeEntry>> OfAsync(Replica replica, string patientId, CancellationToken ct)
    {
        var entries = await replica.ListAsync(LedgerKind.Merge, [patientId], LedgerJson.Default.MergeEntry, ct);
        foreach (var link in await replica.ListAsync(LedgerKind.MergedInto, [patientId], LedgerJson.Default.MergedIntoEntry, ct))
        {
            if (await replica.GetAsync(LedgerKey.Merge(link.Surviving, patientId), LedgerJson.Default.MergeEntry, ct) is { } entry)
                entries.Add(entry);
        }
        return entries;
    }

    private static async Task<PatientMerge> ViewOfAsync(MergeEntry entry, Replica replica, TimeProvider clock, CancellationToken ct)
    {
        var settledAt = entry.SettlingFrom + MergeEntry.Waiting;
        // By the patient's word before it was complete, too.
        var isStopped = entry.ObjectedBy is not null || await IsRevokedAsync(entry.Merge.Surviving) || await IsRevokedAsync(entry.Merge.Merged);
        return new PatientMerge(entry.Merge.MergeId, entry.Merge.Merged, entry.Merge.Surviving,
            isStopped ? "stopped" : entry.CompleteAt is null ? "incomplete" : clock.GetUtcNow() >= settledAt ? "settled" : "open",
            [.. entry.Vouchers.Select(voucher => voucher.Member)], entry.CompleteAt, settledAt, entry.ObjectedBy);

        Task<bool> IsRevokedAsync(string patientId) => PatientRevocations.HasAsync(replica, patientId, entry.Merge.MergeId, ct);
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(NewMerge))]
[JsonSerializable(typeof(PatientMerge))]
[JsonSerializable(typeof(PatientMerges))]
internal sealed partial class MergeJson : JsonSerializerContext;
