using System.Buffers.Text;
using System.Text.Json;
using HealthShare.Node.Auth.Passkeys;
using HealthShare.Node.Auth.People;
using HealthShare.Node.Database;
using HealthShare.Node.Problems;
using Microsoft.AspNetCore.Identity;

namespace HealthShare.Node.Auth.Sessions;

/// <summary>Lets people in with their passkeys.</summary>
internal sealed partial class SignIns(
    PasskeyCeremony passkeys, PersonStore people, SessionStore sessions, SessionCookie cookie, CredentialStanding standing,
    SignInThrottle throttle, IDatabase database, ILogger<SignIns> logger)
{
    /// <summary>One answer to whatever is not as it should be.</summary>
    public static ApiProblem Refused { get; } =
        new(StatusCodes.Status401Unauthorized, "session.refused", "The passkey did not sign you in.");

    /// <summary>Begins a session and sets its cookie. What the browser had before is over.</summary>
    /// <exception cref="ApiProblemException">Refused, or too often.</exception>
    public async Task<Session> SignInAsync(JsonElement credential, HttpContext http, CancellationToken ct)
    {
        var (address, id) = (AddressOf(http), IdOf(credential));
        throttle.Check(address, id);
        var session = cookie.SignInOf(http.Request) is { } owner
            && await passkeys.EndAssertionAsync(ChallengePurpose.SignIn, owner, credential) is var (person, passkey)
            ? await BeginAsync(person, passkey, http, ct)
            : null;
        if (session is not null)
            return session;
        throttle.Refused(address, id);
        LogRefused();
        throw new ApiProblemException(Refused);
    }

    /// <summary>Notes a fresh use of a passkey that would open such a session: the same person's, and for who signs under an id of its own the same id.</summary>
    /// <inheritdoc cref="SignInAsync" path="/exception"/>
    public async Task<Session> StepUpAsync(Session session, JsonElement credential, HttpContext http, CancellationToken ct)
    {
        var (address, id) = (AddressOf(http), IdOf(credential));
        throttle.Check(address, id);
        if (await passkeys.EndAssertionAsync(ChallengePurpose.StepUp, session.Id, credential) is var (person, passkey)
            && person.Id == session.Person.Id && await StandsAsync(person, passkey, ct) is { } signer && signer.DelegateId == session.Person.DelegateId)
        {
            var until = await database.WriteAsync(async transaction =>
            {
                await people.UsedAsync(transaction, passkey, ct);
                return await sessions.StepUpAsync(transaction, session.Id, ct);
            }, ct);
            return session with { StepUpUntil = until };
        }
        throttle.Refused(address, id);
        LogRefused();
        throw new ApiProblemException(Refused);
    }

    /// <summary>Begins a session with a passkey that was checked; null where the channel says that it signs nobody in.</summary>
    public async Task<Session?> BeginAsync(Person person, UserPasskeyInfo passkey, HttpContext http, CancellationToken ct)
    {
        if (await StandsAsync(person, passkey, ct) is not { } signedIn)
            return null;
        var begun = await database.WriteAsync<(string Token, Session Session)?>(async transaction =>
        {
            if (!await people.UsedAsync(transaction, passkey, ct))
                return null; // taken away a moment ago
            await SessionStore.EndByTokenAsync(transaction, cookie.TokenOf(http.Request), ct);
            return await sessions.BeginAsync(transaction, signedIn, Base64Url.EncodeToString(passkey.CredentialId), http.Request.Headers.UserAgent, ct);
        }, ct);
        if (begun is not var (token, session))
            return null;
        // A block that revokes the passkey may have come between the look and the session.
        if (await StandsAsync(person, passkey, ct) is null)
        {
            await sessions.EndAsync(signedIn, session.Id, ct);
            return null;
        }
        cookie.Set(http.Response, token);
        LogSignedIn(person.Id, person.Role, session.Id);
        return session;
    }

    private Task<Person?> StandsAsync(Person person, UserPasskeyInfo passkey, CancellationToken ct) =>
        standing.SignInAsync(person, Base64Url.EncodeToString(passkey.CredentialId), passkey.PublicKey, ct);

    private static string AddressOf(HttpContext http) => http.Connection.RemoteIpAddress?.ToString() ?? "";

    private static string IdOf(JsonElement credential) => credential is { ValueKind: JsonValueKind.Object }
        && credential.TryGetProperty("id", out var id) && id.ValueKind is JsonValueKind.String && id.GetString() is { Length: <= 1400 } text ? text : "";

    [LoggerMessage(3310, LogLevel.Information, "{Person} signed in as {Role}: session {Session}.")]
    private partial void LogSignedIn(string person, Role role, string session);

    [LoggerMessage(3311, LogLevel.Warning, "A sign-in was refused.")]
    private partial void LogRefused();
}
