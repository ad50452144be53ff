using System.Security.Cryptography;
using System.Text.Json;
using HealthShare.Node.Problems;
using HealthShare.Policy.Decisions;
using HealthShare.Policy.Ids;

namespace HealthShare.Node.Access.Requests;

/// <summary>The form of an access request.</summary>
internal static class AccessRequestRules
{
    /// <summary>Most records of one request.</summary>
    public const int MaxRecords = 1000;

    private const int MaxCategories = 50;
    private const int MaxKeyLength = 200;

    /// <summary>Checks a request and its idempotency key.</summary>
    /// <exception cref="ApiProblemException"><c>request.invalid</c>, naming the member.</exception>
    public static void Check(NewAccessRequest request, string? idempotencyKey)
    {
        Require(LedgerId.IsValid(IdKind.Patient, request.PatientId), "patientId is not the id of a patient (pt-…).");
        Require(PurposeOfUse.Contains(request.Purpose), "purpose is no purpose of HL7's PurposeOfUse, such as TREAT.");
        Require(request.EmergencyId is null || LedgerId.IsValid(IdKind.Emergency, request.EmergencyId), "emergencyId is not the id of an emergency (em-…).");
        Require(request.EmergencyId is null || request.Purpose == DecisionKernel.EmergencyTreatment, "purpose is not ETREAT, as that of an emergency.");
        Require(request.RecordIds is null != request.Categories is null
            || request is { EmergencyId: not null, RecordIds: null }, request.Purpose == DecisionKernel.EmergencyTreatment && request.EmergencyId is null
                ? "Exactly one of recordIds and categories is needed, save with the emergencyId of an emergency session."
                : "Exactly one of recordIds and categories is needed.");
        if (request.RecordIds is { } records)
        {
            Require(records.Count is > 0 and <= MaxRecords, $"recordIds holds {records.Count} ids; 1 to {MaxRecords} are accepted.");
            for (var i = 0; i < records.Count; i++)
                Require(LedgerId.IsValid(IdKind.Record, records[i]), $"recordIds[{i}] is not the id of a record (rc-…).");
        }
        if (request.Categories is { } categories)
        {
            Require(categories.Count is > 0 and <= MaxCategories, $"categories holds {categories.Count} codes; 1 to {MaxCategories} are accepted.");
            for (var i = 0; i < categories.Count; i++)
                Require(categories[i] is { Length: > 0 and <= LedgerCode.MaxLength }, $"categories[{i}] is not a code of 1 to {LedgerCode.MaxLength} characters.");
        }
        Require(idempotencyKey is null || (idempotencyKey.Length is > 0 and <= MaxKeyLength && idempotencyKey.All(letter => letter is > ' ' and < '\x7f')),
            $"The header Idempotency-Key takes 1 to {MaxKeyLength} visible ASCII characters.");
    }

    /// <summary>Tells one request from another under the same idempotency key.</summary>
    public static byte[] HashOf(NewAccessRequest request, string role) =>
        SHA256.HashData([.. JsonSerializer.SerializeToUtf8Bytes(request, AccessJson.Default.NewAccessRequest), 0, .. System.Text.Encoding.UTF8.GetBytes(role)]);

    private static void Require(bool condition, string detail)
    {
        if (!condition)
            throw new ApiProblemException(ApiProblem.Invalid(detail));
    }
}
