namespace HealthShare.UnitTests.Architecture;

/// <summary>The private IPFS network: who commands a node, and what keeps the swarm to itself.</summary>
internal sealed partial class ComposeFile
{
    private const string MembersOwn = "-ipfs";

    private static IEnumerable<string> IpfsFaults(string name, IDictionary<object, object?> service)
    {
        var (owner, networks, environment) = (OwnerOf(name), Networks(service), Map(service, "environment"));
        // Whoever is on this network may command the member's node: Kubo's RPC asks for no password, since Cluster can give none.
        foreach (var network in networks.Keys.Where(network => network.EndsWith(MembersOwn, StringComparison.Ordinal)
            && network != owner + MembersOwn))
        {
            yield return $"it reaches the IPFS node of somebody else on {network}";
        }
        if (Text(environment, "CLUSTER_CRDT_TRUSTEDPEERS").Contains('*', StringComparison.Ordinal))
            yield return "it lets every peer change its pins";
        var image = Text(service, "image");
        if (!image.StartsWith("ipfs/", StringComparison.Ordinal))
            yield break;
        if (service.ContainsKey("ports"))
            yield return "it publishes a port of the private IPFS network";
        foreach (var network in networks.Keys.Where(network => network != "consortium" && network != owner + MembersOwn))
            yield return $"it reaches {network}, which is no network of IPFS nodes";
        if (name.StartsWith("kubo.", StringComparison.Ordinal) && Text(environment, "LIBP2P_FORCE_PNET") != "1")
            yield return "it would join the public network without a swarm key";
        // What listens on the member's own network listens on this address alone, and not on the network of all members.
        var listens = name.StartsWith("kubo.", StringComparison.Ordinal) || name.StartsWith($"pins-{owner}.", StringComparison.Ordinal);
        if (listens && Text(networks.GetValueOrDefault(owner + MembersOwn) ?? new Dictionary<object, object?>(), "ipv4_address").Length == 0)
            yield return "it has no fixed address on its member's own network";
    }

    private IEnumerable<string> IpfsNetworkFaults()
    {
        foreach (var (key, value) in Map(root, "networks").Where(network => ((string)network.Key).EndsWith(MembersOwn, StringComparison.Ordinal)))
        {
            var network = value as IDictionary<object, object?> ?? new Dictionary<object, object?>();
            if (Text(network, "internal") != "true")
                yield return $"{key}: it has a way out";
            var addresses = Map(network, "ipam").TryGetValue("config", out var ranges) && ranges is IList<object?> { Count: 1 } one
                && one[0] is IDictionary<object, object?> range ? range : new Dictionary<object, object?>();
            if (Text(addresses, "subnet").Length == 0 || Text(addresses, "ip_range").Length == 0)
                yield return $"{key}: an address that is given out may be the one that a service needs";
        }
        var hours = Services.Where(service => service.Key.StartsWith("ipfs-gc.", StringComparison.Ordinal))
            .Select(service => Text(Map(service.Value, "environment"), "GC_HOUR")).ToList();
        if (hours.Distinct().Count() != hours.Count)
            yield return "two members collect garbage in the same hour";
    }

    // Networks are a list of names, or names with settings.
    private static Dictionary<string, IDictionary<object, object?>> Networks(IDictionary<object, object?> service) =>
        service.TryGetValue("networks", out var networks) && networks is IDictionary<object, object?>
            ? Map(service, "networks").ToDictionary(
                network => (string)network.Key, network => network.Value as IDictionary<object, object?> ?? new Dictionary<object, object?>())
            : List(service, "networks").ToDictionary(network => network, _ => (IDictionary<object, object?>)new Dictionary<object, object?>());
}
