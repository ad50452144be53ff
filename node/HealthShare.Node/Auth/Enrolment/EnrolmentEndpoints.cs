using System.Text.Json;
using System.Text.Json.Serialization;
using HealthShare.Node.Auth.Sessions;
using Microsoft.AspNetCore.Http.HttpResults;

namespace HealthShare.Node.Auth.Enrolment;

/// <summary>The token of a one-time link.</summary>
/// <param name="Token">What stands behind the # of the link.</param>
public sealed record EnrolmentToken(string Token);

/// <summary>Whom the link is for, and what the browser needs to make a passkey.</summary>
/// <param name="DisplayName">Name for people.</param>
/// <param name="Role">What the person is.</param>
/// <param name="Organization">The member that runs this node.</param>
/// <param name="Options">For <c>PublicKeyCredential.parseCreationOptionsFromJSON()</c>.</param>
public sealed record BegunEnrolment(string DisplayName, Role Role, SessionOrganization Organization, JsonElement Options);

/// <summary>A new passkey.</summary>
/// <param name="Token">The token of the one-time link.</param>
/// <param name="Credential">The result of <c>PublicKeyCredential.toJSON()</c>.</param>
public sealed record NewEnrolment(string Token, JsonElement Credential);

/// <summary><c>/api/v1/enrolments</c>.</summary>
internal static class EnrolmentEndpoints
{
    public static void MapEnrolments(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/v1/enrolments").WithTags("Enrolment");
        group.MapPost("/options", Begin).ForSignIn().WithSummary("Begin to enrol a passkey by a one-time link").ProducesProblem(404);
        group.MapPost("/", End).ForSignIn().WithSummary("Enrol a passkey by a one-time link, and sign in")
            .ProducesProblem(401).ProducesProblem(404).ProducesProblem(409).ProducesProblem(503);
    }

    private static async Task<Ok<BegunEnrolment>> Begin(EnrolmentToken request, PasskeyEnrolment enrolment, SessionViews views, CancellationToken ct)
    {
        var (person, options) = await enrolment.BeginAsync(request.Token, ct);
        return TypedResults.Ok(new BegunEnrolment(person.Name, person.Role, views.Organization, options));
    }

    private static async Task<Ok<SessionView>> End(
        NewEnrolment request, HttpContext http, PasskeyEnrolment enrolment, SessionViews views, CancellationToken ct) =>
        TypedResults.Ok(views.Of(await enrolment.EndAsync(request.Token, request.Credential, http, ct)));
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(SessionView))]
[JsonSerializable(typeof(PasskeyAnswer))]
[JsonSerializable(typeof(OwnSessions))]
[JsonSerializable(typeof(NewInvitation))]
[JsonSerializable(typeof(CreatedInvitation))]
[JsonSerializable(typeof(InvitationPage))]
[JsonSerializable(typeof(EnrolmentToken))]
[JsonSerializable(typeof(BegunEnrolment))]
[JsonSerializable(typeof(NewEnrolment))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class SignInJson : JsonSerializerContext;
