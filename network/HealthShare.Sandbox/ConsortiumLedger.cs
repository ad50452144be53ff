using System.Net;
using HealthShare.Chaincode;
using HealthShare.Chaincode.Host;
using HealthShare.Chaincode.Shim;
using HealthShare.Chaincode.Shim.Server;
using HealthShare.DevLedger;
using Microsoft.Extensions.Logging;

namespace HealthShare.Sandbox;

/// <summary>The sandbox's channel and the chaincode service that it drives.</summary>
internal sealed class ConsortiumLedger : IAsyncDisposable
{
    public const string Channel = "health";

    // Nothing is packaged for a channel in one process; the id only has to be the same on both sides.
    private const string PackageId = "healthshare_sandbox:0000000000000000000000000000000000000000000000000000000000000000";

    private readonly ChaincodeServer chaincode;

    private ConsortiumLedger(DevLedgerHost host, ChaincodeServer chaincode) => (Host, this.chaincode) = (host, chaincode);

    public DevLedgerHost Host { get; }

    /// <summary>More than half of the hospitals.</summary>
    public static string EndorsementPolicy
    {
        get
        {
            var hospitals = SandboxMember.All.Where(member => member.IsHospital).Select(member => $"'{member.MspId}.peer'").ToList();
            return $"OutOf({(hospitals.Count / 2) + 1}, {string.Join(", ", hospitals)})";
        }
    }

    /// <summary>Starts both, on an earlier state if there is one.</summary>
    /// <param name="state">Folder for keys, blocks and the connection file.</param>
    /// <param name="ports">Where to listen; null lets the system choose.</param>
    /// <param name="loggers">Where logs go.</param>
    /// <param name="ct">Gives the start up.</param>
    /// <param name="other">A chaincode to run in the place of the one agreed on; null for that one.</param>
    public static async Task<ConsortiumLedger> StartAsync(
        DirectoryInfo state, SandboxPorts? ports, ILoggerFactory loggers, CancellationToken ct, IChaincode? other = null)
    {
        var options = new ChaincodeServerOptions { Address = $"127.0.0.1:{ports?.Chaincode ?? 0}", PackageId = PackageId };
        var chaincode = other is null ? ChaincodeHost.Create(options, loggers) : new ChaincodeServer(other, options, loggers);
        try
        {
            await chaincode.StartAsync(ct);
            var host = await DevLedgerHost.StartAsync(
                new DevLedgerOptions
                {
                    StateDirectory = state.FullName,
                    Channel = Channel,
                    Organizations =
                    [
                        .. SandboxMember.All.Select(member => new OrganizationOptions
                        {
                            MspId = member.MspId,
                            Domain = member.Domain,
                            Endorses = member.IsHospital,
                            Listen = new IPEndPoint(IPAddress.Loopback, ports?.Ledger(member.Number) ?? 0),
                        }),
                    ],
                    Chaincodes =
                    [
                        new ChaincodeOptions
                        {
                            Name = ContractCatalog.ChaincodeName,
                            EndorsementPolicy = EndorsementPolicy,
                            Service = new ChaincodeService(new Uri($"http://{chaincode.Endpoint}"), PackageId),
                        },
                    ],
                },
                loggers, ct: ct);
            return new ConsortiumLedger(host, chaincode);
        }
        catch
        {
            await chaincode.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        await chaincode.DisposeAsync();
    }
}
