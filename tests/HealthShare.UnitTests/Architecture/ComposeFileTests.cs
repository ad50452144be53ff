using HealthShare.Node.Receipts;
using HealthShare.UnitTests.Support;
using Microsoft.Extensions.Configuration;

namespace HealthShare.UnitTests.Architecture;

/// <summary>Holds the containers' network to what a hospital's security review asks for.</summary>
public sealed class ComposeFileTests
{
    private static readonly string Yaml = File.ReadAllText(Path.Combine(SharedData.RepositoryRoot, "docker-compose.fabric.yml"));

    [Fact]
    public void The_compose_file_has_no_secret_no_unpinned_image_no_root_and_no_way_into_the_machine() =>
        Assert.Empty(new ComposeFile(Yaml).Faults());

    [Fact]
    public void Every_member_has_its_peer_and_node_every_hospital_its_chaincode_and_three_nodes_order()
    {
        var services = new ComposeFile(Yaml).Services.Keys.ToHashSet();
        string[] hospitals = ["north", "south", "east"];
        Assert.Subset(services, new HashSet<string>(
        [
            .. hospitals.Append("regulator").SelectMany(member => new[] { $"peer0.{member}.example", $"node.{member}.example" }),
            .. hospitals.Select(hospital => $"chaincode.{hospital}.example"),
            .. Enumerable.Range(1, 3).Select(number => $"orderer{number}.orderer.example"),
        ]));
        Assert.DoesNotContain("chaincode.regulator.example", services);
    }

    [Fact]
    public void What_the_first_start_was_given_need_not_be_given_again()
    {
        // Settings that the network keeps: a default here would contradict what was kept.
        var settings = (IDictionary<object, object?>)new ComposeFile(Yaml).Services["identities"]["environment"]!;
        foreach (var kept in (string[])["CHANNEL", "BATCH_TIMEOUT", "BATCH_MESSAGES", "RAFT_TICK"])
            Assert.Equal("", settings[kept] ?? "");
    }

    [Fact]
    public void Every_node_knows_every_other_members_node_for_receipts_and_whose_certificate_to_trust()
    {
        var services = new ComposeFile(Yaml).Services;
        string[] members = ["north", "south", "east", "regulator"];
        foreach (var member in members)
        {
            var settings = ((IDictionary<object, object?>)services[$"node.{member}.example"]["environment"]!)
                .ToDictionary(setting => ((string)setting.Key).Replace("__", ":", StringComparison.Ordinal), setting => setting.Value as string);
            var receipts = new ConfigurationBuilder().AddInMemoryCollection(settings).Build().GetSection("HealthShare:Receipts")
                .Get<ReceiptsOptions>(binder => binder.ErrorOnUnknownConfiguration = true)!;
            Assert.Equal(members.Select(other => ($"{char.ToUpperInvariant(other[0])}{other[1..]}MSP", new Uri($"https://node.{other}.example:5101"),
                $"/etc/healthshare/crypto/peerOrganizations/{other}.example/tlsca/tlsca.{other}.example-cert.pem")),
                receipts.Nodes.Select(node => (node.MspId, node.Url!, node.CaFile!)));
            // They meet in the consortium's network, where each listens on that port.
            Assert.Contains("consortium", ((IEnumerable<object>)services[$"node.{member}.example"]["networks"]!).Cast<string>());
            Assert.Equal("https://0.0.0.0:5101", settings["HEALTHSHARE:HTTP:URL"]);
        }
    }

    [Fact]
    public void Every_hospital_has_its_IPFS_node_and_a_peer_for_every_custodians_pinset()
    {
        var services = new ComposeFile(Yaml).Services;
        string[] hospitals = ["north", "south", "east"];
        foreach (var hospital in hospitals)
        {
            string[] expected = [$"kubo.{hospital}.example", $"ipfs-gc.{hospital}.example", .. hospitals.Select(pinset => $"pins-{pinset}.{hospital}.example")];
            Assert.Equal(expected.Order(), services.Keys
                .Where(name => name.EndsWith($".{hospital}.example", StringComparison.Ordinal) && services[name].ContainsKey("profiles")).Order());
        }
        Assert.DoesNotContain(services.Keys, name => name.StartsWith("kubo.regulator", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("read_only: true", "read_only: false", "can be written")]
    [InlineData("user: \"1654:1654\"", "user: \"0:0\"", "unprivileged")]
    [InlineData("user: \"1654:1654\"", "user: app", "unprivileged")]
    [InlineData("cap_drop: [ALL]", "cap_drop: [NET_RAW]", "capabilities")]
    [InlineData("no-new-privileges:true", "no-new-privileges:false", "privileges")]
    [InlineData("fabric-peer:${FABRIC_VERSION:-2.5.4}", "fabric-peer:latest", "pinned")]
    [InlineData("fabric-peer:${FABRIC_VERSION:-2.5.4}", "fabric-peer:2.5", "pinned")]
    [InlineData("fabric-peer:${FABRIC_VERSION:-2.5.4}", "fabric-peer", "pinned")]
    [InlineData("- 127.0.0.1:${NORTH_HTTPS_PORT:-5101}:5101", "- ${NORTH_HTTPS_PORT:-5101}:5101", "loopback")]
    [InlineData("volumes: [network:/volumes/network,", "volumes: [/var/run/docker.sock:/volumes/network,", "something of the machine")]
    [InlineData("volumes: [south-chaincode:/etc/healthshare:ro]", "volumes: [north-chaincode:/etc/healthshare:ro]", "somebody else")]
    [InlineData("volumes: [south-chaincode:/etc/healthshare:ro]", "volumes: [south-chaincode:/etc/healthshare]", "write its own settings")]
    [InlineData("volumes: [orderer2:/etc", "volumes: [orderer1:/etc", "somebody else")]
    [InlineData("CORE_PEER_ID: peer0.east.example", "DATABASE_PASSWORD: east", "holds a secret")]
    [InlineData("CORE_PEER_ID: peer0.east.example", "SALT: 0123456789abcdef0123456789abcdef", "looks like a key")]
    [InlineData("CORE_PEER_ID: peer0.east.example", "SALT: \"-----BEGIN PRIVATE KEY-----\"", "looks like a key")]
    [InlineData("pids_limit: 512", "oom_score_adj: 1", "pids_limit")]
    [InlineData("restart: unless-stopped", "restart: on-failure", "started again")]
    [InlineData("healthcheck: *fabric-health", "healthcheck: {disable: true}", "health check")]
    [InlineData("network_mode: none", "network_mode: host", "not its own")]
    [InlineData("ipfs/kubo:${KUBO_VERSION:-v0.43.0}", "ipfs/kubo:release", "pinned")]
    [InlineData("ipfs/ipfs-cluster:${IPFS_CLUSTER_VERSION:-v1.1.6}", "ipfs/ipfs-cluster:latest", "pinned")]
    [InlineData("LIBP2P_FORCE_PNET: \"1\"", "LIBP2P_FORCE_PNET: \"0\"", "public network")]
    [InlineData("LIBP2P_FORCE_PNET: \"1\"", "IPFS_SWARM_KEY: abc", "holds a secret")]
    [InlineData("networks: [consortium, doors, south-ipfs]", "networks: [consortium, doors, north-ipfs]", "IPFS node of somebody else")]
    [InlineData("networks: [consortium, doors]\n    environment: *regulator", "networks: [consortium, doors, east-ipfs]", "IPFS node of somebody else")]
    [InlineData("networks: [north-ipfs]", "networks: [north-ipfs, doors]", "no network of IPFS nodes")]
    [InlineData("PINSET: south, ", "PINSET: south, CLUSTER_CRDT_TRUSTEDPEERS: \"*\", ", "change its pins")]
    [InlineData("volumes: [north-pins-settings:/etc/healthshare:ro, ", "volumes: [south-pins-settings:/etc/healthshare:ro, ", "somebody else")]
    [InlineData("mem_limit: ${KUBO_MEMORY:-1g}", "ports: [\"127.0.0.1:5001:5001\"]", "private IPFS network")]
    [InlineData("north-ipfs: {ipv4_address: \"${NORTH_IPFS_NETWORK:-10.231.1}.2\"}", "north-ipfs: {}", "no fixed address")]
    [InlineData(", ip_range: \"${EAST_IPFS_NETWORK:-10.231.3}.8/29\"", "", "given out")]
    [InlineData("north-ipfs:\n    internal: true", "north-ipfs:\n    internal: false", "a way out")]
    [InlineData("EAST_GC_HOUR:-6", "EAST_GC_HOUR:-4", "same hour")]
    [InlineData("services:\n", "name: healthshare\nservices:\n", "top-level name")]
    public void What_would_weaken_it_is_found(string text, string weaker, string fault)
    {
        Assert.Contains(text, Yaml, StringComparison.Ordinal);
        var faults = new ComposeFile(Yaml.Replace(text, weaker, StringComparison.Ordinal)).Faults();
        Assert.Contains(faults, found => found.Contains(fault, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("node/HealthShare.Node/Dockerfile", 3)]
    [InlineData("chaincode/HealthShare.Chaincode.Host/Dockerfile", 2)]
    [InlineData("network/fabric/containers/Dockerfile", 1)]
    public void An_image_built_here_starts_from_a_version_and_ends_without_root(string file, int stages)
    {
        var lines = File.ReadAllLines(Path.Combine(SharedData.RepositoryRoot, file))
            .Where(line => line.Length > 0 && line[0] is not ('#' or ' ')).ToList();
        var from = lines.Where(line => line.StartsWith("FROM ", StringComparison.Ordinal)).ToList();
        Assert.Equal(stages, from.Count);
        Assert.All(from, line => Assert.Matches(@"^FROM (\$\{(SDK|RUNTIME)_IMAGE\}|[a-z0-9./-]+:\$\{[A-Z]+_VERSION\})( AS [a-z]+)?$", line));
        // A name with fewer numbers floats: the same build would take another image tomorrow.
        var versions = lines.Where(line => line.Contains("_VERSION=", StringComparison.Ordinal)).ToList();
        Assert.Equal(stages, versions.Count);
        Assert.All(versions, line => Assert.Matches(@"=[0-9]+\.[0-9]+\.[0-9]+$", line));
        Assert.All(lines.Where(line => line.Contains("_IMAGE=", StringComparison.Ordinal)), line => Assert.Matches(@":\$\{(SDK|RUNTIME)_VERSION\}$", line));
        Assert.Equal("USER 1654:1654", lines.Last(line => line.StartsWith("USER ", StringComparison.Ordinal)));
        Assert.DoesNotContain(lines, line => line.StartsWith("ADD ", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_image_of_ours_is_built_by_the_same_SDK_for_the_same_runtime()
    {
        var versions = new[] { "node/HealthShare.Node/Dockerfile", "chaincode/HealthShare.Chaincode.Host/Dockerfile" }
            .Select(file => string.Join(' ', File.ReadLines(Path.Combine(SharedData.RepositoryRoot, file))
                .Where(line => line.StartsWith("ARG SDK_", StringComparison.Ordinal) || line.StartsWith("ARG RUNTIME_", StringComparison.Ordinal)))).ToList();
        Assert.Equal(versions[0], versions[1]);
    }

    [Fact]
    public void Images_are_built_from_what_is_named_and_from_nothing_else()
    {
        var patterns = File.ReadAllLines(Path.Combine(SharedData.RepositoryRoot, ".dockerignore"))
            .Where(line => line.Length > 0 && line[0] != '#').ToList();
        Assert.Equal("*", patterns[0]);
        Assert.DoesNotContain("!.git", patterns);
    }
}
