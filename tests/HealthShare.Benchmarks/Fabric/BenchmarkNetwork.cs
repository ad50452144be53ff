using System.Text;
using System.Text.Json;
using HealthShare.Chaincode;
using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Connection;
using HealthShare.Vault.Sealing;

namespace HealthShare.Benchmarks.Fabric;

/// <summary>The real network that the command line names.</summary>
internal static class BenchmarkNetwork
{
    /// <summary>Reads the connection file.</summary>
    /// <exception cref="MissingPieceException">None is named, or it cannot be read.</exception>
    public static (string File, ConnectionProfile Profile) Of(BenchmarkSettings settings)
    {
        if (settings.ConnectionFile is not { } file)
            throw new MissingPieceException("needs a real Fabric network: name its connection file with --connection; network/fabric/up makes one.");
        try
        {
            return (file, ConnectionFile.Read(file));
        }
        catch (Exception e) when (e is ConnectionProfileException or FabricDataException or IOException)
        {
            throw new MissingPieceException($"--connection: {e.Message}");
        }
    }

    /// <summary>Puts the key that queries read, which also shows that the chaincode is there.</summary>
    /// <exception cref="MissingPieceException">No network, or no such chaincode on it.</exception>
    public static async Task RequireAsync(ConnectionProfile profile, string chaincode, string what, CancellationToken ct)
    {
        var member = profile.Organization();
        await using var client = GatewayClient.Connect(profile, member.MspId, UserOf(member).Name);
        try
        {
            await client.SubmitAsync(new(chaincode, "put", [Encoding.UTF8.GetBytes(Load.QueriedKey), "value"u8.ToArray()]), ct);
        }
        catch (LedgerException e)
        {
            throw new MissingPieceException(
                $"needs {what} on channel '{profile.Channel}' under the name '{chaincode}' "
                + $"(network/fabric/deploy --name {chaincode} --command …): {e.Code}: {e.Message}");
        }
    }

    /// <summary>Founds the channel where nobody has: one that nobody has initialized is taken for one made for measuring.</summary>
    /// <param name="client">A client of the channel.</param>
    /// <param name="profile">Its members; the first three become hospitals, others regulators.</param>
    /// <param name="own">The entry of a member whose node takes part; null where keys are for nobody.</param>
    /// <param name="ct">Stops the wait.</param>
    /// <returns>False where somebody has founded it before.</returns>
    /// <exception cref="MissingPieceException">The chaincode of HealthShare is not on it.</exception>
    public static async Task<bool> RequireFoundedAsync(GatewayClient client, ConnectionProfile profile, OrganizationEntry? own, CancellationToken ct)
    {
        try
        {
            var answer = await client.EvaluateAsync(new(ContractCatalog.ChaincodeName, LedgerTransactions.ListOrganizations), ct);
            if (JsonSerializer.Deserialize(answer.Span, LedgerJson.Default.Network)!.Organizations.Count > 0)
                return false;
            var founders = profile.Organizations.Select((organization, index) => own?.MspId == organization.MspId ? own : Entry(organization, index < 3));
            await client.SubmitAsync(new(ContractCatalog.ChaincodeName, LedgerTransactions.InitNetwork,
                JsonSerializer.Serialize(new InitNetwork([.. founders]), LedgerJson.Default.InitNetwork)), ct);
            return true;
        }
        catch (LedgerException e) when (e.Code is LedgerCodes.NotReady or LedgerCodes.Unavailable)
        {
            throw new MissingPieceException(
                $"needs the chaincode '{ContractCatalog.ChaincodeName}' on channel '{profile.Channel}' (network/fabric/deploy): {e.Message}");
        }
    }

    private static OrganizationEntry Entry(OrganizationConnection organization, bool isHospital)
    {
        using var key = SealingKeyPair.Create();
        return new OrganizationEntry(organization.MspId, organization.Domain, isHospital ? OrganizationKind.Hospital : OrganizationKind.Regulator,
            new SealingKey(key.Public.KeyId, key.Public.ToString()));
    }

    /// <summary>An ordinary client identity of the member, where it has several.</summary>
    public static UserConnection UserOf(OrganizationConnection member) =>
        member.Users.FirstOrDefault(user => user.Name == "User1") ?? member.User();
}
