namespace HealthShare.Policy.WebAuthn;

/// <summary>The forms of relying parties and their origins, as a credential is pinned to them.</summary>
public static class RelyingParty
{
    /// <summary>Most origins of one credential.</summary>
    public const int MaxOrigins = 8;

    private const int MaxIdLength = 253; // a DNS name
    private const int MaxOriginLength = 300;

    /// <summary>True for the id of a relying party: a domain name in lower case, never an address.</summary>
    public static bool IsId(string? rpId) => rpId is { Length: >= 1 and <= MaxIdLength }
        && rpId.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '-')
        && Uri.CheckHostName(rpId) is UriHostNameType.Dns;

    /// <summary>
    /// True for an origin that a browser accepts for the relying party: its host is the id or lies below it, over TLS or on the
    /// machine itself.
    /// </summary>
    public static bool IsOriginOf(string? origin, string rpId)
    {
        if (origin is null || origin.Length > MaxOriginLength || !Uri.TryCreate(origin, UriKind.Absolute, out var uri)
            || uri.GetLeftPart(UriPartial.Authority) != origin || uri.UserInfo.Length > 0)
            return false;
        var host = uri.Host;
        var local = host == "localhost" || host.EndsWith(".localhost", StringComparison.Ordinal);
        return (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && local))
            && (host == rpId || host.EndsWith($".{rpId}", StringComparison.Ordinal));
    }
}
