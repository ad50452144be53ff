using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Auth.Passkeys;
using HealthShare.Node.Auth.People;
using HealthShare.Node.Auth.Sessions;
using HealthShare.Node.Hosting;
using HealthShare.Node.Ledger;
using HealthShare.Node.Problems;
using HealthShare.Node.ReadModel;
using HealthShare.Policy;
using HealthShare.Policy.Ids;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Auth.SecondKeys;

/// <summary>Which portals get a second passkey from this origin's page, or at which sites one can be made.</summary>
/// <param name="Items">Origins, such as <c>https://north.example</c>.</param>
public sealed record SecondKeyOrigins(IReadOnlyList<string> Items);

/// <summary>
/// <c>/api/v1/second-keys</c> of a regulator's node: makes a passkey at an origin that no hospital serves, so that the hospital's portal
/// alone cannot have a patient sign, and brings what it signs a second time to the channel. The node keeps nothing of it, and knows nobody by it.
/// </summary>
internal static class SecondKeyEndpoints
{
    private const string Name = "HealthShare, second passkey";

    private static readonly ApiProblem Refused = new(StatusCodes.Status401Unauthorized, "enrolment.refused", "The passkey was not accepted.",
        "The passkey must verify you, by fingerprint, face or PIN, and use ES256. Begin again.");

    private const string RetryAfterSeconds = "5";

    private static readonly ApiProblem NotHereYet = new(StatusCodes.Status503ServiceUnavailable, "readmodel.behind",
        "This node's copy of the channel does not have the permit yet; ask again shortly.");

    public static void MapSecondKeys(this IEndpointRouteBuilder app)
    {
        if (app.ServiceProvider.GetRequiredService<IOptions<NodeOptions>>().Value.Kind is not NodeKind.Regulator)
        {
            // A hospital's own origin is no second one: its portal is told where there is one.
            app.MapGet("/api/v1/second-keys/pages", Pages).RequirePermission(Permission.UseSession).WithTags("Second keys")
                .WithSummary("List the sites where a patient can make a second passkey, and sign with it");
            return;
        }
        var group = app.MapGroup("/api/v1/second-keys").WithTags("Second keys");
        group.MapGet("/origins", Origins).AllowAnonymous().WithSummary("List the portals that a second passkey may be handed to");
        group.MapPost("/options", Begin).ForSignIn().WithSummary("Begin to make a second passkey: options for the browser");
        group.MapPost("/", End).ForSignIn().WithSummary("Check a second passkey and get what a patient signs for it; nothing is kept").ProducesProblem(401);
        group.MapPost("/co-signatures", CoSign).ForSignIn()
            .WithSummary("Bring a second signature under a broad permit, by a passkey of this site, to the channel")
            .WithDescription("The statement is the permit's own bytes. Nobody is signed in: the signature says that the patient was here.")
            .ProducesProblem(404).ProducesProblem(422).ProducesProblem(503);
    }

    private static Ok<SecondKeyOrigins> Origins(IOptions<SecondKeysOptions> options) =>
        TypedResults.Ok(new SecondKeyOrigins([.. options.Value.Origins.Select(origin => origin.GetLeftPart(UriPartial.Authority))]));

    private static Ok<SecondKeyOrigins> Pages(IOptions<SecondKeysOptions> options) =>
        TypedResults.Ok(new SecondKeyOrigins([.. options.Value.Pages.Select(page => page.GetLeftPart(UriPartial.Authority))]));

    private static async Task<Ok<JsonElement>> Begin(HttpContext http, PasskeyCeremony passkeys, SessionCookie cookie) =>
        TypedResults.Ok(await passkeys.BeginAttestationAsync(ChallengePurpose.SecondKey, cookie.BeginSignIn(http.Response),
            new PasskeyUserEntity { Id = Person.NewId(), Name = Name, DisplayName = Name }));

    private static async Task<Ok<Credential>> End(
        PasskeyAnswer answer, HttpContext http, PasskeyCeremony passkeys, SessionCookie cookie, NodeOrigin origin)
    {
        var passkey = cookie.SignInOf(http.Request) is { } owner
            ? await passkeys.EndAttestationAsync(ChallengePurpose.SecondKey, owner, answer.Credential)
            : null;
        return passkey is null
            ? throw new ApiProblemException(Refused)
            : TypedResults.Ok(new Credential(Base64Url.EncodeToString(passkey.CredentialId), Base64Url.EncodeToString(passkey.PublicKey),
                origin.RpId, [origin.Value]));
    }

    // Whoever is there without a session moves nothing to the channel but what a passkey of this site signed, and learns of no permit.
    private static async Task<Results<NoContent, ProblemHttpResult>> CoSign(
        SignedStatement signed, HttpContext http, Replica replica, PermitLookUp permits, NodeOrigin origin, LedgerService ledger, CancellationToken ct)
    {
        var permit = SignedStatementReader.Read(signed);
        var key = LedgerCode.IsCredentialId(signed.Assertion.Credential)
            ? await replica.GetAsync(LedgerKey.Credential(permit.Patient, signed.Assertion.Credential), LedgerJson.Default.CredentialEntry, ct)
            : null;
        if (key is not { IsRevoked: false, Credential: { Origins: [var pinned] } credential } || pinned != origin.Value || !IsSigned(signed, credential))
            return ApiProblem.NotAvailable.ToResult();
        // From here on it is the patient, who may have given the permit a moment ago, through a hospital whose copy is ahead of this one.
        var (entry, isOver) = await permits.FindAsync(permit.Patient, permit.Id, ct);
        if (entry is null && !isOver)
        {
            http.Response.Headers.RetryAfter = RetryAfterSeconds;
            return NotHereYet.ToResult();
        }
        if (entry?.Signed.Statement != signed.Statement)
            return ApiProblem.NotAvailable.ToResult();
        await ledger.SubmitAsync(LedgerTransactions.CoSignConsent, new CoSignConsent(permit.Patient, permit.Id, signed.Assertion),
            LedgerJson.Default.CoSignConsent, LedgerJson.Default.StatementEntry, ct);
        return TypedResults.NoContent();
    }

    private static bool IsSigned(SignedStatement signed, Credential credential)
    {
        try
        {
            SignedStatementReader.Verify(signed, credential);
            return true;
        }
        catch (PolicyException)
        {
            return false;
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(SecondKeyOrigins))]
internal sealed partial class SecondKeyJson : JsonSerializerContext;
