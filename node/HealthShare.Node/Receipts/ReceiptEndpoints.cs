using System.Net.Mime;
using HealthShare.Node.Auth;
using HealthShare.Node.Hosting;
using HealthShare.Node.Problems;
using HealthShare.Policy.Ids;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Json;

namespace HealthShare.Node.Receipts;

/// <summary>Receipts to download, and this node's signature for other members' receipts.</summary>
internal static class ReceiptEndpoints
{
    /// <summary>Where a node signs what another member's node asks.</summary>
    public const string SignaturesPath = "/api/v1/receipts/signatures";

    private const string RetryAfterSeconds = "2";

    public static IServiceCollection AddReceipts(this IServiceCollection services)
    {
        services.AddNodeOptions<ReceiptsOptions, ReceiptsOptionsValidator>("Receipts");
        services.AddSingleton<BlockIndex>();
        services.AddSingleton<ReadModel.IProjection>(provider => provider.GetRequiredService<BlockIndex>());
        services.AddSingleton<ChannelBlocks>();
        services.AddSingleton<ReceiptSigner>();
        services.AddSingleton<MemberNodes>();
        services.AddSingleton<ReceiptMaker>();
        services.Configure<JsonOptions>(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, ReceiptJson.Default));
        return services;
    }

    public static void MapReceipts(this IEndpointRouteBuilder app)
    {
        // A wrong address or file stops the start, not the first receipt.
        _ = app.ServiceProvider.GetRequiredService<MemberNodes>();
        var patient = app.MapGroup("/api/v1/patients/{patientId}").WithTags("Receipts").RequirePermission(Permission.SeeConsents)
            .ProducesProblem(StatusCodes.Status202Accepted).ProducesProblem(404).ProducesProblem(503);
        patient.MapGet("/consents/{id}/receipt", First)
            .WithSummary("Download the receipt of a grant, a revocation, an attestation or any other signed statement")
            .WithDescription("Two members' nodes sign it; 'healthshare receipt verify' verifies it without the channel.");
        patient.MapGet("/consents/{id}/co-signature/receipt", (string patientId, string id, Caller caller, ReceiptMaker receipts, HttpContext http,
            CancellationToken ct) => DownloadAsync(patientId, id, ReceiptWord.CoSignature, caller, receipts, http, ct))
            .WithSummary("Download the receipt of the second signature under a broad permit");
        patient.MapGet("/consents/{id}/withdrawal/receipt", (string patientId, string id, Caller caller, ReceiptMaker receipts, HttpContext http,
            CancellationToken ct) => DownloadAsync(patientId, id, ReceiptWord.Withdrawal, caller, receipts, http, ct))
            .WithSummary("Download the receipt of an attested consent's withdrawal");
        patient.MapGet("/attested-signers/{id}/receipt", First).WithSummary("Download the receipt of the first word for a signer that hospitals vouch for");
        patient.MapGet("/attested-signers/{id}/words/{member}/receipt", (string patientId, string id, string member, Caller caller, ReceiptMaker receipts,
            HttpContext http, CancellationToken ct) => DownloadAsync(patientId, id, ReceiptWord.Of(member), caller, receipts, http, ct))
            .WithSummary("Download the receipt of one hospital's word for such a signer");
        patient.MapGet("/attested-signers/{id}/objection/receipt", (string patientId, string id, Caller caller, ReceiptMaker receipts, HttpContext http,
            CancellationToken ct) => DownloadAsync(patientId, id, ReceiptWord.Objection, caller, receipts, http, ct))
            .WithSummary("Download the receipt of a hospital's objection to such a signer");
        app.MapPost(SignaturesPath, Sign).WithTags("Receipts").AllowAnonymous().RequireRateLimiting(RateLimits.Receipts)
            .WithSummary("Sign, for a receipt, that a transaction is committed and valid")
            .WithDescription("For other members' nodes. Whoever asks must know all that is signed, so nobody learns anything here.")
            .ProducesProblem(StatusCodes.Status202Accepted).ProducesProblem(409).ProducesProblem(429);
    }

    private static Task<Results<JsonHttpResult<Receipt>, ProblemHttpResult>> First(
        string patientId, string id, Caller caller, ReceiptMaker receipts, HttpContext http, CancellationToken ct) =>
        DownloadAsync(patientId, id, null, caller, receipts, http, ct);

    private static async Task<Results<JsonHttpResult<Receipt>, ProblemHttpResult>> DownloadAsync(
        string patientId, string id, string? word, Caller caller, ReceiptMaker receipts, HttpContext http, CancellationToken ct)
    {
        if (!LedgerId.IsValid(IdKind.Patient, patientId) || !caller.MaySpeakFor(patientId))
            return ApiProblem.NotAvailable.ToResult();
        try
        {
            var receipt = await receipts.MakeAsync(patientId, id, word, ct);
            http.Response.Headers.ContentDisposition =
                $"attachment; filename=\"{receipt.Id}{(word is null ? "" : $".{word.Replace(':', '-')}")}.receipt.json\"";
            return TypedResults.Json(receipt, ReceiptJson.Default.Receipt, MediaTypeNames.Application.Json);
        }
        catch (ApiProblemException e) when (e.Problem.Status is StatusCodes.Status202Accepted or StatusCodes.Status503ServiceUnavailable)
        {
            http.Response.Headers.RetryAfter = RetryAfterSeconds;
            return e.Problem.ToResult();
        }
    }

    private static async Task<JsonHttpResult<ReceiptSignature>> Sign(ReceiptQuestion question, ReceiptSigner signer, CancellationToken ct) =>
        TypedResults.Json(await signer.SignAsync(question, ct), ReceiptJson.Default.ReceiptSignature, MediaTypeNames.Application.Json);
}
