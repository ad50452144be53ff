using System.Text;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Connection;

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

    /// <summary>An ordinary client identity of the member, where it has several.</summary>
    public static UserConnection UserOf(OrganizationConnection member) =>
        member.Users.FirstOrDefault(user => user.Name == "User1") ?? member.User();
}
