using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using HealthShare.Fabric.Protocol.Grpc;

namespace HealthShare.DevLedger.CommandLine;

/// <summary>Options of the ledger that serves, and what they make together.</summary>
internal sealed class ServeOptions
{
    private const int HighestPort = 65535;
    private static readonly BatchOptions StandardBatch = new();

    private readonly Option<string[]> organizations = new("--orgs")
    {
        HelpName = "A,B", Required = true,
        Description = "Members of the channel, each with one peer: A becomes MSP id AMSP and domain a.example. "
            + "Names that end in MSP are taken as they are.",
    };
    private readonly Option<DirectoryInfo> state = StateOption();
    private readonly Option<FileInfo?> connection = new("--connection")
    {
        HelpName = "FILE", Description = "Where to write the connection file. [default: connection.json in the state folder]",
    };
    private readonly Option<string> channel = new("--channel")
    {
        Description = "Name of the channel.", DefaultValueFactory = _ => "mychannel",
    };
    private readonly Option<string[]> chaincodes = NamedValues.Option(
        "--chaincode", "NAME=HOST:PORT", "A chaincode and where its service listens. May be given several times.");
    private readonly Option<string[]> packageIds = NamedValues.Option(
        "--package-id", "NAME=ID", "The only package id that the chaincode's service may register with. [default: any]");
    private readonly Option<string[]> policies = NamedValues.Option(
        "--policy", "NAME=POLICY",
        "Who must endorse, such as OutOf(2,'AMSP.peer','BMSP.peer','CMSP.peer'). [default: more than half of those that endorse]");
    private readonly Option<string[]> collections = NamedValues.Option(
        "--collections", "NAME=FILE",
        "The chaincode's private data collections, in the JSON form of a peer's --collections-config. [default: as defined already, else none]");
    private readonly Option<string[]> roots = NamedValues.Option(
        "--chaincode-root", "NAME=FILE", "PEM file of the roots of the service's certificate: it is dialled with TLS.");
    private readonly Option<string[]> certificates = NamedValues.Option(
        "--chaincode-cert", "NAME=FILE", "PEM file of the certificate to show to the service (mutual TLS), followed by intermediates if any.");
    private readonly Option<string[]> keys = NamedValues.Option(
        "--chaincode-key", "NAME=FILE", "PEM file of that certificate's private key.");
    private readonly Option<string[]> nonEndorsing = new("--non-endorsing")
    {
        HelpName = "C", DefaultValueFactory = _ => [],
        Description = "Members whose peers read and submit but do not run chaincode.",
    };
    private readonly Option<int> portBase = new("--port-base")
    {
        HelpName = "PORT", Description = "Port of the first member's gateway; the others follow. [default: the last ones where they are free, else the system chooses]",
    };
    private readonly Option<string[]> ports = NamedValues.Option("--port", "ORG=PORT", "Port of one member's gateway.");
    private readonly Option<int> batchTimeout = new("--batch-timeout")
    {
        HelpName = "MS",
        Description = "Longest that a transaction waits for others of its block, in milliseconds, up to 10000. "
            + "0: a block is cut as soon as the one before it is on the disk.",
        DefaultValueFactory = _ => (int)StandardBatch.Timeout.TotalMilliseconds,
    };
    private readonly Option<int> maxMessages = new("--max-messages")
    {
        HelpName = "N", Description = "Most transactions in a block, 1 to 10000.",
        DefaultValueFactory = _ => StandardBatch.MaxMessageCount,
    };

    public IEnumerable<Option> All =>
    [
        organizations, state, chaincodes, policies, collections, packageIds, roots, certificates, keys, nonEndorsing, channel, connection,
        portBase, ports, batchTimeout, maxMessages,
    ];

    /// <summary>The option that all commands share.</summary>
    public static Option<DirectoryInfo> StateOption() => new("--state")
    {
        HelpName = "DIR", Description = "The ledger's folder for keys, certificates and blocks; made by the first start.",
        DefaultValueFactory = _ => new DirectoryInfo(".devledger"),
    };

    /// <summary>What the ledger is to be.</summary>
    /// <exception cref="ArgumentException">The options contradict each other or cannot be read.</exception>
    public DevLedgerOptions Read(ParseResult parsed)
    {
        var members = Names(parsed, organizations);
        var silent = Names(parsed, nonEndorsing).Select(OrganizationNames.MspId).ToHashSet(StringComparer.Ordinal);
        var ownPorts = NamedValues.Read(parsed, ports)
            .ToDictionary(port => OrganizationNames.MspId(port.Name), port => port.Value, StringComparer.Ordinal);
        var mspIds = members.Select(OrganizationNames.MspId).ToList();
        foreach (var stranger in silent.Concat(ownPorts.Keys).Except(mspIds))
            throw new ArgumentException($"'{stranger}' is not among --orgs.");
        return new DevLedgerOptions
        {
            StateDirectory = parsed.GetValue(state)!.FullName,
            ConnectionFile = parsed.GetValue(connection)?.FullName,
            Channel = parsed.GetValue(channel)!,
            Organizations =
            [
                .. members.Select((name, i) => new OrganizationOptions
                {
                    MspId = mspIds[i],
                    Domain = OrganizationNames.Domain(name),
                    Endorses = !silent.Contains(mspIds[i]),
                    Listen = new IPEndPoint(IPAddress.Loopback, Port(parsed, i, ownPorts.GetValueOrDefault(mspIds[i]))),
                }),
            ],
            Chaincodes = Chaincodes(parsed),
            Batch = new BatchOptions
            {
                Timeout = TimeSpan.FromMilliseconds(parsed.GetValue(batchTimeout)),
                MaxMessageCount = parsed.GetValue(maxMessages),
            },
        };
    }

    private int Port(ParseResult parsed, int position, string? own)
    {
        var first = parsed.GetValue(portBase);
        var port = own is null ? (first == 0 ? 0 : first + position)
            : int.TryParse(own, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;
        return port is >= 0 and <= HighestPort
            ? port
            : throw new ArgumentException($"'{own ?? $"{port}"}' is no port: 1 to {HighestPort}, or 0 for one that the system chooses.");
    }

    private IReadOnlyList<ChaincodeOptions> Chaincodes(ParseResult parsed)
    {
        var addresses = NamedValues.Read(parsed, chaincodes);
        var (ids, rules, files) = (Settings(packageIds), Settings(policies), Settings(collections));
        var (root, certificate, key) = (Settings(roots), Settings(certificates), Settings(keys));
        return [.. addresses.Select(chaincode =>
        {
            var transport = Transport(chaincode.Name, root.Of(chaincode.Name), certificate.Of(chaincode.Name), key.Of(chaincode.Name));
            return new ChaincodeOptions
            {
                Name = chaincode.Name,
                EndorsementPolicy = rules.Of(chaincode.Name),
                Collections = files.Of(chaincode.Name) is { } file ? CollectionOptions.ReadFile(file) : null,
                Service = new ChaincodeService(
                    Address(chaincode.Name, chaincode.Value, transport is not null), ids.Of(chaincode.Name))
                {
                    Transport = transport ?? new GrpcChannelOptions(),
                },
            };
        })];

        IReadOnlyList<(string Name, string Value)> Settings(Option<string[]> option)
        {
            var settings = NamedValues.Read(parsed, option);
            return settings.FirstOrDefault(setting => addresses.Of(setting.Name) is null) is { Name: not null } stranger
                ? throw new ArgumentException($"{option.Name} is given for '{stranger.Name}', which no --chaincode names.")
                : settings;
        }
    }

    private static Uri Address(string chaincode, string address, bool tls) =>
        Uri.TryCreate($"{(tls ? "https" : "http")}://{address}", UriKind.Absolute, out var uri)
            && uri is { PathAndQuery: "/", IsDefaultPort: false }
            ? uri
            : throw new ArgumentException($"--chaincode {chaincode}={address}: expected HOST:PORT, such as 127.0.0.1:9999.");

    private static GrpcChannelOptions? Transport(string chaincode, string? root, string? certificate, string? key)
    {
        if (root is null)
            return certificate is null && key is null ? null
                : throw new ArgumentException($"A certificate for '{chaincode}' needs --chaincode-root as well.");
        if (certificate is null != key is null)
            throw new ArgumentException($"--chaincode-cert and --chaincode-key for '{chaincode}' go together.");
        var (trusted, chain) = (new X509Certificate2Collection(), new X509Certificate2Collection());
        try
        {
            trusted.ImportFromPemFile(root);
            if (certificate is not null)
                chain.ImportFromPemFile(certificate);
            return new GrpcChannelOptions
            {
                TrustedRoots = trusted,
                ClientCertificate = certificate is null ? null : X509Certificate2.CreateFromPemFile(certificate, key),
                ClientIntermediates = [.. chain.Skip(1)],
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException)
        {
            throw new ArgumentException($"The TLS files for '{chaincode}' cannot be used: {e.Message}", e);
        }
    }

    private static List<string> Names(ParseResult parsed, Option<string[]> option) =>
        [.. parsed.GetValue(option)!.SelectMany(text => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];
}
