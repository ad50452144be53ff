using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Auth;
using HealthShare.Node.Auth.Sessions;
using HealthShare.Node.Hosting.Idempotency;
using HealthShare.Node.Ledger;
using HealthShare.Node.Problems;
using HealthShare.Node.ReadModel;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Json;
using Microsoft.AspNetCore.Http.HttpResults;

namespace HealthShare.Node.Consents;

/// <summary>A consent that a patient gave on paper or by word, for this hospital to vouch for.</summary>
/// <param name="Form">How the patient consented.</param>
/// <param name="Body">A grant's body: effect, scope and period; categories, labels, authors and encounters are tokens.</param>
/// <param name="Id">
/// Id of the attestation, <c>st-…</c>; null makes one. Whoever may have to repeat the call chooses it: the same id with the same
/// content has no second effect.
/// </param>
public sealed record NewAttestation(AttestationForm Form, JsonElement Body, string? Id = null);

/// <summary><c>/api/v1/patients/{patientId}/consents/attestations</c>: what this hospital vouches for.</summary>
internal static class AttestationEndpoints
{
    public static void MapAttestations(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/v1/patients/{patientId}/consents/attestations").WithTags("Consents")
            .ProducesProblem(404).ProducesProblem(422).ProducesProblem(503).RequirePermission(Permission.AttestConsents);
        group.MapPost("/", Attest).RequireStepUp().WithSummary("Vouch for a consent on paper or by word; it reaches this hospital's own records only");
        group.MapPost("/{attestationId}/withdrawal", Withdraw).RequireStepUp().WithSummary("Take back what this hospital vouched for")
            .WithDescription(RevocationRelay.Description);
    }

    private static async Task<Created<Consent>> Attest(
        string patientId, NewAttestation request, RequestIds ids, LedgerService ledger, CatchUp catchUp, ConsentReader reader, CancellationToken ct)
    {
        if (!LedgerId.IsValid(IdKind.Patient, patientId))
            throw new ApiProblemException(ApiProblem.NotAvailable);
        // What is stored is canonical whatever order of members the caller chose: nobody signed the caller's bytes.
        var body = CanonicalJson.Canonicalize(Encoding.UTF8.GetBytes(request.Body.GetRawText()));
        var attestation = new AttestConsent(
            patientId, request.Id ?? ids.Of(IdKind.Statement), request.Form, Base64Url.EncodeToString(body));
        NamedRoles.Check(AttestedConsents.Read(attestation, ledger.MspId).Scope, "body.scope");
        var commit = await ledger.SubmitAsync(LedgerTransactions.AttestConsent, attestation,
            LedgerJson.Default.AttestConsent, LedgerJson.Default.AttestationEntry, ct);
        await catchUp.ToAsync(commit.Block, ct);
        return TypedResults.Created($"/api/v1/patients/{patientId}/consents/attestations/{attestation.AttestationId}", await reader.OfAsync(commit.Result, ct));
    }

    private static async Task<Results<Ok<Consent>, Accepted<Consent>>> Withdraw(
        string patientId, string attestationId, RevocationRelay relay, ConsentReader reader, CancellationToken ct)
    {
        if (!LedgerId.IsValid(IdKind.Patient, patientId) || !LedgerId.IsValid(IdKind.Statement, attestationId))
            throw new ApiProblemException(ApiProblem.NotAvailable);
        var withdrawal = await relay.SubmitAsync(LedgerTransactions.WithdrawAttestation, new WithdrawAttestation(patientId, attestationId),
            LedgerJson.Default.WithdrawAttestation, LedgerJson.Default.AttestationEntry, ct);
        return withdrawal.Answer((await reader.OfAsync(withdrawal.Result, ct)) with { CommittedBy = withdrawal.CommittedBy });
    }
}
