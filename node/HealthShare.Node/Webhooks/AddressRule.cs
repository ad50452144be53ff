using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Webhooks;

/// <summary>
/// Where webhooks may go. An address that somebody typed must not make the node knock at what only the node reaches: without a setting
/// that names the network, nothing but public addresses.
/// </summary>
internal sealed class AddressRule(IOptions<WebhooksOptions> options)
{
    private const int LongestUrl = 2000;

    // By the registries of special-purpose addresses: private, shared, local, reserved, for documents, for many.
    private static readonly IPNetwork[] NotPublic = [.. ((string[])
    [
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
        "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
        "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
    ]).Select(IPNetwork.Parse)];

    // All that is given out for the public to reach. What holds an IPv4 address for a translator (NAT64 and its like) is elsewhere.
    private static readonly IPNetwork Global = IPNetwork.Parse("2000::/3");

    private static readonly IPNetwork[] Loopback = [IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("::1/128")];

    private readonly IPNetwork[] named = [.. options.Value.Networks.Select(IPNetwork.Parse), .. options.Value.AllowLoopback ? Loopback : []];

    /// <summary>True when a connection to this address may be opened.</summary>
    public bool Allows(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return named.Any(network => network.Contains(plain))
            || ((plain.AddressFamily is AddressFamily.InterNetwork || Global.Contains(plain)) && !NotPublic.Any(network => network.Contains(plain)));
    }

    /// <summary>What is wrong with an address as it was typed; null where nothing is. Names are looked up at each connection.</summary>
    public string? FaultOf(string url)
    {
        if (url.Length > LongestUrl || url.Any(c => char.IsControl(c) || char.IsWhiteSpace(c))
            || !Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("https" or "http"))
            return $"url is an https address of at most {LongestUrl} characters, without blanks.";
        if (uri.UserInfo.Length > 0 || uri.Fragment.Length > 0)
            return "url holds no name, password or fragment.";
        var (addresses, isOwn) = Known(uri.IdnHost.Trim('[', ']').TrimEnd('.'));
        if (uri.Scheme == Uri.UriSchemeHttp && !isOwn)
            return "url is https; http only for this machine itself.";
        if (addresses.Length == 0 || addresses.Any(Allows))
            return null;
        return isOwn
            ? "url leads to this machine itself, where webhooks go only with HealthShare:Webhooks:AllowLoopback."
            : "url is in a network that HealthShare:Webhooks:Networks does not name.";
    }

    // Where a host leads without being looked up, so that it is refused here and not at each delivery: an address, or a name of this machine (RFC 6761).
    private static (IPAddress[] Addresses, bool IsOwn) Known(string host) =>
        IPAddress.TryParse(host, out var address) ? ([address], IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address))
        : host is "localhost" || host.EndsWith(".localhost", StringComparison.Ordinal) ? ([IPAddress.Loopback, IPAddress.IPv6Loopback], true)
        : ([], false);
}
