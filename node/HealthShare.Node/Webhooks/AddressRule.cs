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

    private readonly IPNetwork[] named = [.. options.Value.Networks.Select(IPNetwork.Parse)];

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
        return IPAddress.TryParse(uri.IdnHost.Trim('[', ']'), out var address) && !Allows(address)
            ? "url is in a network that HealthShare:Webhooks:Networks does not name."
            : null;
    }
}
