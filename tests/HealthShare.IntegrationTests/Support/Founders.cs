using System.Text.Json;
using HealthShare.Chaincode;
using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Client;
using HealthShare.Vault.Sealing;

namespace HealthShare.IntegrationTests.Support;

/// <summary>The first members of a network whose only node is North's.</summary>
internal static class Founders
{
    /// <summary>Founds the network with the first three members of a channel; only North's key is one that somebody has.</summary>
    public static async Task FoundAsync(ChannelUnderTest channel, SealingKey north)
    {
        var founders = channel.Profile.Organizations.Take(3).Select(organization =>
        {
            using var other = SealingKeyPair.Create();
            var key = organization.MspId == "NorthMSP" ? north : new SealingKey(other.Public.KeyId, other.Public.ToString());
            return new OrganizationEntry(organization.MspId, organization.MspId, OrganizationKind.Hospital, key);
        });
        await channel.As("NorthMSP").SubmitAsync(new TransactionRequest(ContractCatalog.ChaincodeName, LedgerTransactions.InitNetwork,
            JsonSerializer.Serialize(new InitNetwork([.. founders]), LedgerJson.Default.InitNetwork)), CancellationToken.None);
    }
}
