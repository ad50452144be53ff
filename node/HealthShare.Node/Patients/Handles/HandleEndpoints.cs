using System.Text.Json.Serialization;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Auth;
using HealthShare.Node.Hosting;
using HealthShare.Node.Ledger;
using HealthShare.Node.Problems;
using HealthShare.Node.ReadModel;
using Microsoft.AspNetCore.Http.HttpResults;

namespace HealthShare.Node.Patients.Handles;

/// <summary>A one-time code as a patient's passkey signed it.</summary>
/// <param name="Handle">The text that also stands in the QR, <c>hs1.…</c>, at most 2,048 characters.</param>
internal sealed record NewHandle(string Handle);

/// <summary>A one-time code that is open.</summary>
/// <param name="Code">Its short form for typing at this hospital. It is shown once and kept nowhere.</param>
/// <param name="ExpiresAt">When it is over if nobody used it.</param>
internal sealed record OpenHandle(string Code, DateTimeOffset ExpiresAt);

/// <summary>A one-time code as a clinician has it from the patient.</summary>
/// <param name="Handle">What the QR says, <c>hs1.…</c>, or the short form.</param>
internal sealed record GivenHandle(string Handle);

/// <summary>Who made the code.</summary>
/// <param name="PatientId">The patient's id on the channel.</param>
internal sealed record HandlePatient(string PatientId);

/// <summary>One-time codes by which a clinician finds a patient who is present.</summary>
internal static class HandleEndpoints
{
    private const int MaxBodyBytes = 8 * 1024;

    private static readonly ApiProblem NotAvailable = new(StatusCodes.Status404NotFound, "handle.not_available",
        "The code is not good, or not any more. Ask the patient for a new one.");

    private static readonly ApiProblem Refused = new(StatusCodes.Status422UnprocessableEntity, "handle.refused",
        "The code was not accepted.", "It is signed by a passkey of the patient that is in force, is good for 15 minutes at most, and the device's clock is right.");

    public static void MapHandles(this IEndpointRouteBuilder app)
    {
        app.MapPost("/api/v1/patients/{patientId}/handles", Open).RequirePermission(Permission.ShowHandle).WithTags("Patients")
            .WithMetadata(new Microsoft.AspNetCore.Mvc.RequestSizeLimitAttribute(MaxBodyBytes)).RequireRateLimiting(RateLimits.Handles)
            .WithSummary("Take up a one-time code that the patient signed, and get its short form for typing")
            .WithDescription("What the patient had open at this hospital before is over, the QR as well as the short form. Other hospitals know nothing of "
                + "it: there an earlier QR is good until it expires.")
            .ProducesProblem(404).ProducesProblem(422).ProducesProblem(429);
        app.MapPost("/api/v1/patient-handles/redemption", Redeem).RequirePermission(Permission.ReadRecords).RequirePermission(Permission.SeePatients)
            .WithTags("Patients").WithMetadata(new Microsoft.AspNetCore.Mvc.RequestSizeLimitAttribute(MaxBodyBytes)).RequireRateLimiting(RateLimits.Handles)
            .WithSummary("Use a patient's one-time code up, and learn who the patient is")
            .WithDescription("What the QR says is good at any hospital: the patient's passkey signed it, and each node takes it once. The short form "
                + "is good at the patient's own hospital. The patient is told, at the node where the code was used.")
            .ProducesProblem(404).ProducesProblem(429);
    }

    private static async Task<Results<Created<OpenHandle>, ProblemHttpResult>> Open(
        string patientId, NewHandle request, Caller caller, Replica replica, ILedger ledger, HandleTable handles, TimeProvider clock, CancellationToken ct)
    {
        if (!await replica.HasPatientForAsync(caller, patientId, ct))
            return ApiProblem.NotAvailable.ToResult();
        return await ReadAsync(request.Handle, replica, ledger, clock, ct) is { } handle && handle.PatientId == patientId
            && await handles.OpenAsync(handle, ct) is { } code
            ? TypedResults.Created((string?)null, new OpenHandle(TypedCode.Show(code), handle.Expires))
            : Refused.ToResult();
    }

    private static async Task<Results<Ok<HandlePatient>, ProblemHttpResult>> Redeem(
        GivenHandle request, Caller caller, Replica replica, ILedger ledger, HandleTable handles, TimeProvider clock, CancellationToken ct)
    {
        var (text, staff, role) = (request.Handle.Trim(), caller.StaffId ?? caller.Name, RoleCode.Of(caller.Role));
        if (text.StartsWith(SignedHandle.Prefix, StringComparison.Ordinal))
        {
            return await ReadAsync(text, replica, ledger, clock, ct) is { } handle && await handles.UseAsync(handle, staff, role, ct)
                ? TypedResults.Ok(new HandlePatient(handle.PatientId))
                : NotAvailable.ToResult();
        }
        return TypedCode.Normalize(text) is { } code && await handles.UseAsync(code, staff, role, ct) is { } patientId
            ? TypedResults.Ok(new HandlePatient(patientId))
            : NotAvailable.ToResult();
    }

    // The patient's own signature by a passkey in force; nobody's who acts in the patient's place.
    private static async Task<SignedHandle?> ReadAsync(string text, Replica replica, ILedger ledger, TimeProvider clock, CancellationToken ct) =>
        SignedHandle.TryRead(text, out var handle) && handle.Channel == ledger.Channel && handle.IsGoodAt(clock.GetUtcNow())
        && await replica.GetAsync(LedgerKey.Patient(handle.PatientId), LedgerJson.Default.PatientEntry, ct) is { ErasedAt: null }
        && await replica.GetAsync(LedgerKey.Credential(handle.PatientId, handle.CredentialId), LedgerJson.Default.CredentialEntry, ct)
            is { IsRevoked: false } entry
        && handle.IsSignedBy(entry.Credential)
            ? handle
            : null;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(NewHandle))]
[JsonSerializable(typeof(OpenHandle))]
[JsonSerializable(typeof(GivenHandle))]
[JsonSerializable(typeof(HandlePatient))]
internal sealed partial class HandleJson : JsonSerializerContext;
