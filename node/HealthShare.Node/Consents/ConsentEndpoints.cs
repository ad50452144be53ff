using System.Text.Json;
using System.Text.Json.Serialization;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Auth;
using HealthShare.Node.Consents.Explain;
using HealthShare.Node.Hosting;
using HealthShare.Node.Problems;
using HealthShare.Node.Ledger;
using HealthShare.Node.ReadModel;
using HealthShare.Policy;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Consents;

/// <summary><c>/api/v1/patients/{patientId}/consents</c>: what the patient signed, relayed by any node.</summary>
internal static class ConsentEndpoints
{
    public static IServiceCollection AddConsents(this IServiceCollection services)
    {
        services.AddNodeOptions<ConsentsOptions, ConsentsOptionsValidator>("Consents");
        services.AddSingleton<StatementRelay>();
        services.AddSingleton<RevocationMetrics>();
        services.AddSingleton<RevocationRelay>();
        services.AddSingleton<ConsentReader>();
        services.AddExplain();
        services.Configure<JsonOptions>(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, ConsentJson.Default));
        return services;
    }

    public static void MapConsents(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/v1/patients/{patientId}/consents").WithTags("Consents").ProducesProblem(404);
        group.MapPost("/", Grant).RequirePermission(Permission.RelayStatements)
            .WithSummary("Bring a signed grant (permit or deny) to the channel")
            .WithDescription("A deny is answered with 201 and committedBy once two members' peers have committed it; with 202 while only one has.")
            .ProducesProblem(422).ProducesProblem(503);
        group.MapPost("/{statementId}/co-signature", CoSign).RequirePermission(Permission.RelayStatements)
            .WithSummary("Bring a second signature under a broad permit, by a credential of another site, to the channel")
            .ProducesProblem(422).ProducesProblem(503);
        group.MapPost("/{statementId}/revocation", Revoke).RequirePermission(Permission.RelayStatements)
            .WithSummary("Bring the signed revocation of a grant to the channel")
            .WithDescription(RevocationRelay.Description).ProducesProblem(422).ProducesProblem(503);
        if (app.ServiceProvider.GetRequiredService<IOptions<NodeOptions>>().Value.Kind is NodeKind.Hospital)
            app.MapAttestations();
        group.MapGet("/", List).RequirePermission(Permission.SeeConsents).WithSummary("List a patient's grants, newest first");
        group.MapExplain();
    }

    private static async Task<Results<Created<Consent>, Accepted<Consent>>> Grant(
        string patientId, SignedStatement signed, Caller caller, StatementRelay relay, RevocationRelay withholding, ConsentReader reader,
        CancellationToken ct)
    {
        var isDeny = false;
        void CheckBody(StatementBody body) => isDeny = body is GrantBody grant
            ? grant.Effect is Effect.Deny
            : throw new PolicyException("statement.wrong_type", "The statement is not a grant.");
        StatementRelay.Check(caller, patientId, signed, CheckBody);
        if (!isDeny)
        {
            var permit = await relay.RelayAsync(
                caller, patientId, signed, LedgerTransactions.GrantConsent, LedgerJson.Default.StatementEntry, CheckBody, ct);
            return TypedResults.Created(AddressOf(patientId, permit.StatementId), await reader.OfAsync(patientId, permit, ct));
        }
        var deny = await withholding.SubmitAsync(LedgerTransactions.GrantConsent, signed, LedgerJson.Default.StatementEntry, ct);
        var (address, consent) = (AddressOf(patientId, deny.Result.StatementId), await reader.OfAsync(patientId, deny.Result, ct));
        consent = consent with { CommittedBy = deny.CommittedBy };
        return deny.IsDone ? TypedResults.Created(address, consent) : TypedResults.Accepted(address, consent);
    }

    private static string AddressOf(string patientId, string statementId) => $"/api/v1/patients/{patientId}/consents/{statementId}";

    private static async Task<Ok<Consent>> CoSign(
        string patientId, string statementId, SignedAssertion assertion, Caller caller, LedgerService ledger, CatchUp catchUp,
        ConsentReader reader, CancellationToken ct)
    {
        if (!LedgerId.IsValid(IdKind.Patient, patientId) || !LedgerId.IsValid(IdKind.Statement, statementId) || !caller.MaySpeakFor(patientId))
            throw new ApiProblemException(ApiProblem.NotAvailable);
        var commit = await ledger.SubmitAsync(LedgerTransactions.CoSignConsent, new CoSignConsent(patientId, statementId, assertion),
            LedgerJson.Default.CoSignConsent, LedgerJson.Default.StatementEntry, ct);
        await catchUp.ToAsync(commit.Block, ct);
        return TypedResults.Ok(await reader.OfAsync(patientId, commit.Result, ct));
    }

    private static async Task<Results<Ok<Consent>, Accepted<Consent>>> Revoke(
        string patientId, string statementId, SignedStatement signed, Caller caller, RevocationRelay relay, CancellationToken ct)
    {
        StatementRelay.Check(caller, patientId, signed, body =>
        {
            if (body is not RevokeBody revocation || revocation.Statement != statementId)
                throw new PolicyException("statement.wrong_target", "The statement does not revoke the grant in the address.");
        });
        var revocation = await relay.SubmitAsync(LedgerTransactions.RevokeConsent, signed, LedgerJson.Default.EndedStatementEntry, ct);
        return revocation.Answer(ConsentReader.Ended(revocation.Result) with { CommittedBy = revocation.CommittedBy });
    }

    private static async Task<Results<Ok<ConsentsOfPatient>, ProblemHttpResult>> List(
        string patientId, Caller caller, ConsentReader reader, CancellationToken ct) =>
        caller.MaySpeakFor(patientId) && await reader.ListAsync(patientId, ct) is { } consents
            ? TypedResults.Ok(consents)
            : ApiProblem.NotAvailable.ToResult();
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(SignedStatement))]
[JsonSerializable(typeof(SignedAssertion))]
[JsonSerializable(typeof(Consent))]
[JsonSerializable(typeof(ConsentsOfPatient))]
[JsonSerializable(typeof(NewAttestation))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class ConsentJson : JsonSerializerContext;
