using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace HealthShare.DevLedger.CommandLine;

/// <summary>What a ledger says of itself once it listens.</summary>
internal sealed record ReadyReport(
    string Channel, string Connection, ulong Height, ImmutableArray<GatewayReport> Gateways, ImmutableArray<ChaincodeReport> Chaincodes)
{
    public static ReadyReport Of(DevLedgerHost host, DevLedgerOptions options) => new(
        options.Channel,
        host.ConnectionFile,
        host.Height,
        GatewayReport.Of(host),
        [.. options.Chaincodes.Select(chaincode => new ChaincodeReport(
            chaincode.Name, chaincode.Service.Address.Authority, chaincode.Service.PackageId))]);

    public string ToJson() => JsonSerializer.Serialize(this, ReadyReportJson.Default.ReadyReport);

    public string ToText()
    {
        var text = new StringBuilder().Append("Channel ").Append(Channel).Append(" is ready.\n  connection file  ").Append(Connection);
        foreach (var gateway in Gateways)
            text.Append("\n  gateway          ").Append(gateway.Endpoint).Append("  ").Append(gateway.MspId);
        foreach (var chaincode in Chaincodes)
        {
            var id = chaincode.PackageId ?? $"{chaincode.Name}:dev";
            text.Append("\nChaincode ").Append(chaincode.Name).Append(" is dialled at ").Append(chaincode.Address)
                .Append(chaincode.PackageId is null ? " with whatever package id it registers, for example:" : " with this package id only:")
                .Append("\n  Node  fabric-chaincode-node server --chaincode-address ").Append(chaincode.Address)
                .Append(" --chaincode-id ").Append(id)
                .Append("\n  Go    CHAINCODE_SERVER_ADDRESS=").Append(chaincode.Address).Append(" CHAINCODE_ID=").Append(id)
                .Append("\n  Java  CHAINCODE_SERVER_ADDRESS=").Append(chaincode.Address).Append(" CORE_CHAINCODE_ID_NAME=").Append(id);
        }
        return text.ToString();
    }
}

/// <summary>Where a member's gateway listens.</summary>
internal sealed record GatewayReport(string MspId, string Endpoint)
{
    /// <summary>All gateways of a ledger, by MSP id.</summary>
    public static ImmutableArray<GatewayReport> Of(DevLedgerHost host) =>
    [
        .. host.Gateways.OrderBy(gateway => gateway.Key, StringComparer.Ordinal)
            .Select(gateway => new GatewayReport(gateway.Key, gateway.Value.ToString())),
    ];
}

/// <summary>Where a chaincode is dialled, and the package id that it must register, if any one.</summary>
internal sealed record ChaincodeReport(string Name, string Address, string? PackageId);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ReadyReport))]
internal sealed partial class ReadyReportJson : JsonSerializerContext;
