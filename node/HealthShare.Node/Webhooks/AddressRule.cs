using System.Net;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Webhooks;

/// <summary>
/// Where webhooks may go. An address that somebody typed must not make the node knock at what only the node reaches: without a setting
/// that names the network, nothing but public addresses.
/// </summary>
internal sealed class AddressRule(IOptions<WebhooksOptions> options)
{
    private const int LongestUrl = 2000;

    // By the registries of special-purpose addresses: private, shared, local, reserved, for documents, for many, and those that hold an IPv4 address.
    private static readonly IPNetwork[] NotPublic = [.. ((string[])
    [
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
        "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
        "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "fc00::/7", "fe80::/10",
        "fec0::/10", "ff00::/8",
    ]).Select(IPNetwork.Parse)];

    private static readonly IPNetwork[] Loopback = [IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("::1/128")];

    private readonly IPNetwork[] named = [.. options.Value.Networks.Select(IPNetwork.Parse), .. options.Value.AllowLoopback ? Loopback : []];

    /// <summary>True when a connection to this address may be opened.</summary>
    public bool Allows(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return named.Any(network => network.Contains(plain)) || !NotPublic.Any(network => network.Contains(plain));
    }

    /// <summary>What is wrong with an address as it was typed; null where nothing is. Names are looked up at each connection.</summary>
    public string? FaultOf(string url)
    {
        if (url.Length > LongestUrl || !Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("https" or "http"))
            return $"url is an https address of at most {LongestUrl} characters.";
        if (uri.UserInfo.Length > 0 || uri.Fragment.Length > 0)
            return "url holds no name, password or fragment.";
        if (uri.Scheme == Uri.UriSchemeHttp && !uri.IsLoopback)
            return "url is https; http only for this machine itself.";
        var host = uri.IdnHost.Trim('[', ']').TrimEnd('.');
        var isAddress = IPAddress.TryParse(host, out var address);
        // Known without looking them up (RFC 6761), so they are refused here and not at each delivery.
        var isOwnName = host is "localhost" || host.EndsWith(".localhost", StringComparison.Ordinal);
        if (isAddress ? Allows(address!) : !isOwnName || named.Any(network => Loopback.Any(own => own.Contains(network.BaseAddress))))
            return null;
        return isOwnName || IPAddress.IsLoopback(address!)
            ? "url leads to this machine itself, where webhooks go only with HealthShare:Webhooks:AllowLoopback."
            : "url is in a network that HealthShare:Webhooks:Networks does not name.";
    }
}
