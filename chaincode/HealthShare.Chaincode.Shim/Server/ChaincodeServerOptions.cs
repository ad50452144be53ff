using System.Net;
using System.Text.RegularExpressions;
using HealthShare.Chaincode.Shim.Packaging;
using HealthShare.Fabric.Protocol.Grpc;

namespace HealthShare.Chaincode.Shim.Server;

/// <summary>Settings of a chaincode service.</summary>
public sealed partial record ChaincodeServerOptions
{
    /// <summary>
    /// Where peers dial: <c>host:port</c>, such as <c>0.0.0.0:9999</c>. An empty host listens on every address, port 0 lets the
    /// system choose. Required.
    /// </summary>
    public required string Address { get; init; }

    /// <summary>
    /// Package id under which peers have installed the chaincode: <c>label:hash</c>. A peer that waits for another one gives no
    /// error, only time-outs at its clients. Required.
    /// </summary>
    public required string PackageId { get; init; }

    /// <summary>Certificates; null (the default) listens in plaintext, for a loopback or a network of its own.</summary>
    public GrpcServerTls? Tls { get; init; }

    /// <summary>
    /// Where health is asked for over plain HTTP (<c>GET /healthz</c>): <c>host:port</c>, as for <see cref="Address"/> but another
    /// port. It tells the package id and counts, nothing else. Null (the default) offers none.
    /// </summary>
    public string? HealthAddress { get; init; }

    /// <summary>
    /// Digest of the build that this must be, as <see cref="BuildDigest"/> gives it; <see cref="ChaincodeProgram"/> starts no other.
    /// Null (the default) takes any.
    /// </summary>
    public string? ExpectedBuildDigest { get; init; }

    /// <summary>
    /// Largest message to or from a peer, 64 KiB to 1 GiB, in bytes. Default 104,857,600 (100 MiB), as a peer's own. A larger
    /// one from a peer ends its stream; a larger result or call fails its transaction.
    /// </summary>
    public int MaxMessageSize { get; init; } = 100 * 1024 * 1024;

    /// <summary>
    /// Longest a transaction may run, from 100 milliseconds to 10 minutes. Default 25 seconds: less than the 30 seconds after
    /// which a peer gives up by itself.
    /// </summary>
    public TimeSpan ExecutionTimeout { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary>Most transactions that run at once over all peers, 1 to 10,000. Default 256.</summary>
    public int MaxConcurrentTransactions { get; init; } = 256;

    /// <summary>
    /// Most transactions that wait for their turn, 0 to 100,000; more are answered <c>transaction.overload</c>. The wait counts
    /// towards <see cref="ExecutionTimeout"/>. Default 1,024.
    /// </summary>
    public int MaxWaitingTransactions { get; init; } = 1024;

    /// <summary>Longest wait for running transactions when the service stops, up to 10 minutes. Default 30 seconds.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Checks every setting.</summary>
    /// <exception cref="ArgumentException">A setting is missing or out of range; the message names it.</exception>
    public void Validate()
    {
        ParseAddress(nameof(Address), Address);
        if (HealthAddress is not null)
            ParseAddress(nameof(HealthAddress), HealthAddress);
        if (PackageId is null || !PackageIdPattern.IsMatch(PackageId))
            throw new ArgumentException($"{nameof(PackageId)} '{PackageId}' is not of the form label:hash.");
        if (ExpectedBuildDigest is not null && !BuildDigest.IsDigest(ExpectedBuildDigest))
            throw new ArgumentException($"The expected build digest '{ExpectedBuildDigest}' has not 64 lower-case hexadecimal digits.");
        Check(MaxMessageSize is >= 64 * 1024 and <= 1024 * 1024 * 1024, nameof(MaxMessageSize), MaxMessageSize, "from 64 KiB to 1 GiB");
        Check(ExecutionTimeout >= TimeSpan.FromMilliseconds(100) && ExecutionTimeout <= TimeSpan.FromMinutes(10),
            nameof(ExecutionTimeout), ExecutionTimeout, "from 100 milliseconds to 10 minutes");
        Check(MaxConcurrentTransactions is >= 1 and <= 10_000,
            nameof(MaxConcurrentTransactions), MaxConcurrentTransactions, "from 1 to 10,000");
        Check(MaxWaitingTransactions is >= 0 and <= 100_000,
            nameof(MaxWaitingTransactions), MaxWaitingTransactions, "from 0 to 100,000");
        Check(StopTimeout >= TimeSpan.Zero && StopTimeout <= TimeSpan.FromMinutes(10),
            nameof(StopTimeout), StopTimeout, "from zero to 10 minutes");
    }

    /// <summary>The address to listen on; a host name is looked up.</summary>
    internal Task<IPEndPoint> ResolveAsync(CancellationToken ct) => ResolveAsync(nameof(Address), Address, ct);

    /// <summary>The address for health; null where none is offered.</summary>
    internal async Task<IPEndPoint?> ResolveHealthAsync(CancellationToken ct) =>
        HealthAddress is null ? null : await ResolveAsync(nameof(HealthAddress), HealthAddress, ct);

    private static async Task<IPEndPoint> ResolveAsync(string name, string address, CancellationToken ct)
    {
        var (host, port) = ParseAddress(name, address);
        if (host.Length == 0)
            return new IPEndPoint(IPAddress.Any, port);
        if (IPAddress.TryParse(host, out var ip))
            return new IPEndPoint(ip, port);
        var found = await Dns.GetHostAddressesAsync(host, ct);
        return new IPEndPoint(found[0], port);
    }

    private static (string Host, int Port) ParseAddress(string name, string address)
    {
        var colon = address?.LastIndexOf(':') ?? -1;
        if (colon < 0 || !ushort.TryParse(address.AsSpan(colon + 1), out var port))
            throw new ArgumentException($"{name} '{address}' is not of the form host:port.");
        return (address![..colon].Trim('[', ']'), port);
    }

    private static void Check(bool valid, string name, object value, string range)
    {
        if (!valid)
            throw new ArgumentException($"{name} is {value}; expected {range}.");
    }

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9_.+-]*:[A-Za-z0-9_.+-]+\z")]
    private static partial Regex PackageIdPattern { get; }
}
