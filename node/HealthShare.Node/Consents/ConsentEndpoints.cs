using System.Text.Json;
using System.Text.Json.Serialization;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Auth;
using HealthShare.Node.Consents.Explain;
using HealthShare.Node.Hosting;
using HealthShare.Node.Problems;
using HealthShare.Node.Ledger;
using HealthShare.Node.Patients;
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
    private const int DefaultLimit = 200;

    public static IServiceCollection AddConsents(this IServiceCollection services)
    {
        services.AddNodeOptions<ConsentsOptions, ConsentsOptionsValidator>("Consents");
        services.AddSingleton<StatementRelay>();
        services.AddSingleton<RevocationMetrics>();
        services.AddSingleton<RevocationTasks>();
        services.AddSingleton<RevocationRelay>();
        services.AddSingleton<RepeatedRevocations>();
        services.AddHostedService<RevocationWorker>();
        services.AddSingleton<ConsentReader>();
        services.AddSingleton<GrantCheck>();
        services.AddExplain();
        services.Configure<JsonOptions>(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, ConsentJson.Default));
        return services;
    }

    public static void MapConsents(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/v1/patients/{patientId}/consents").WithTags("Consents").ProducesProblem(404);
        group.MapPost("/", Grant).RequirePermission(Permission.RelayStatements)
            .WithSummary("Bring a signed grant (permit or deny) to the channel")
            .WithDescription("A deny, and what replaces another grant, is answered with 201 and committedBy once two members' peers have committed it; "
                + "with 202 while only one has.")
            .ProducesProblem(422).ProducesProblem(503);
        group.MapPost("/{statementId}/co-signature", CoSign).RequirePermission(Permission.RelayStatements)
            .WithSummary("Bring a second signature under a broad permit, by a credential of another site, to the channel")
            .ProducesProblem(422).ProducesProblem(503);
        group.MapPost("/{statementId}/revocation", Revoke).RequirePermission(Permission.RelayStatements)
            .WithSummary("Bring the signed revocation of a grant to the channel")
            .WithDescription(RevocationRelay.Description + RepeatedRevocations.Description).ProducesProblem(422).ProducesProblem(503);
        if (app.ServiceProvider.GetRequiredService<IOptions<NodeOptions>>().Value.Kind is NodeKind.Hospital)
            app.MapAttestations();
        group.MapGet("/", List).RequirePermission(Permission.SeeConsents).WithSummary("List a patient's grants, those in force first")
            .WithDescription($"Then those that ended, ended last first. At most {ConsentReader.MaxLimit} a page, {DefaultLimit} unless told.").Paged(DefaultLimit, ConsentReader.MaxLimit);
        group.MapGet("/own", Own).RequirePermission(Permission.RelayStatements)
            .WithSummary("For who signs in the patient's place: the grants in force that this person signed")
            .Paged(ListPage.UnlessTold, ListPage.Most);
        group.MapExplain();
    }

    private static async Task<Results<Created<Consent>, Accepted<Consent>>> Grant(
        string patientId, SignedStatement signed, Caller caller, StatementRelay relay, RevocationRelay withholding, ConsentReader reader,
        CancellationToken ct)
    {
        var takes = false; // a deny does, and what replaces a grant ends that one
        void CheckBody(StatementBody body)
        {
            if (body is not GrantBody grant)
                throw new PolicyException("statement.wrong_type", "The statement is not a grant.");
            NamedRoles.Check(grant.Scope, "statement.body.scope");
            takes = grant.Effect is Effect.Deny || grant.Replaces is not null;
        }
        StatementRelay.Check(caller, patientId, signed, CheckBody);
        if (!takes)
        {
            var permit = await relay.RelayAsync(
                caller, patientId, signed, LedgerTransactions.GrantConsent, LedgerJson.Default.StatementEntry, CheckBody, ct);
            return TypedResults.Created(AddressOf(patientId, permit.StatementId), await reader.OfAsync(patientId, permit, ct));
        }
        var taken = await withholding.SubmitAsync(LedgerTransactions.GrantConsent, signed, LedgerJson.Default.StatementEntry, ct);
        var (address, consent) = (AddressOf(patientId, taken.Result.StatementId), await reader.OfAsync(patientId, taken.Result, ct));
        consent = consent with { CommittedBy = taken.CommittedBy };
        return taken.IsDone ? TypedResults.Created(address, consent) : TypedResults.Accepted(address, consent);
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
        string patientId, string statementId, SignedStatement signed, Caller caller, RepeatedRevocations revocations, Replica replica,
        CancellationToken ct)
    {
        StatementRelay.Check(caller, patientId, signed, body =>
        {
            if (body is not RevokeBody revocation || revocation.Statement != statementId)
                throw new PolicyException("statement.wrong_target", "The statement does not revoke the grant in the address.");
        });
        // What a later grant replaced, or another's word ended, was not revoked by the patient: then the contract's answer holds.
        var revocation = await revocations.SubmitAsync(LedgerTransactions.RevokeConsent, signed, LedgerJson.Default.EndedStatementEntry,
            new("consent.already_revoked", LedgerKey.EndedStatement(patientId, statementId),
                async (_, token) => await PatientRevocations.HasAsync(replica, patientId, statementId, token)), ct);
        return revocation.Answer(ConsentReader.Ended(revocation.Result) with { CommittedBy = revocation.CommittedBy });
    }

    // Those of others could tell of records that are none of a delegate's business; one's own tell nothing new.
    private static async Task<Results<Ok<ConsentsOfPatient>, ProblemHttpResult>> Own(
        string patientId, string? cursor, int? limit, Caller caller, ConsentReader reader, PatientReader patients, CursorSeal seal, CancellationToken ct)
    {
        if (caller.DelegateId is not { } delegateId || !await patients.StandsForAsync(caller, patientId, ct))
            return ApiProblem.NotAvailable.ToResult();
        var (page, next) = seal.PageOf($"own-consents {patientId} {delegateId}", await reader.SignedByAsync(patientId, delegateId, ct),
            consent => (-consent.AcceptedAt.UtcTicks, consent.Id), cursor, limit);
        return TypedResults.Ok(new ConsentsOfPatient(page, next));
    }

    private static async Task<Results<Ok<ConsentsOfPatient>, ProblemHttpResult>> List(
        string patientId, string? cursor, int? limit, Caller caller, ConsentReader reader, CursorSeal seal, CancellationToken ct) =>
        caller.MaySpeakFor(patientId) && await reader.ListAsync(patientId, seal.OpenCursor($"consents {patientId}", cursor), limit ?? DefaultLimit, ct) is { } consents
            ? TypedResults.Ok(consents with { Next = seal.SealCursor($"consents {patientId}", consents.Next) })
            : ApiProblem.NotAvailable.ToResult();
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(SignedStatement))]
[JsonSerializable(typeof(SignedAssertion))]
[JsonSerializable(typeof(Consent))]
[JsonSerializable(typeof(ConsentsOfPatient))]
[JsonSerializable(typeof(UnconfirmedPermits))]
[JsonSerializable(typeof(NewAttestation))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class ConsentJson : JsonSerializerContext;
