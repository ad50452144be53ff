using System.Net;
using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Policies;

namespace HealthShare.DevLedger;

/// <summary>What a <see cref="DevLedgerHost"/> is to be: one channel, its organizations and its chaincodes.</summary>
public sealed record DevLedgerOptions
{
    /// <summary>Folder for keys, blocks and private values; made if absent. Required. One process at a time.</summary>
    public required string StateDirectory { get; init; }

    /// <summary>Where to write the connection file. Default: <c>connection.json</c> in the state directory.</summary>
    public string? ConnectionFile { get; init; }

    /// <summary>Name of the channel: lower-case letters, digits, dots and dashes, at most 249, beginning with a letter.</summary>
    public required string Channel { get; init; }

    /// <summary>Members of the channel, at least one. Fixed once the channel exists.</summary>
    public required IReadOnlyList<OrganizationOptions> Organizations { get; init; }

    /// <summary>Chaincodes to define. A change of version or policy at a later start raises the definition's sequence.</summary>
    public IReadOnlyList<ChaincodeOptions> Chaincodes { get; init; } = [];

    /// <summary>When blocks are cut. Written into the channel's configuration when it is made.</summary>
    public BatchOptions Batch { get; init; } = new();

    /// <summary>MSP id of the organization that orders. Default <c>OrdererMSP</c>.</summary>
    public string OrdererMspId { get; init; } = "OrdererMSP";

    /// <summary>Domain of the organization that orders. Default <c>orderer.example</c>.</summary>
    public string OrdererDomain { get; init; } = "orderer.example";

    /// <summary>Longest that a chaincode may take for one transaction, 100 ms to 5 minutes. Default 30 seconds, as a peer's.</summary>
    public TimeSpan ExecuteTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Checks every setting.</summary>
    /// <exception cref="ArgumentException">Something is wrong; the message names all of it.</exception>
    public void Validate() => Validate([]);

    /// <param name="joined">Organizations that joined the channel later, which policies may name as well.</param>
    internal void Validate(IReadOnlyList<OrganizationOptions> joined)
    {
        var problems = Problems([.. Organizations, .. joined]).ToList();
        if (problems.Count > 0)
            throw new ArgumentException(string.Join(" ", problems));
    }

    private IEnumerable<string> Problems(IReadOnlyList<OrganizationOptions> members)
    {
        if (string.IsNullOrWhiteSpace(StateDirectory))
            yield return "StateDirectory is empty.";
        if (Channel is not { Length: > 0 and <= 249 } || !char.IsAsciiLetterLower(Channel[0])
            || !Channel.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '-'))
            yield return $"Channel '{Channel}' is no name for a channel: lower-case letters, digits, dots and dashes.";
        if (Organizations.Count == 0)
            yield return "Organizations is empty; a channel needs at least one.";
        foreach (var twice in Organizations.Select(o => o.MspId).Append(OrdererMspId).GroupBy(id => id).Where(g => g.Count() > 1))
            yield return $"MSP id '{twice.Key}' is used {twice.Count()} times.";
        foreach (var twice in Organizations.Select(o => o.Domain).Append(OrdererDomain).GroupBy(d => d).Where(g => g.Count() > 1))
            yield return $"Domain '{twice.Key}' is used {twice.Count()} times.";
        foreach (var problem in Organizations.SelectMany(organization => organization.Problems()))
            yield return problem;
        foreach (var problem in OrganizationOptions.ProblemsOf(OrdererMspId, OrdererDomain))
            yield return problem;
        foreach (var twice in Chaincodes.GroupBy(c => c.Name).Where(g => g.Count() > 1))
            yield return $"Chaincode '{twice.Key}' is given {twice.Count()} times.";
        foreach (var problem in Chaincodes.SelectMany(chaincode => chaincode.Problems(members)))
            yield return problem;
        if (Chaincodes.Count > 0 && Organizations.All(organization => !organization.Endorses))
            yield return "No organization endorses, so no chaincode could be called.";
        foreach (var problem in Batch.Problems())
            yield return problem;
        if (ExecuteTimeout < TimeSpan.FromMilliseconds(100) || ExecuteTimeout > TimeSpan.FromMinutes(5))
            yield return $"ExecuteTimeout is {ExecuteTimeout}; expected 100 ms to 5 minutes.";
    }
}

/// <summary>A member of the channel: one peer with a gateway.</summary>
public sealed record OrganizationOptions
{
    /// <summary>MSP id, such as <c>NorthMSP</c>: letters, digits, dots and dashes, beginning with a letter or digit.</summary>
    public required string MspId { get; init; }

    /// <summary>Domain of its hosts, such as <c>north.example</c>; its peer is <c>peer0</c> there.</summary>
    public required string Domain { get; init; }

    /// <summary>Whether its peer executes and endorses. Default true; false for one that only reads and submits.</summary>
    public bool Endorses { get; init; } = true;

    /// <summary>
    /// Where its gateway listens, with TLS. Default loopback and a port that the system chooses, and that is used again at later
    /// starts where it is free.
    /// </summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, 0);

    internal IEnumerable<string> Problems() => ProblemsOf(MspId, Domain);

    internal static IEnumerable<string> ProblemsOf(string mspId, string domain)
    {
        if (mspId is not { Length: > 0 and <= 100 } || !char.IsAsciiLetterOrDigit(mspId[0]) || !mspId.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-'))
            yield return $"'{mspId}' is no MSP id: letters, digits, dots and dashes, at most 100, not beginning with a dot or dash.";
        if (Uri.CheckHostName(domain) is not UriHostNameType.Dns)
            yield return $"'{domain}' is no domain for {mspId}.";
    }
}

/// <summary>Where a chaincode runs as a service.</summary>
/// <param name="Address">Address of its gRPC server, <c>http://host:port</c>, or <c>https</c> with <see cref="Transport"/>.</param>
/// <param name="PackageId">
/// Package id under which it must register, <c>label:hash</c>; null (the default) takes whichever it registers.
/// </param>
public sealed record ChaincodeService(Uri Address, string? PackageId = null)
{
    /// <summary>Roots, client certificate and other settings of the connection. Default: no certificates, 10 seconds to dial.</summary>
    public GrpcChannelOptions Transport { get; init; } = new();
}

/// <summary>A chaincode of the channel.</summary>
public sealed record ChaincodeOptions
{
    /// <summary>Name by which it is called: letters, digits, dashes and underscores.</summary>
    public required string Name { get; init; }

    /// <summary>Version in its definition. Default <c>1.0</c>.</summary>
    public string Version { get; init; } = "1.0";

    /// <summary>
    /// Who must endorse, such as <c>OutOf(2, 'NorthMSP.peer', 'SouthMSP.peer', 'EastMSP.peer')</c>. Null (the default): as the
    /// channel has it defined already, else more than half of the organizations that endorse.
    /// </summary>
    public string? EndorsementPolicy { get; init; }

    /// <summary>
    /// Its private data collections. Null (the default): as the channel has them defined already, else none. Those that are
    /// defined already must be among them, with the same number of blocks to live.
    /// </summary>
    public IReadOnlyList<CollectionOptions>? Collections { get; init; }

    /// <summary>The service that every endorsing organization calls, each on a stream of its own.</summary>
    public required ChaincodeService Service { get; init; }

    /// <summary>Organizations, by MSP id, that run a service of their own instead of <see cref="Service"/>.</summary>
    public IReadOnlyDictionary<string, ChaincodeService> OwnServices { get; init; } =
        new Dictionary<string, ChaincodeService>();

    internal ChaincodeService ServiceOf(string mspId) => OwnServices.GetValueOrDefault(mspId, Service);

    internal IEnumerable<string> Problems(IReadOnlyList<OrganizationOptions> organizations)
    {
        if (Name is not { Length: > 0 and <= 100 } || !char.IsAsciiLetterOrDigit(Name[0])
            || !Name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
            yield return $"'{Name}' is no name for a chaincode: letters, digits, dashes and underscores.";
        else if (Name is "qscc" or "cscc" or "lscc")
            yield return $"'{Name}' is the name of a system chaincode.";
        if (string.IsNullOrWhiteSpace(Version))
            yield return $"Chaincode '{Name}' has no version.";
        foreach (var service in OwnServices.Values.Append(Service))
        {
            if (!service.Address.IsAbsoluteUri || service.Address.Scheme is not ("http" or "https") || service.Address.PathAndQuery != "/")
                yield return $"Chaincode '{Name}' is at '{service.Address}'; expected an address such as http://127.0.0.1:7052.";
            if (service.PackageId is not null && string.IsNullOrWhiteSpace(service.PackageId))
                yield return $"Chaincode '{Name}' has a service with an empty package id.";
        }
        foreach (var stranger in OwnServices.Keys.Except(organizations.Select(organization => organization.MspId)))
            yield return $"Chaincode '{Name}' has a service for '{stranger}', which is not of the channel.";
        if (EndorsementPolicy is { } policy && PolicyProblem(policy, organizations) is { } problem)
            yield return $"The endorsement policy of '{Name}' is not usable: {problem}";
        foreach (var twice in (Collections ?? []).GroupBy(collection => collection.Name).Where(group => group.Count() > 1))
            yield return $"Chaincode '{Name}': collection-name: {twice.Key} -- found duplicate in collection configuration.";
        foreach (var fault in (Collections ?? []).SelectMany(collection => collection.Problems(organizations)))
            yield return $"Chaincode '{Name}': {fault}.";
    }

    private static string? PolicyProblem(string policy, IReadOnlyList<OrganizationOptions> organizations)
    {
        try
        {
            var strangers = SignaturePolicyParser.Parse(policy).Identities
                .Select(identity => MSPRole.Parser.ParseFrom(identity.Principal).MspIdentifier)
                .Except(organizations.Select(organization => organization.MspId)).ToList();
            return strangers.Count > 0 ? $"it names {string.Join(", ", strangers)}, not of the channel." : null;
        }
        catch (FabricDataException e)
        {
            return e.Message;
        }
    }
}
