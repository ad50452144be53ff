using System.Text.Json.Serialization;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Auth;
using HealthShare.Node.Consents;
using HealthShare.Node.Problems;
using HealthShare.Node.ReadModel;
using HealthShare.Policy;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using Microsoft.AspNetCore.Http.HttpResults;

namespace HealthShare.Node.Patients.Erasures;

/// <summary>An erasure, and how far each hospital is with it.</summary>
/// <param name="StatementId">Id of the signed erasure.</param>
/// <param name="ErasedAt">When the channel took it up: from then on nothing is permitted.</param>
/// <param name="Hospitals">The hospitals that may have held something, by MSP id.</param>
/// <param name="Here">What this node is at; null where it has not seen the block.</param>
public sealed record Erasure(string StatementId, DateTimeOffset ErasedAt, IReadOnlyList<HospitalErasure> Hospitals, NodeErasure? Here);

/// <summary>What a hospital says of its own node. Nobody can prove what was destroyed.</summary>
/// <param name="Member">MSP id.</param>
/// <param name="State">
/// <c>pending</c> until it reported, <c>retained</c> while it keeps records of its own for its own staff, since it must or since its own
/// list does not vouch for the signature, <c>done</c> when it holds nothing.
/// </param>
/// <param name="ReportedAt">When it reported; null while it has not.</param>
/// <param name="RetainedUntil">Until when it keeps records; null where it keeps none.</param>
public sealed record HospitalErasure(string Member, string State, DateTimeOffset? ReportedAt, DateTimeOffset? RetainedUntil);

/// <summary>What this node is at.</summary>
/// <param name="State"><c>pending</c>, <c>retained</c> or <c>done</c>.</param>
/// <param name="Attempts">How often it was put off.</param>
/// <param name="Reason">
/// Code of what put it off last, <c>erasure.signer_not_trusted</c> while it keeps all of its own for that; null where nothing did.
/// </param>
/// <param name="NextAt">When it goes on; null when it is done.</param>
public sealed record NodeErasure(string State, int Attempts, string? Reason, DateTimeOffset? NextAt);

/// <summary><c>/api/v1/patients/{patientId}/erasure</c>.</summary>
internal static class ErasureEndpoints
{
    private static readonly ApiProblem NotErased = new(StatusCodes.Status404NotFound, "patient.not_erased", "The patient has not erased anything.");

    public static void MapErasures(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/v1/patients/{patientId}/erasure").WithTags("Patients").ProducesProblem(404);
        group.MapPost("/", Erase).RequirePermission(Permission.RelayStatements)
            .WithSummary("Bring the patient's signed erasure to the channel; it cannot be undone")
            .WithDescription("From its block on nothing is permitted. What each hospital destroyed is told at this address by and by. "
                + "What takes longer than a set time is submitted through another member as well.")
            .ProducesProblem(422).ProducesProblem(503);
        group.MapGet("/", Get).RequirePermission(Permission.SeeConsents).WithSummary("See how far each hospital is with an erasure")
            .WithDescription("404 with the code patient.not_erased for a patient who has not erased anything.");
    }

    private static async Task<Accepted<Erasure>> Erase(
        string patientId, SignedStatement signed, Caller caller, RevocationRelay relay, Replica replica, ErasureTasks tasks, CancellationToken ct)
    {
        StatementRelay.Check(caller, patientId, signed, body =>
        {
            if (body is not EraseBody)
                throw new PolicyException("statement.wrong_type", "The statement erases nothing.");
        });
        var erased = await relay.SubmitAsync(LedgerTransactions.ErasePatient, signed, LedgerJson.Default.PatientEntry, ct);
        return TypedResults.Accepted($"/api/v1/patients/{patientId}/erasure", await ViewOfAsync(erased.Result, replica, tasks, ct));
    }

    private static async Task<Results<Ok<Erasure>, ProblemHttpResult>> Get(
        string patientId, Caller caller, Replica replica, ErasureTasks tasks, CancellationToken ct)
    {
        if (!LedgerId.IsValid(IdKind.Patient, patientId) || !caller.MaySpeakFor(patientId)
            || await replica.GetAsync(LedgerKey.Patient(patientId), LedgerJson.Default.PatientEntry, ct) is not { } patient)
            return ApiProblem.NotAvailable.ToResult();
        return patient.IsErased ? TypedResults.Ok(await ViewOfAsync(patient, replica, tasks, ct)) : NotErased.ToResult();
    }

    private static async Task<Erasure> ViewOfAsync(PatientEntry patient, Replica replica, ErasureTasks tasks, CancellationToken ct)
    {
        var reports = (await replica.ListAsync(LedgerKind.ErasureReport, [patient.PatientId], LedgerJson.Default.ErasureReportEntry, ct))
            .ToDictionary(report => report.Member, StringComparer.Ordinal);
        var affiliated = await replica.ListAsync(LedgerKind.Affiliation, [patient.PatientId], LedgerJson.Default.AffiliationEntry, ct);
        var members = affiliated.Select(entry => entry.Member).Concat(reports.Keys).ToList();
        foreach (var member in await replica.ListAsync(LedgerKind.Organization, [], LedgerJson.Default.OrganizationEntry, ct))
        {
            if (await replica.AnyAsync(LedgerKind.Access, [patient.PatientId, member.MspId], ct))
                members.Add(member.MspId); // it ever asked
        }
        var here = await tasks.FindAsync(patient.PatientId, ct);
        return new Erasure(patient.ErasedBy!, patient.ErasedAt!.Value,
            [.. members.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(member => Of(member, reports.GetValueOrDefault(member)))],
            here is null ? null : new NodeErasure(here.State, here.Attempts, here.Reason, here.State == ErasureState.Done ? null : here.NextAt));
    }

    private static HospitalErasure Of(string member, ErasureReportEntry? report) => new(
        member, report is null ? ErasureState.Pending : report.RetainedUntil is null ? ErasureState.Done : ErasureState.Retained,
        report?.ReportedAt, report?.RetainedUntil);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Erasure))]
internal sealed partial class ErasureJson : JsonSerializerContext;
