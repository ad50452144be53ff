namespace HealthShare.Node.Auth.Sessions;

/// <summary>The two cookies: one holds a session's token, the other ties an unanswered sign-in to the browser that began it.</summary>
internal sealed class SessionCookie(NodeOrigin origin)
{
    private const string Session = "healthshare", SignIn = "healthshare-sign-in";

    public string? TokenOf(HttpRequest request) => origin.IsKnown ? request.Cookies[origin.CookieName(Session)] : null;

    public void Set(HttpResponse response, string token) => Append(response, Session, token, null);

    public void Clear(HttpResponse response) => response.Cookies.Delete(origin.CookieName(Session), Options(null));

    /// <summary>Makes the browser's part of a sign-in that begins.</summary>
    public string BeginSignIn(HttpResponse response)
    {
        var token = SessionToken.New();
        Append(response, SignIn, token, TimeSpan.FromMinutes(5));
        return Owner(token);
    }

    /// <summary>Whose sign-in the request ends; null where the browser began none.</summary>
    public string? SignInOf(HttpRequest request) =>
        request.Cookies[origin.CookieName(SignIn)] is { } token && SessionToken.IsPlausible(token) ? Owner(token) : null;

    private static string Owner(string token) => Convert.ToHexString(SessionToken.Hash(token));

    private void Append(HttpResponse response, string name, string value, TimeSpan? maxAge) =>
        response.Cookies.Append(origin.CookieName(name), value, Options(maxAge));

    private CookieOptions Options(TimeSpan? maxAge) => new()
    {
        HttpOnly = true, Secure = origin.IsSecure, SameSite = SameSiteMode.Strict, Path = "/", MaxAge = maxAge, IsEssential = true,
    };
}
