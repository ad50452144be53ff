using System.Diagnostics.CodeAnalysis;
using HealthShare.Node.Hosting;
using HealthShare.Node.Problems;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Auth;

/// <summary>The one origin whose pages people sign in from, and what follows from it.</summary>
internal sealed class NodeOrigin(IOptions<SignInOptions> signIn, IOptions<HttpOptions> http)
{
    private readonly Uri? origin = signIn.Value.Origin ?? (IsUsable(http.Value.Url) ? http.Value.Url : null);

    /// <summary>False where this node has no name that a passkey could be bound to.</summary>
    public bool IsKnown => origin is not null;

    /// <summary>As browsers write it, such as <c>https://north.example</c>.</summary>
    /// <exception cref="ApiProblemException">There is none.</exception>
    public string Value => Known.GetLeftPart(UriPartial.Authority);

    /// <summary>The passkeys' relying party: the host name.</summary>
    /// <exception cref="ApiProblemException">There is none.</exception>
    public string RpId => Known.Host;

    /// <summary>True for https. Only there may cookies be marked as secure: not every browser takes such ones from http://localhost.</summary>
    public bool IsSecure => Known.Scheme == Uri.UriSchemeHttps;

    /// <summary>A cookie's name: with the prefix that ties it to this host alone, where browsers allow that.</summary>
    public string CookieName(string name) => IsSecure ? $"__Host-{name}" : name;

    private Uri Known => origin ?? throw new ApiProblemException(new ApiProblem(StatusCodes.Status503ServiceUnavailable,
        "session.not_set_up", "People cannot sign in here yet.", "HealthShare:SignIn:Origin is not set, and HealthShare:Http:Url has no host name."));

    /// <summary>True for an origin that browsers let passkeys be bound to.</summary>
    public static bool IsUsable([NotNullWhen(true)] Uri? url) =>
        url is { IsAbsoluteUri: true, HostNameType: UriHostNameType.Dns } && url.Port != 0
        && url is { PathAndQuery: "/", Fragment: "", UserInfo: "" }
        && (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp
            && (url.Host == "localhost" || url.Host.EndsWith(".localhost", StringComparison.Ordinal))));
}
