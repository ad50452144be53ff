using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace HealthShare.Fabric.Protocol.Connection;

/// <summary>Reads and writes connection files.</summary>
public static class ConnectionFile
{
    private const int LongestFile = 4 * 1024 * 1024;

    /// <summary>Reads a file. Relative paths in it are taken from the file's own folder; they come back absolute.</summary>
    /// <exception cref="ConnectionProfileException">The file is absent, no JSON, or a field is missing or malformed.</exception>
    public static ConnectionProfile Read(string file)
    {
        var full = Path.GetFullPath(file);
        try
        {
            if (new FileInfo(full).Length > LongestFile)
                throw new ConnectionProfileException("", $"is longer than {LongestFile} bytes", file);
            var profile = JsonSerializer.Deserialize(File.ReadAllBytes(full), ConnectionJson.Default.ConnectionProfile)
                ?? throw new ConnectionProfileException("", "holds null", file);
            return new Checker(file, Path.GetDirectoryName(full)!).Check(profile);
        }
        catch (JsonException e)
        {
            throw new ConnectionProfileException(
                e.Path?.TrimStart('$', '.') ?? "", $"is not the JSON expected (line {e.LineNumber + 1})", file, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConnectionProfileException("", "cannot be read", file, e);
        }
    }

    /// <summary>Writes a file, replacing one that is there only when the new one is complete.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string file, ConnectionProfile profile)
    {
        var incomplete = file + ".new";
        File.WriteAllBytes(incomplete, JsonSerializer.SerializeToUtf8Bytes(profile, ConnectionJson.Default.ConnectionProfile));
        File.Move(incomplete, file, overwrite: true);
    }

    /// <summary>Checks what the serializer lets through, and makes paths absolute.</summary>
    private sealed class Checker(string file, string folder)
    {
        public ConnectionProfile Check(ConnectionProfile profile) => new(
            Text("channel", profile.Channel),
            Each("orderers", profile.Orderers, required: false, Orderer),
            Each("organizations", profile.Organizations, required: true, Organization));

        private OrdererConnection Orderer(string at, OrdererConnection orderer) => orderer with
        {
            Name = Text($"{at}.name", orderer.Name),
            MspId = Text($"{at}.mspId", orderer.MspId),
            Endpoint = Endpoint($"{at}.endpoint", orderer.Endpoint),
            TlsCaCert = OptionalPath(orderer.TlsCaCert),
            AdminClientCert = OptionalPath(orderer.AdminClientCert),
            AdminClientKey = OptionalPath(orderer.AdminClientKey),
        };

        private OrganizationConnection Organization(string at, OrganizationConnection organization) => organization with
        {
            MspId = Text($"{at}.mspId", organization.MspId),
            Domain = organization.Domain ?? "",
            Peers = Each($"{at}.peers", organization.Peers, required: false, (peerAt, peer) => peer with
            {
                Name = Text($"{peerAt}.name", peer.Name),
                Endpoint = Endpoint($"{peerAt}.endpoint", peer.Endpoint),
                TlsCaCert = OptionalPath(peer.TlsCaCert),
            }),
            CaCert = OptionalPath(organization.CaCert),
            CaKey = OptionalPath(organization.CaKey),
            TlsClientCert = OptionalPath(organization.TlsClientCert),
            TlsClientKey = OptionalPath(organization.TlsClientKey),
            Users = Each($"{at}.users", organization.Users, required: false, (userAt, user) => new UserConnection(
                Text($"{userAt}.name", user.Name),
                Absolute(Text($"{userAt}.cert", user.Cert)),
                Absolute(Text($"{userAt}.key", user.Key)),
                OptionalPath(user.TlsCert),
                OptionalPath(user.TlsKey))),
        };

        private ImmutableArray<T> Each<T>(string at, ImmutableArray<T> entries, bool required, Func<string, T, T> check)
            where T : class
        {
            if (entries.IsDefaultOrEmpty)
                return required ? throw Wrong(at, "is missing or empty") : [];
            return [.. entries.Select((entry, i) => entry is null
                ? throw Wrong($"{at}[{i}]", "is null")
                : check($"{at}[{i}]", entry))];
        }

        private string Text(string at, string? value) =>
            string.IsNullOrWhiteSpace(value) ? throw Wrong(at, "is missing or empty") : value;

        private string Endpoint(string at, string? value)
        {
            var text = Text(at, value);
            var colon = text.LastIndexOf(':');
            return colon > 0 && ushort.TryParse(text.AsSpan(colon + 1), out var port) && port > 0
                && Uri.TryCreate($"http://{text}", UriKind.Absolute, out var uri) && uri.PathAndQuery == "/"
                ? text
                : throw Wrong(at, "is no address of the form host:port");
        }

        private string? OptionalPath(string? path) => string.IsNullOrEmpty(path) ? null : Absolute(path);

        private string Absolute(string path) => Path.GetFullPath(path, folder);

        private ConnectionProfileException Wrong(string at, string reason) => new(at, reason, file);
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, ReadCommentHandling = JsonCommentHandling.Skip)]
[JsonSerializable(typeof(ConnectionProfile))]
internal sealed partial class ConnectionJson : JsonSerializerContext;
