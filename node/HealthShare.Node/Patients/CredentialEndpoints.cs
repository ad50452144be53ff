using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Auth;
using HealthShare.Node.Consents;
using HealthShare.Node.Problems;
using HealthShare.Node.ReadModel;
using HealthShare.Policy;
using HealthShare.Policy.Statements;
using Microsoft.AspNetCore.Http.HttpResults;

namespace HealthShare.Node.Patients;

/// <summary>A credential that signs, or signed, for a patient.</summary>
/// <param name="CredentialId">WebAuthn credential id, base64url.</param>
/// <param name="RpId">Relying party that it is pinned to.</param>
/// <param name="Origins">Origins that may ask for its signature.</param>
/// <param name="AddedBy">MSP id of the member that vouched for it, or relayed the signature for it.</param>
/// <param name="AddedAt">When the channel took it up.</param>
/// <param name="StatementId">The signed addition; null for one that the hospital pinned.</param>
/// <param name="IntroducedBy">Id of the credential that signed for it; null for one that the hospital pinned.</param>
/// <param name="RevokedBy">Id of the revocation; null while it is in force.</param>
/// <param name="RevokedAt">When the channel took the revocation up.</param>
/// <param name="CommittedBy">In the answer to a revocation: MSP ids of members whose peers have committed it. Two make it done.</param>
public sealed record PatientCredential(
    string CredentialId, string RpId, IReadOnlyList<string> Origins, string AddedBy, DateTimeOffset AddedAt, string? StatementId,
    string? IntroducedBy, string? RevokedBy, DateTimeOffset? RevokedAt, IReadOnlyList<string>? CommittedBy = null);

/// <summary>The credentials of a patient.</summary>
/// <param name="Credentials">Oldest first, the revoked ones included.</param>
/// <param name="Next">Cursor of the next page; null on the last.</param>
public sealed record PatientCredentials(IReadOnlyList<PatientCredential> Credentials, string? Next);

/// <summary><c>/api/v1/patients/{patientId}/credentials</c>.</summary>
internal static class CredentialEndpoints
{
    public static void MapCredentials(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/v1/patients/{patientId}/credentials").WithTags("Patients").ProducesProblem(404);
        group.MapGet("/", List).RequirePermission(Permission.SeeConsents)
            .WithSummary("List what signs, and what signed, for a patient").Paged(ListPage.UnlessTold, ListPage.Most);
        group.MapPost("/", Add).RequirePermission(Permission.RelayStatements)
            .WithSummary("Bring the signed addition of a credential to the channel").ProducesProblem(422).ProducesProblem(503);
        group.MapPost("/{credentialId}/revocation", Revoke).RequirePermission(Permission.RelayStatements)
            .WithSummary("Bring the signed revocation of a credential to the channel").WithDescription(RevocationRelay.Description).ProducesProblem(422).ProducesProblem(503);
    }

    private static async Task<Results<Ok<PatientCredentials>, ProblemHttpResult>> List(
        string patientId, string? cursor, int? limit, Caller caller, Replica replica, CursorSeal seal, CancellationToken ct)
    {
        if (!await replica.HasPatientForAsync(caller, patientId, ct))
            return ApiProblem.NotAvailable.ToResult();
        var entries = await replica.ListAsync(LedgerKind.Credential, [patientId], LedgerJson.Default.CredentialEntry, ct);
        var (page, next) = seal.PageOf($"credentials {patientId}", entries, entry => (entry.AddedAt.UtcTicks, entry.Credential.CredentialId), cursor, limit);
        var views = new List<PatientCredential>(page.Count);
        foreach (var entry in page)
        {
            var addition = entry.StatementId is { } id
                ? await replica.GetAsync(LedgerKey.EndedStatement(patientId, id), LedgerJson.Default.EndedStatementEntry, ct)
                : null;
            views.Add(ViewOf(entry, addition?.Signed));
        }
        return TypedResults.Ok(new PatientCredentials(views, next));
    }

    private static async Task<Created<PatientCredential>> Add(
        string patientId, SignedStatement signed, Caller caller, StatementRelay relay, CancellationToken ct)
    {
        var entry = await relay.RelayAsync(caller, patientId, signed, LedgerTransactions.AddCredential,
            LedgerJson.Default.CredentialEntry, body =>
            {
                if (body is not AddCredentialBody)
                    throw new PolicyException("statement.wrong_type", "The statement adds no credential.");
            }, ct);
        return TypedResults.Created($"/api/v1/patients/{patientId}/credentials", ViewOf(entry, signed));
    }

    private static async Task<Results<Ok<PatientCredential>, Accepted<PatientCredential>>> Revoke(
        string patientId, string credentialId, SignedStatement signed, Caller caller, RepeatedRevocations revocations, Replica replica,
        CancellationToken ct)
    {
        StatementRelay.Check(caller, patientId, signed, body =>
        {
            if (body is not RevokeCredentialBody revocation || revocation.Credential != credentialId)
                throw new PolicyException("statement.wrong_target", "The statement does not revoke the credential in the address.");
        });
        var revoked = await revocations.SubmitAsync(LedgerTransactions.RevokeCredential, signed, LedgerJson.Default.CredentialEntry,
            new("credential.already_revoked", LedgerKey.Credential(patientId, credentialId),
                static (entry, _) => Task.FromResult<bool?>(entry.IsRevoked ? true : null)), ct);
        var addition = revoked.Result.StatementId is { } id
            ? await replica.GetAsync(LedgerKey.EndedStatement(patientId, id), LedgerJson.Default.EndedStatementEntry, ct)
            : null;
        return revoked.Answer(ViewOf(revoked.Result, addition?.Signed) with { CommittedBy = revoked.CommittedBy });
    }

    private static PatientCredential ViewOf(CredentialEntry entry, SignedStatement? addition) => new(
        entry.Credential.CredentialId, entry.Credential.RpId, entry.Credential.Origins, entry.AddedBy, entry.AddedAt,
        entry.StatementId, addition?.Assertion.Credential, entry.RevokedBy, entry.RevokedAt);
}
