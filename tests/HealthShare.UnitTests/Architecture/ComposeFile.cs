using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace HealthShare.UnitTests.Architecture;

/// <summary>Reads a compose file and names what in it a hospital should not run. Knows nothing of an engine and needs none.</summary>
internal sealed partial class ComposeFile
{
    // Nobody needs more to write a volume, and a service that asks for more asks for too much.
    private static readonly string[] Forbidden =
        ["privileged", "cap_add", "devices", "device_cgroup_rules", "pid", "ipc", "userns_mode", "group_add", "extra_hosts", "env_file"];

    // Only they see every member's keys, because they make them.
    private static readonly string[] MakesKeys = ["identities", "channel"];

    private readonly IDictionary<object, object?> root;

    public ComposeFile(string yaml)
    {
        var text = Variable().Replace(yaml, match => match.Groups["default"].Value);
        root = (IDictionary<object, object?>)new DeserializerBuilder().Build()
            .Deserialize(new MergingParser(new Parser(new StringReader(text))))!;
    }

    public IReadOnlyDictionary<string, IDictionary<object, object?>> Services => Map(root, "services")
        .ToDictionary(service => (string)service.Key, service => (IDictionary<object, object?>)service.Value!);

    /// <summary>A line for everything that is not as it should be.</summary>
    public IEnumerable<string> Faults()
    {
        // docker-compose 1.29 refuses a file with a name.
        if (root.ContainsKey("name"))
            yield return "the file has a top-level name";
        foreach (var (name, service) in Services)
        {
            foreach (var fault in Faults(name, service))
                yield return $"{name}: {fault}";
        }
        foreach (var fault in IpfsNetworkFaults())
            yield return fault;
    }

    private IEnumerable<string> Faults(string name, IDictionary<object, object?> service)
    {
        var image = Text(service, "image");
        if (!PinnedImage().IsMatch(image))
            yield return $"the image '{image}' is not pinned by a version";
        if (image.StartsWith("localhost/", StringComparison.Ordinal) != service.ContainsKey("build"))
            yield return $"the image '{image}' must be built here exactly if its name says so";
        if (!User().IsMatch(Text(service, "user")))
            yield return "it does not run under an unprivileged account given by numbers";
        if (Text(service, "read_only") != "true")
            yield return "its root file system can be written";
        if (!List(service, "cap_drop").SequenceEqual(["ALL"]))
            yield return "it keeps capabilities";
        if (!List(service, "security_opt").SequenceEqual(["no-new-privileges:true"]))
            yield return "it may gain privileges";
        foreach (var key in Forbidden.Where(service.ContainsKey))
            yield return $"it sets {key}";
        if (Text(service, "network_mode") is not ("" or "none"))
            yield return "it shares a network that is not its own";
        foreach (var limit in new[] { "mem_limit", "cpus", "pids_limit" }.Where(limit => Text(service, limit).Length == 0))
            yield return $"it has no {limit}";
        foreach (var port in List(service, "ports").Where(port => !port.StartsWith("127.0.0.1:", StringComparison.Ordinal)))
            yield return $"it publishes {port} beyond the loopback interface";
        foreach (var fault in RunFaults(service).Concat(VolumeFaults(name, service)).Concat(SecretFaults(service)).Concat(IpfsFaults(name, service)))
            yield return fault;
    }

    private static IEnumerable<string> RunFaults(IDictionary<object, object?> service)
    {
        var health = Map(service, "healthcheck");
        var once = Text(service, "restart") == "no";
        if (!once && Text(service, "restart") != "unless-stopped")
            yield return "it is not started again after a failure";
        if (once != (Text(health, "disable") == "true"))
            yield return "what runs on needs a health check, and what runs once has none";
        if (!once && (List(health, "test").Count < 2 || Text(health, "interval").Length == 0 || Text(health, "timeout").Length == 0))
            yield return "its health check is not complete";
    }

    private IEnumerable<string> VolumeFaults(string name, IDictionary<object, object?> service)
    {
        var declared = Map(root, "volumes").Keys.Cast<string>().ToHashSet();
        foreach (var mount in List(service, "volumes").Select(volume => volume.Split(':')))
        {
            if (!declared.Contains(mount[0]))
                yield return $"'{mount[0]}' is no volume of this file, but something of the machine";
            if (mount[1].StartsWith("/etc/", StringComparison.Ordinal) && mount.ElementAtOrDefault(2) != "ro")
                yield return $"it can write its own settings in {mount[1]}";
            // node.north.example sees north-*, orderer1.orderer.example orderer1*: nothing of anybody else.
            var owner = OwnerOf(name);
            // Nothing secret is in these.
            var isPublic = (name, mount[0]) is ("build-digest", "chaincode-build")
                || (name == "founding" && mount[0].EndsWith("-entry", StringComparison.Ordinal));
            if (owner is not null && mount[0] != owner && !mount[0].StartsWith(owner + "-", StringComparison.Ordinal))
                yield return $"it sees {mount[0]}, which belongs to somebody else";
            if (owner is null && !MakesKeys.Contains(name) && !isPublic && !mount[0].StartsWith("north-", StringComparison.Ordinal))
                yield return $"it sees {mount[0]}";
            if (mount[0] == "network" && !MakesKeys.Contains(name))
                yield return "it sees every member's keys";
        }
    }

    private static IEnumerable<string> SecretFaults(IDictionary<object, object?> service)
    {
        foreach (var (key, value) in Map(service, "environment").Concat(Map(Map(service, "build"), "args")))
        {
            var text = value as string ?? "";
            if (SecretName().IsMatch((string)key) && !text.StartsWith('/'))
                yield return $"{key} holds a secret; it should name a file";
            if (SecretValue().IsMatch(text))
                yield return $"the value of {key} looks like a key";
        }
    }

    private static string? OwnerOf(string name) =>
        name.Split('.') is [var node, var organization, ..] ? organization == "orderer" ? node : organization : null;

    private static string Text(IDictionary<object, object?> map, string key) => map.TryGetValue(key, out var value) ? value as string ?? "" : "";

    private static IDictionary<object, object?> Map(IDictionary<object, object?> map, string key) =>
        map.TryGetValue(key, out var value) && value is IDictionary<object, object?> inner ? inner : new Dictionary<object, object?>();

    private static List<string> List(IDictionary<object, object?> map, string key) =>
        map.TryGetValue(key, out var value) && value is IEnumerable<object?> items ? [.. items.Select(item => item as string ?? "")] : [];

    [GeneratedRegex(@"\$\{[A-Z_]+:-(?<default>[^}]*)\}", RegexOptions.ExplicitCapture)]
    private static partial Regex Variable();

    [GeneratedRegex(@"^[a-z0-9./-]+:v?[0-9]+(\.[0-9]+){2,}[a-z0-9.-]*(@sha256:[0-9a-f]{64})?$", RegexOptions.ExplicitCapture)]
    private static partial Regex PinnedImage();

    [GeneratedRegex("^[1-9][0-9]{2,}:[1-9][0-9]{2,}$")]
    private static partial Regex User();

    [GeneratedRegex("PASSW|SECRET|SWARM_KEY|TOKEN|CREDENTIAL|PRIVATE_?KEY|APIKEY|KEY_?FILE|MASTERKEY", RegexOptions.IgnoreCase)]
    private static partial Regex SecretName();

    [GeneratedRegex("-----BEGIN|[0-9A-Fa-f]{32,}|[0-9A-Za-z+_-]{40,}={0,2}$")]
    private static partial Regex SecretValue();
}
